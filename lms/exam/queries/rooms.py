"""Exam rooms: who sits where, who may be seated, and who watches which room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, true

from lms.accounts.models import Organisation, Person, RoleGrant
from lms.accounts.policy import PersonState, Role, paths_over
from lms.accounts.queries import within
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, Outcome
from lms.exam.models.attempts import Attempt
from lms.exam.models.conditions import Measure
from lms.exam.models.rooms import CandidateNumber, ExamRoom, RoomInvigilator, Seating
from lms.exam.policy.conditions import MeasureKind
from lms.exam.policy.rooms import Listed, Placed, RoomSeats, room_order
from lms.exam.queries.attempts import AttemptFacts
from lms.exam.queries.reach import Reach
from lms.plans.policy import StageKind


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room of a plan with how many sit in it and who watches it."""

    id: str
    name: str
    place: str
    seat_count: int
    taken: int
    invigilators: tuple[tuple[str, str], ...]
    """(person id, name) of those who are bound to it."""

    @property
    def free(self) -> int:
        """How many seats are free."""
        return self.seat_count - self.taken


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A person on a seat, as lists show him."""

    person_id: str
    name: str
    employer: str
    number: int | None
    seat: int
    room_id: str
    is_admitted: bool
    """Whether he still takes part in the exam."""


@dataclass(frozen=True, slots=True)
class Standee:
    """A candidate who has no seat yet."""

    person_id: str
    name: str
    employer: str
    number: int | None


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """Where somebody sits, or sat, in a plan's exam, for his own pages and for the evidence."""

    room_id: str
    room_name: str
    place: str
    seat: int
    seated_at: datetime
    left_at: datetime | None
    seated_by: str
    left_by: str | None


def rooms_of(uow: UnitOfWork, reach: Reach) -> list[RoomLine]:
    """Return the rooms of a plan within a reach; somebody who reaches organisations alone reaches no room."""
    if not reach.is_whole and not reach.rooms:
        return []
    return _rooms(uow, reach.plan.id, true() if reach.is_whole else ExamRoom.id.in_(reach.rooms))


def get_room(uow: UnitOfWork, reach: Reach, room_id: str) -> RoomLine:
    """Return a room within the reach. Raises NotFound."""
    found = next((room for room in rooms_of(uow, reach) if room.id == room_id), None)
    if found is None:
        raise NotFound
    return found


def _rooms(uow: UnitOfWork, plan_id: str, condition: ColumnElement[bool]) -> list[RoomLine]:
    taken = (
        select(Seating.room_id, func.count().label("taken"))
        .where(Seating.plan_id == plan_id, Seating.left_at.is_(None))
        .group_by(Seating.room_id)
        .subquery()
    )
    rows = uow.session.execute(
        select(ExamRoom, taken.c.taken)
        .outerjoin(taken, taken.c.room_id == ExamRoom.id)
        .where(ExamRoom.plan_id == plan_id, ExamRoom.removed_at.is_(None), condition)
    ).all()
    watching: dict[str, list[tuple[str, str]]] = {}
    for room_id, person_id, name in uow.session.execute(
        select(RoomInvigilator.room_id, Person.id, Person.display_name)
        .join(Person, Person.id == RoomInvigilator.person_id)
        .join(ExamRoom, ExamRoom.id == RoomInvigilator.room_id)
        .where(ExamRoom.plan_id == plan_id)
        .order_by(Person.display_name, Person.id)
    ):
        watching.setdefault(room_id, []).append((person_id, name))
    found = [
        RoomLine(
            row.id, row.name, row.place, row.seat_count, count or 0, tuple(watching.get(row.id, ()))
        )
        for row, count in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (room_order(one.name), one.id))


def room_seats(uow: UnitOfWork, plan_id: str) -> list[RoomSeats]:
    """Return the rooms of a plan with the seats that are taken, in the order in which rooms are filled."""
    taken: dict[str, set[int]] = {}
    for one in seats_now(uow, plan_id).values():
        taken.setdefault(one.room_id, set()).add(one.seat)
    rows = uow.session.scalars(
        select(ExamRoom).where(ExamRoom.plan_id == plan_id, ExamRoom.removed_at.is_(None))
    )
    found = [RoomSeats(row.id, row.name, row.seat_count, frozenset(taken.get(row.id, ()))) for row in rows]
    return sorted(found, key=lambda one: (room_order(one.name), one.id))


