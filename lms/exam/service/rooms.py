"""Exam rooms of a plan, and the invigilators who are bound to them."""

from sqlalchemy import delete, insert, select, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, NotFound, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.rooms import ExamRoom, RoomInvigilator
from lms.exam.policy.rooms import more_rooms_reasons, removal_reasons, room_reasons
from lms.exam.queries import rooms as queries
from lms.exam.queries.reach import Reach, reach_of


def make_room(uow: UnitOfWork, actor: Actor, plan_id: str, name: str, place: str, seats: int) -> str:
    """Make a room of a plan's exam; return its id.

    Raises NotFound outside the actor's scope, Invalid with the reasons.
    """
    reach = reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    present = queries.rooms_of(uow, reach)
    require(more_rooms_reasons(len(present)), Refusal)
    require(room_reasons(name, place, seats, others=[room.name for room in present]), Invalid)
    room_id = new_id()
    uow.session.execute(
        insert(ExamRoom).values(
            id=room_id, plan_id=plan_id, name=name.strip(), place=place.strip(), seat_count=seats,
            made_by=_person(actor), made_at=uow.now,
        )
    )  # fmt: skip
    audit.record(uow, actor, "exam_room:create", room_id, plan_id=plan_id, seats=seats)
    return room_id


def change_room(
    uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str, name: str, place: str, seats: int
) -> None:
    """Change what a room is called, where it is, and how many seats it has.

    The seats that are taken follow by the database's own hand, and it refuses fewer than there is somebody on.
    Raises as `make_room` does.
    """
    reach, room = _held(uow, actor, plan_id, room_id)
    taken = [line.seat for line in queries.seat_lines(uow, plan_id, room_id)]
    others = [one.name for one in queries.rooms_of(uow, reach) if one.id != room_id]
    require(room_reasons(name, place, seats, others=others, highest_taken=max(taken, default=0)), Invalid)
    after = {"name": name.strip(), "place": place.strip(), "seat_count": seats}
    before = {"name": room.name, "place": room.place, "seat_count": room.seat_count}
    changed = sorted(key for key in after if after[key] != before[key])
    if not changed:
        return
    uow.session.execute(
        update(ExamRoom)
        .where(ExamRoom.id == room_id)
        .values(**after)
        .execution_options(synchronize_session=False)
    )
    audit.record(uow, actor, "exam_room:edit", room_id, plan_id=plan_id, changed=changed, seats=seats)


def remove_room(uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str) -> None:
    """Remove an empty room; whoever was bound to it reaches again what his role reaches.

    Raises NotFound outside the actor's scope, Refusal while somebody sits in it or a pause of it lasts.
    """
    _reach, room = _held(uow, actor, plan_id, room_id)
    require(removal_reasons(room.name, room.taken, queries.room_paused_until(uow, room_id)), Refusal)
    uow.session.execute(
        update(ExamRoom)
        .where(ExamRoom.id == room_id)
        .values(removed_at=uow.now, removed_by=_person(actor))
        .execution_options(synchronize_session=False)
    )
    uow.session.execute(delete(RoomInvigilator).where(RoomInvigilator.room_id == room_id))
    audit.record(
        uow, actor, "exam_room:remove", room_id, plan_id=plan_id,
        invigilators=[person_id for person_id, _name in room.invigilators],
    )  # fmt: skip


def bind(uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str, person_id: str) -> None:
    """Bind an invigilator to a room: in this plan he then reaches the rooms he is bound to, and nothing else.

    Raises NotFound outside the actor's scope, also for somebody who is no invigilator there.
    """
    reach, room = _held(uow, actor, plan_id, room_id)
    known = queries.invigilators(uow, reach, actor.scope_paths(Role.EXAM_ADMIN))
    if person_id not in {one[0] for one in known}:
        raise NotFound
    if person_id in {one[0] for one in room.invigilators}:
        raise stale()
    uow.session.execute(
        insert(RoomInvigilator).values(
            room_id=room_id, person_id=person_id, bound_by=_person(actor), bound_at=uow.now
        )
    )
    audit.record(uow, actor, "exam_room:bind", room_id, plan_id=plan_id, person_id=person_id)


def unbind(uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str, person_id: str) -> None:
    """Let an invigilator go from a room; with the last of them he reaches again what his role reaches.

    Raises NotFound outside the actor's scope, the refusal `stale` for somebody who is not bound to it.
    """
    _reach, room = _held(uow, actor, plan_id, room_id)
    if person_id not in {one[0] for one in room.invigilators}:
        raise stale()
    uow.session.execute(
        delete(RoomInvigilator).where(
            RoomInvigilator.room_id == room_id, RoomInvigilator.person_id == person_id
        )
    )
    audit.record(uow, actor, "exam_room:unbind", room_id, plan_id=plan_id, person_id=person_id)


def _held(uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str) -> tuple[Reach, queries.RoomLine]:
    """Lock a room of an exam administrator's plan and return it as it is now."""
    reach = reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    uow.session.execute(select(ExamRoom.id).where(ExamRoom.id == room_id).with_for_update())
    return reach, queries.get_room(uow, reach, room_id)


def _person(actor: Actor) -> str:
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id
