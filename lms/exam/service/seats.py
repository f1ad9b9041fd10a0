"""Giving seats: to those who were picked, to all by turns, by a list, and another one in the place of the first.

A seat is left and another taken in one transaction; what stood is kept. Whoever changes seats holds the rooms of the
plan, as whoever pauses a room does, so that an act reaches the people of before or of after.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, NotFound, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.rooms import CandidateNumber, ExamRoom, Seating
from lms.exam.policy.conditions import own_attempt
from lms.exam.policy.rooms import (
    Judged,
    Placed,
    Wish,
    fill,
    has_seat,
    judge,
    not_admitted,
    room_reasons_for,
    seat_reasons,
)
from lms.exam.queries import rooms as queries
from lms.exam.queries.reach import reach_of
from lms.exam.service import conditions
from lms.questions.queries import chunks


def place(uow: UnitOfWork, actor: Actor, plan_id: str, room_id: str, person_ids: Sequence[str]) -> int:
    """Give people without a seat the lowest free seats of a room, in the order of their numbers; return how many.

    Raises NotFound outside the actor's scope, Invalid when somebody is not admitted, has a seat, or the room is full.
    """
    _hold(uow, actor, plan_id)
    room = next((one for one in queries.room_seats(uow, plan_id) if one.id == room_id), None)
    if room is None:
        raise NotFound
    wanted = set(person_ids)
    if not wanted <= {one.person_id for one in queries.candidates(uow, plan_id)}:
        raise Invalid(not_admitted())
    if wanted & queries.seats_now(uow, plan_id).keys():
        raise Invalid(has_seat())
    require(room_reasons_for(room, len(wanted)), Invalid)
    ordered = [one.person_id for one in queries.candidates(uow, plan_id) if one.person_id in wanted]
    placed = fill([room], ordered)
    _seat(uow, actor, plan_id, placed)
    audit.record(uow, actor, "exam_seating:place", plan_id, plan_id=plan_id, room_id=room_id, people=ordered)
    return len(placed)


def fill_rooms(uow: UnitOfWork, actor: Actor, plan_id: str) -> tuple[int, int]:
    """Give everybody without a seat one, room after room; return how many sit now and how many found no seat.

    Who has a seat keeps it. Raises NotFound outside the actor's scope.
    """
    _hold(uow, actor, plan_id)
    waiting = [one.person_id for one in queries.standing(uow, plan_id)]
    placed = fill(queries.room_seats(uow, plan_id), waiting)
    if placed:
        _seat(uow, actor, plan_id, placed)
        audit.record(uow, actor, "exam_seating:fill", plan_id, plan_id=plan_id, people=len(placed))
    return len(placed), len(waiting) - len(placed)


def move(
    uow: UnitOfWork, actor: Actor, plan_id: str, person_id: str, room_id: str, seat: int | None,
    *, goes_on: bool = False,
) -> Placed:  # fmt: skip
    """Give somebody a seat, or another one; without a number the lowest free one of the room.

    Nothing about his time changes: what a pause of his old room gave him he keeps, and he pauses on as it promised.
    `goes_on` lets his time go on at once instead. A pause of the new room that began before does not reach him.
    Raises NotFound outside the actor's scope, Invalid with the reasons, Refusal for one's own seat.
    """
    _hold(uow, actor, plan_id)
    _require_somebody_else(actor, person_id)
    room = next((one for one in queries.room_seats(uow, plan_id) if one.id == room_id), None)
    if room is None or person_id not in {one.person_id for one in queries.candidates(uow, plan_id)}:
        raise NotFound
    before = queries.seats_now(uow, plan_id).get(person_id)
    if before is not None and before.room_id == room_id and seat in (None, before.seat):
        raise stale()
    if seat is None:
        require(room_reasons_for(room, 1), Invalid)
    placed = Placed(person_id, room_id, room.free[0] if seat is None else seat)
    require(seat_reasons(room, placed.seat), Invalid)
    _leave(uow, actor, plan_id, [person_id])
    _seat(uow, actor, plan_id, [placed])
    audit.record(
        uow, actor, "exam_seating:move", plan_id, plan_id=plan_id, person_id=person_id, room_id=room_id,
        seat=placed.seat, from_room=before.room_id if before else "", from_seat=before.seat if before else 0,
    )  # fmt: skip
    paused = queries.paused_attempt(uow, person_id, plan_id) if goes_on else None
    if paused is not None:
        conditions.go_on(uow, actor, paused)
    return placed


def free(uow: UnitOfWork, actor: Actor, plan_id: str, person_id: str) -> None:
    """Take somebody's seat back. Raises as `move` does, `stale` for somebody without a seat."""
    _hold(uow, actor, plan_id)
    _require_somebody_else(actor, person_id)
    before = queries.seats_now(uow, plan_id).get(person_id)
    if before is None:
        raise stale()
    _leave(uow, actor, plan_id, [person_id])
    audit.record(
        uow, actor, "exam_seating:free", plan_id, plan_id=plan_id, person_id=person_id, from_room=before.room_id,
        from_seat=before.seat,
    )  # fmt: skip