def seats_now(uow: UnitOfWork, plan_id: str) -> dict[str, Placed]:
    """Return the seat of everybody who has one in a plan, by person."""
    rows = uow.session.execute(
        select(Seating.person_id, Seating.room_id, Seating.seat).where(
            Seating.plan_id == plan_id, Seating.left_at.is_(None)
        )
    )
    return {row.person_id: Placed(row.person_id, row.room_id, row.seat) for row in rows}


def seat_lines(uow: UnitOfWork, plan_id: str, room_id: str = "") -> list[SeatLine]:
    """Return who sits in a room, or in all rooms of a plan, in the order of the seats."""
    rows = uow.session.execute(
        select(
            Person.id, Person.display_name, Organisation.name, CandidateNumber.number, Seating.seat, Seating.room_id,
            Application.outcome, Application.id,
        )
        .join(Person, Person.id == Seating.person_id)
        .outerjoin(
            Application,
            and_(
                Application.plan_id == Seating.plan_id, Application.person_id == Person.id,
                Application.state == ApplicationState.APPROVED,
            ),
        )
        .outerjoin(Organisation, Organisation.id == Application.employer_organisation_id)
        .outerjoin(
            CandidateNumber,
            and_(CandidateNumber.plan_id == Seating.plan_id, CandidateNumber.person_id == Person.id),
        )
        .where(
            Seating.plan_id == plan_id, Seating.left_at.is_(None), Seating.room_id == room_id if room_id else true()
        )
        .order_by(Seating.seat)
    )  # fmt: skip
    return [
        SeatLine(
            person_id, name, employer or "", number, seat, room,
            bool(application_id) and outcome in (None, Outcome.COMPLETED, Outcome.FAILED),
        )
        for person_id, name, employer, number, seat, room, outcome, application_id in rows
    ]  # fmt: skip


