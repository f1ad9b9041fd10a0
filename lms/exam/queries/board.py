"""The live board: how everybody of a plan's exam sits, in a few statements whatever their number."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from lms.accounts.models import Organisation, Person
from lms.audit.queries import acts_on
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.models.attempts import Attempt
from lms.exam.models.conditions import Ending, MessageReceipt, Presence, Remark, Sighting
from lms.exam.models.rooms import ExamRoom, Seating
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.rooms import room_order
from lms.exam.policy.watching import Look, SeatFacts, SeatState, SightingKind, last_sign, looks, seat_state
from lms.exam.queries.attempt_list import saved_counts
from lms.exam.queries.attempts import AttemptFacts, facts_of
from lms.exam.queries.attendance import is_expected
from lms.exam.queries.reach import Reach

TAKEN_OVER = "attempt:take_over"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person of the exam, as the board shows him."""

    person_id: str
    person_name: str
    place_id: str
    place_name: str
    room_id: str
    """Empty for who has no seat in a room."""
    room_name: str
    number: int
    """Of the seat; 0 without one."""
    attempt: AttemptFacts | None
    state: SeatState
    looks: tuple[Look, ...]
    facts: SeatFacts
    answered: int
    unread: int
    """Messages he has not confirmed."""
    silent_seconds: int
    """How long nothing was heard of his page."""
    saved_seconds: int
    """How long ago something was saved last; 0 when nothing was."""
    unsaved_seconds: int
    """How long nothing was saved while his time ran: since the start, the last save, or the end of a pause."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody, those first who may want a look, and how many there are of each kind."""

    seats: tuple[Seat, ...]
    counts: Counter[SeatState]

    def narrowed(self, is_meant: Callable[[Seat], bool]) -> "Board":
        """Return a board of some of them, with their own figures."""
        seats = tuple(seat for seat in self.seats if is_meant(seat))
        return Board(seats, Counter(seat.state for seat in seats))

    @property
    def noticed(self) -> list[Seat]:
        """Those whom somebody may want to look at."""
        return [seat for seat in self.seats if seat.looks]


_ORDER = (
    SeatState.ENDED, SeatState.LOST, SeatState.PAUSED, SeatState.WORKING, SeatState.CLOSING, SeatState.OUT,
    SeatState.DONE, SeatState.VOIDED,
)  # fmt: skip