def number_everyone(uow: UnitOfWork, actor: Actor, plan_id: str) -> None:
    """Give every candidate of a plan his number, so that a list of seats can name him. Raises NotFound."""
    _hold(uow, actor, plan_id)
    audit.record(uow, actor, "exam_seating:take_list", plan_id, plan_id=plan_id)


def take_list(uow: UnitOfWork, actor: Actor, plan_id: str, wishes: Sequence[Wish], digest: str) -> Judged:
    """Do what the dry run of a list showed, whole or not at all.

    Raises NotFound outside the actor's scope, the refusal `stale` when seats or people have changed since.
    """
    _hold(uow, actor, plan_id)
    found = judge(wishes, queries.room_seats(uow, plan_id), queries.seats_now(uow, plan_id))
    admitted = {one.person_id for one in queries.candidates(uow, plan_id)}
    if found.faults or found.digest != digest or not {one.person_id for one in found.moves} <= admitted:
        raise stale()
    moves = [one.placed for one in found.moves]
    _leave(uow, actor, plan_id, [one.person_id for one in moves])
    _seat(uow, actor, plan_id, moves)
    audit.record(
        uow, actor, "exam_seating:import", plan_id, plan_id=plan_id, people=len(moves), digest=digest
    )
    return found


def _hold(uow: UnitOfWork, actor: Actor, plan_id: str) -> None:
    """Lock the rooms of an exam administrator's plan, in the order of their ids; then give numbers that are missing."""
    if actor.person_id is None:
        raise Forbidden
    reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    uow.session.execute(
        select(ExamRoom.id).where(ExamRoom.plan_id == plan_id).order_by(ExamRoom.id).with_for_update()
    )
    new = [one.person_id for one in queries.candidates(uow, plan_id) if one.number is None]
    first = queries.highest_number(uow, plan_id) + 1 if new else 0
    rows = [
        {"plan_id": plan_id, "person_id": person_id, "number": number, "given_at": uow.now}
        for number, person_id in enumerate(new, start=first)
    ]
    if rows:
        uow.session.execute(insert(CandidateNumber), rows)


def _seat(uow: UnitOfWork, actor: Actor, plan_id: str, placed: Iterable[Placed]) -> None:
    sizes = {room.id: room.seat_count for room in queries.room_seats(uow, plan_id)}
    rows = [
        {
            "id": new_id(), "plan_id": plan_id, "room_id": one.room_id, "seat_count": sizes[one.room_id],
            "person_id": one.person_id, "seat": one.seat, "seated_by": actor.person_id, "seated_at": uow.now,
        }
        for one in placed
    ]  # fmt: skip
    if rows:
        uow.session.execute(insert(Seating), rows)


def _leave(uow: UnitOfWork, actor: Actor, plan_id: str, person_ids: Sequence[str]) -> None:
    for some in chunks(list(person_ids)):
        uow.session.execute(
            update(Seating)
            .where(Seating.plan_id == plan_id, Seating.person_id.in_(some), Seating.left_at.is_(None))
            .values(left_at=uow.now, left_by=actor.person_id)
            .execution_options(synchronize_session=False)
        )


def _require_somebody_else(actor: Actor, person_id: str) -> None:
    if actor.person_id == person_id:
        raise Refusal(own_attempt())