def candidates(uow: UnitOfWork, plan_id: str) -> list[Standee]:
    """Return who takes part in a plan's exam, in the order of their numbers; new ones by employer and name."""
    rows = uow.session.execute(
        select(Person.id, Person.display_name, Organisation.name, CandidateNumber.number)
        .join(Application, Application.person_id == Person.id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .join(
            ApplicationStage,
            and_(ApplicationStage.application_id == Application.id, ApplicationStage.kind == StageKind.EXAM),
        )
        .outerjoin(
            CandidateNumber,
            and_(CandidateNumber.plan_id == plan_id, CandidateNumber.person_id == Person.id),
        )
        .where(
            Application.plan_id == plan_id, Application.ended_at.is_(None),
            Application.state == ApplicationState.APPROVED,
        )
    )  # fmt: skip
    found = [Standee(*row) for row in rows]
    return sorted(found, key=lambda one: (one.number or 10**9, one.employer, one.name, one.person_id))


def standing(uow: UnitOfWork, plan_id: str) -> list[Standee]:
    """Return the candidates who have no seat yet."""
    seated = seats_now(uow, plan_id)
    return [one for one in candidates(uow, plan_id) if one.person_id not in seated]


def listed(uow: UnitOfWork, plan_id: str) -> list[Listed]:
    """Return the candidates as a list of seats may name them: by number or by login name."""
    found = {one.person_id: one for one in candidates(uow, plan_id)}
    logins = uow.session.execute(
        select(Person.id, Person.login_name)
        .join(Application, Application.person_id == Person.id)
        .where(Application.plan_id == plan_id)
    )
    return [
        Listed(person_id, found[person_id].name, login_name, found[person_id].number or 0)
        for person_id, login_name in logins
        if person_id in found
    ]


def highest_number(uow: UnitOfWork, plan_id: str) -> int:
    """Return the highest number that was given in a plan, or 0."""
    return (
        uow.session.scalar(select(func.max(CandidateNumber.number)).where(CandidateNumber.plan_id == plan_id))
        or 0
    )


def has_rooms(uow: UnitOfWork, plan_id: str) -> bool:
    """Tell whether a plan's exam is held in rooms."""
    found = uow.session.scalar(
        select(ExamRoom.id).where(ExamRoom.plan_id == plan_id, ExamRoom.removed_at.is_(None)).limit(1)
    )
    return found is not None


# -- one person -----------------------------------------------------------------------------------


# Built once: every exam page asks it.
_SEATINGS = (
    select(Seating, ExamRoom.name, ExamRoom.place)
    .join(ExamRoom, ExamRoom.id == Seating.room_id)
    .where(Seating.person_id == bindparam("person"), Seating.plan_id == bindparam("plan"))
    .order_by(Seating.seated_at, Seating.id)
)


def seatings_of(uow: UnitOfWork, person_id: str, plan_id: str) -> list[OwnSeat]:
    """Return where somebody sat in a plan's exam, the earliest first."""
    rows = uow.session.execute(_SEATINGS, {"person": person_id, "plan": plan_id})
    return [
        OwnSeat(row.room_id, name, place, row.seat, row.seated_at, row.left_at, row.seated_by, row.left_by)
        for row, name, place in rows
    ]


def own_seat(uow: UnitOfWork, person_id: str, plan_id: str) -> OwnSeat | None:
    """Return where somebody sits in a plan's exam, or None."""
    return next((one for one in seatings_of(uow, person_id, plan_id) if one.left_at is None), None)


def candidate_number(uow: UnitOfWork, person_id: str, plan_id: str) -> int | None:
    """Return somebody's number in a plan, or None when he has none yet."""
    return uow.session.scalar(
        select(CandidateNumber.number).where(
            CandidateNumber.plan_id == plan_id, CandidateNumber.person_id == person_id
        )
    )


def seat_during(uow: UnitOfWork, attempt: AttemptFacts) -> OwnSeat | None:
    """Return where somebody sat last in an attempt, however often he was given another seat afterwards."""
    end = attempt.closed_at or uow.now
    there = [
        one
        for one in seatings_of(uow, attempt.person_id, attempt.plan_id)
        if one.seated_at <= end and (one.left_at is None or one.left_at > attempt.started_at)
    ]
    return there[-1] if there else None


def paused_attempt(uow: UnitOfWork, person_id: str, plan_id: str) -> str | None:
    """Return somebody's attempt that pauses now together with others, or None."""
    return uow.session.scalar(
        select(Attempt.id)
        .join(Measure, Measure.id == Attempt.pause_id)
        .where(
            Attempt.person_id == person_id, Attempt.plan_id == plan_id, Attempt.closed_at.is_(None),
            Attempt.paused_until > uow.now, Measure.attempt_id.is_(None),
        )
    )  # fmt: skip


# -- a room's acts, and who watches it --------------------------------------------------------------


def room_paused_until(uow: UnitOfWork, room_id: str) -> datetime | None:
    """Return until when a pause of a room lasts, or None."""
    return uow.session.scalar(
        select(func.max(Measure.until)).where(
            Measure.room_id == room_id, Measure.kind == MeasureKind.PAUSE, Measure.until > uow.now
        )
    )


def invigilators(uow: UnitOfWork, reach: Reach, scopes: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (person id, name, organisation) of the invigilators whom an actor may bind to rooms of a plan.

    These are the holders of the role within his own scopes, and those who hold it over the plan's issuer.
    """
    rows = uow.session.execute(
        select(Person.id, Person.display_name, Organisation.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(
            RoleGrant.role == Role.INVIGILATOR, RoleGrant.revoked_at.is_(None), Person.state == PersonState.ACTIVE,
            or_(within(Organisation.path, tuple(scopes)), Organisation.path.in_(paths_over(reach.plan.issuer_path))),
        )
        .order_by(Person.display_name, Person.id, Organisation.name)
    )  # fmt: skip
    found: dict[str, tuple[str, str, str]] = {}
    for person_id, name, place in rows:
        found.setdefault(person_id, (person_id, name, place))
    return list(found.values())


def sat_then(person_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Build the condition that a person sat in the room of a measure when it was taken, or while it lasted."""
    return exists(
        select(Seating.id)
        .where(
            Seating.room_id == Measure.room_id, Seating.person_id == person_id,
            Seating.seated_at <= func.coalesce(Measure.until, Measure.taken_at),
            or_(Seating.left_at.is_(None), Seating.left_at > Measure.taken_at),
        )
        .correlate(Measure)
    )  # fmt: skip