def board(uow: UnitOfWork, reach: Reach) -> Board:
    """Return the board of a plan's exam within the reach."""
    people = uow.session.execute(
        select(
            Person.id, Person.display_name, Organisation.id, Organisation.name, ExamRoom.id, ExamRoom.name, Seating.seat
        )
        .select_from(Application)
        .join(Person, Person.id == Application.person_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .outerjoin(
            Seating,
            and_(
                Seating.plan_id == reach.plan.id, Seating.person_id == Application.person_id, Seating.left_at.is_(None)
            ),
        )
        .outerjoin(ExamRoom, ExamRoom.id == Seating.room_id)
        .where(
            Application.plan_id == reach.plan.id, is_expected(), reach.condition(),
        )
    ).all()  # fmt: skip
    newest: dict[str, AttemptFacts] = {}
    for row in uow.session.scalars(
        select(Attempt).where(Attempt.plan_id == reach.plan.id).order_by(Attempt.started_at)
    ):
        newest[row.person_id] = facts_of(row)
    known = _Known(uow, reach.plan.id, newest)
    seats = [
        known.seat(
            newest.get(person_id),
            uow.now,
            person_id,
            name,
            place_id,
            place,
            room_id or "",
            room or "",
            seat or 0,
        )
        for person_id, name, place_id, place, room_id, room, seat in people
    ]
    seats.sort(key=_order)
    return Board(tuple(seats), Counter(seat.state for seat in seats))


def _order(seat: Seat) -> tuple[object, ...]:
    where = (not seat.room_id, room_order(seat.room_name), seat.number)
    return not seat.looks, _ORDER.index(seat.state), *where, seat.place_name, seat.person_name


class _Known:
    """What the tables say of the attempts of a plan, each read once."""

    def __init__(self, uow: UnitOfWork, plan_id: str, newest: dict[str, AttemptFacts]) -> None:
        session = uow.session
        running = select(Attempt.id).where(
            Attempt.plan_id == plan_id, Attempt.state == AttemptState.IN_PROGRESS
        )
        theirs = select(Attempt.id).where(Attempt.plan_id == plan_id)
        self.saved = saved_counts(uow, running)
        self.seen: dict[str, datetime] = {
            row.attempt_id: row.seen_at
            for row in session.scalars(select(Presence).where(Presence.attempt_id.in_(running)))
        }
        self.cleared: dict[str, datetime] = {
            row[0]: row[1]
            for row in session.execute(
                select(Remark.attempt_id, func.max(Remark.at))
                .where(Remark.attempt_id.in_(running), Remark.is_cleared.is_(True))
                .group_by(Remark.attempt_id)
            )
        }
        self.unread: dict[str, int] = {
            row[0]: row[1]
            for row in session.execute(
                select(MessageReceipt.attempt_id, func.count())
                .where(MessageReceipt.attempt_id.in_(running), MessageReceipt.acknowledged_at.is_(None))
                .group_by(MessageReceipt.attempt_id)
            )
        }
        self.awaits = set(
            session.scalars(
                select(Ending.attempt_id).where(
                    Ending.attempt_id.in_(theirs), Ending.wants_void, Ending.verdict.is_(None)
                )
            )
        )
        self._read_sightings(uow, plan_id)
        open_ones = {
            one.id: one.started_at for one in newest.values() if one.state is AttemptState.IN_PROGRESS
        }
        self.devices: Counter[str] = Counter()
        if open_ones:
            for act in acts_on(uow, open_ones, min(open_ones.values())):
                if act.tag == TAKEN_OVER and not self._is_cleared(act.subject_id, act.at):
                    self.devices[act.subject_id] += 1

    def seat(
        self, attempt: AttemptFacts | None, now: datetime, person_id: str, name: str, place_id: str, place: str,
        room_id: str, room: str, number: int,
    ) -> Seat:  # fmt: skip
        facts = self._facts(attempt, now) if attempt else SeatFacts()
        answered, saved_at = self.saved.get(attempt.id, (0, None)) if attempt else (0, None)
        sign = last_sign(facts)
        quiet_from = max(
            (at for at in (facts.started_at, saved_at, facts.resumed_at) if at is not None), default=now
        )
        return Seat(
            person_id, name, place_id, place, room_id, room, number, attempt, seat_state(facts, now),
            tuple(looks(facts, now)), facts, answered, self.unread.get(attempt.id, 0) if attempt else 0,
            int((now - sign).total_seconds()) if sign else 0,
            max(0, int((now - saved_at).total_seconds())) if saved_at else 0,
            max(0, int((now - quiet_from).total_seconds())),
        )  # fmt: skip

    def _facts(self, attempt: AttemptFacts, now: datetime) -> SeatFacts:
        times, seconds, is_away = self.away.get(attempt.id, (0, 0, False))
        until = attempt.paused_until
        return SeatFacts(
            is_started=True, is_open=attempt.is_open(now), is_graded=attempt.state is AttemptState.GRADED,
            is_voided=attempt.state is AttemptState.VOIDED, awaits_verdict=attempt.id in self.awaits,
            is_paused=attempt.is_paused(now), started_at=attempt.started_at, seen_at=self.seen.get(attempt.id),
            saved_at=self.saved.get(attempt.id, (0, None))[1],
            resumed_at=until if until is not None and until <= now else None, away_times=times, away_seconds=seconds,
            is_away=is_away, device_changes=self.devices[attempt.id],
        )  # fmt: skip

    def _read_sightings(self, uow: UnitOfWork, plan_id: str) -> None:
        rows = uow.session.execute(
            select(Sighting.attempt_id, Sighting.kind, Sighting.serial, Sighting.at, Sighting.seconds)
            .join(Attempt, Attempt.id == Sighting.attempt_id)
            .where(
                Attempt.plan_id == plan_id, Attempt.state == AttemptState.IN_PROGRESS,
                Sighting.kind.in_((SightingKind.LEFT, SightingKind.AWAY)),
            )
        )  # fmt: skip
        times: Counter[str] = Counter()
        seconds: Counter[str] = Counter()
        left: dict[str, int] = {}
        back: dict[str, int] = {}
        for attempt_id, kind, serial, at, length in rows:
            latest = left if kind == SightingKind.LEFT else back
            latest[attempt_id] = max(serial, latest.get(attempt_id, 0))
            if kind == SightingKind.AWAY and not self._is_cleared(attempt_id, at):
                times[attempt_id] += 1
                seconds[attempt_id] += length
        self.away = {
            one: (times[one], seconds[one], left.get(one, 0) > back.get(one, 0)) for one in {*left, *back}
        }

    def _is_cleared(self, attempt_id: str, at: datetime) -> bool:
        cleared = self.cleared.get(attempt_id)
        return cleared is not None and at <= cleared
