"""What time people have beyond the plan's own, what was done about it, and how exams were ended for cause."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lms.accounts.models import Organisation, Person
from lms.accounts.queries import within
from lms.core.errors import NotFound
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.exam.models.attempts import Attempt
from lms.exam.models.conditions import AttemptTime, Ending, ExtraTime, Measure
from lms.exam.models.rooms import ExamRoom
from lms.exam.policy.conditions import (
    MeasureKind,
    Target,
    TargetKind,
    TimeKind,
    Verdict,
    extra_seconds,
)
from lms.exam.queries.reach import Reach, require_target, sits_in
from lms.exam.queries.windows import is_for_everyone, late_seconds, measures_over, paused_until
from lms.plans.policy import PlanFacts

# -- extra time granted ahead -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """Extra time of one person, for the list of a plan."""

    id: str
    person_id: str
    person_name: str
    percent: int
    seconds: int
    extends_window: bool
    reason: str
    granted_by: str
    granted_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """The time somebody gets who starts now, beyond the plan's own."""

    granted_seconds: int = 0
    extension_seconds: int = 0
    extra_id: str = ""
    late_seconds: int = 0
    """The part of the extension that was given to all before he began."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what conditions somebody would start now."""

    terms: Terms
    paused_until: datetime | None
    """Until when a pause for all, or for his place, keeps him from starting; None when none does."""


def conditions_of(uow: UnitOfWork, person_id: str, plan: PlanFacts, application_id: str | None) -> Conditions:
    """Return the conditions for a person who starts now: his own extra time, the longer window, a pause."""
    extra = standing_extra(uow, person_id, plan.id)
    granted = extra_seconds(plan.exam_duration_seconds, extra.percent, extra.seconds) if extra else 0
    own = granted if extra and extra.extends_window else 0
    measures = measures_over(uow, plan.id, application_id)
    late = late_seconds(plan, measures)
    terms = Terms(granted, own + late, extra.id if extra else "", late)
    return Conditions(terms, paused_until(measures, uow.now))


def terms_of(uow: UnitOfWork, person_id: str, plan: PlanFacts, application_id: str | None) -> Terms:
    """Return what a person who starts now gets beyond the plan's time, for pages that state the real minutes."""
    return conditions_of(uow, person_id, plan, application_id).terms


def standing_extra(uow: UnitOfWork, person_id: str, plan_id: str) -> ExtraLine | None:
    """Return a person's extra time in a plan, or None."""
    lines = _extras(_EXTRA_OF_ONE.rows(uow.session, {"plan": plan_id, "person": person_id}))
    return next((line for line in lines if line.withdrawn_at is None), None)


def extras_of_plan(uow: UnitOfWork, plan_id: str) -> list[ExtraLine]:
    """Return all extra time of a plan, withdrawn ones too, the newest first."""
    return _extras(uow.session.execute(_EXTRAS.where(ExtraTime.plan_id == plan_id)))


def find_extra(uow: UnitOfWork, plan_id: str, extra_id: str) -> ExtraLine:
    """Return one grant of extra time. Raises NotFound."""
    found = _extras(
        uow.session.execute(_EXTRAS.where(ExtraTime.plan_id == plan_id, ExtraTime.id == extra_id))
    )
    if not found:
        raise NotFound
    return found[0]


_EXTRAS = (
    select(*ExtraTime.__table__.columns, Person.display_name)
    .join(Person, Person.id == ExtraTime.person_id)
    .order_by(ExtraTime.granted_at.desc(), ExtraTime.id)
)
# Everybody who starts asks it.
_EXTRA_OF_ONE = ReadyStatement(
    _EXTRAS.where(ExtraTime.plan_id == bindparam("plan"), ExtraTime.person_id == bindparam("person"))
)


def _extras(rows: Iterable[Any]) -> list[ExtraLine]:
    return [
        ExtraLine(
            row.id, row.person_id, row.display_name, row.percent, row.seconds, row.extends_window, row.reason,
            row.granted_by, row.granted_at, row.withdrawn_at,
        )
        for row in rows
    ]  # fmt: skip


# -- measures -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure with whom it reached."""

    id: str
    kind: MeasureKind
    target: Target
    target_name: str
    """The organisation, the room or the candidate; empty for everyone."""
    seconds: int
    extends_window: bool
    reason: str
    reached: int
    taken_by: str
    taken_at: datetime
    until: datetime | None
    ended_by: str | None

    def is_running(self, now: datetime) -> bool:
        """Tell whether this is a pause that still lasts."""
        return self.until is not None and now < self.until


def measures_of_plan(uow: UnitOfWork, reach: Reach, *, most: int = 50) -> list[MeasureLine]:
    """Return the measures of a plan's exam within the reach, the newest first."""
    return _measures(uow, reach, most, Measure.plan_id == reach.plan.id)


def get_measure(uow: UnitOfWork, reach: Reach, measure_id: str) -> MeasureLine:
    """Return a measure whose target lies within the reach. Raises NotFound."""
    found = _measures(uow, reach, 1, Measure.plan_id == reach.plan.id, Measure.id == measure_id)
    if not found:
        raise NotFound
    require_target(uow, reach, found[0].target)
    return found[0]


def paused_alone(uow: UnitOfWork, measure_id: str | None) -> bool:
    """Tell whether a pause is of one attempt alone, and not of many."""
    found = uow.session.scalar(
        select(Measure.id).where(Measure.id == measure_id, Measure.attempt_id.is_not(None))
    )
    return found is not None


def other_pauses(uow: UnitOfWork, plan_id: str, measure_id: str) -> Sequence[Measure]:
    """Return the pauses of a plan's exam that last at this moment beside one of them, the longest first."""
    return uow.session.scalars(
        select(Measure)
        .where(
            Measure.plan_id == plan_id, Measure.kind == MeasureKind.PAUSE, Measure.until > uow.now,
            Measure.id != measure_id,
        )
        .order_by(Measure.until.desc(), Measure.id)
    ).all()  # fmt: skip


def pause_that_stays(uow: UnitOfWork, attempt: Attempt, others: Sequence[Measure]) -> Measure | None:
    """Return which of some pauses goes on holding a sitting, the longest one, or None.

    It is one of himself, of all, of where he is now, or of a room he has left that had moved his deadline; but none
    that he was let out of before the others.
    """
    moves = uow.session.execute(
        select(AttemptTime.source_id, AttemptTime.kind).where(AttemptTime.attempt_id == attempt.id)
    ).all()
    took = {source_id for source_id, kind in moves if kind == TimeKind.PAUSE}
    let_go = {source_id for source_id, kind in moves if kind == TimeKind.RESUME}
    here = {one.id for one in measures_over(uow, attempt.plan_id, attempt.application_id) if one.is_here}
    return next(
        (
            one
            for one in others
            if one.id not in let_go and (one.attempt_id == attempt.id or one.id in took or one.id in here)
        ),
        None,
    )


def _measures(
    uow: UnitOfWork, reach: Reach, most: int, *conditions: ColumnElement[bool]
) -> list[MeasureLine]:
    employer = aliased(Organisation)
    rows = uow.session.execute(
        select(Measure, Organisation.name, ExamRoom.name, Person.display_name)
        .outerjoin(ExamRoom, ExamRoom.id == Measure.room_id)
        .outerjoin(Attempt, Attempt.id == Measure.attempt_id)
        .outerjoin(Person, Person.id == Attempt.person_id)
        .outerjoin(Application, Application.id == Attempt.application_id)
        .outerjoin(employer, employer.id == Application.employer_organisation_id)
        .outerjoin(Organisation, Organisation.id == Measure.organisation_id)
        .where(*conditions)
        .where(true() if reach.is_whole else or_(_within(reach, employer.path), is_for_everyone()))
        .order_by(Measure.taken_at.desc(), Measure.id)
        .limit(most)
    )
    return [
        MeasureLine(
            row.id, MeasureKind(row.kind), _target(row), place or room or person or "", row.seconds, row.extends_window,
            row.reason, row.reached, row.taken_by, row.taken_at, row.until, row.ended_by,
        )
        for row, place, room, person in rows
    ]  # fmt: skip


def _within(reach: Reach, employer_path: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Build the condition that a measure was for what lies within a reach: a room, an organisation, or one of them."""
    if reach.rooms:
        return or_(
            Measure.room_id.in_(reach.rooms), and_(Measure.attempt_id.is_not(None), sits_in(reach.rooms))
        )
    return or_(within(Organisation.path, reach.scopes), within(employer_path, reach.scopes))


def _target(row: Measure) -> Target:
    if row.attempt_id:
        return Target(TargetKind.ATTEMPT, row.attempt_id)
    if row.room_id:
        return Target(TargetKind.ROOM, row.room_id)
    if row.organisation_id:
        return Target(TargetKind.PLACE, row.organisation_id)
    return Target(TargetKind.EVERYONE)


# -- endings ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EndingFacts:
    """An exam that was ended for cause."""

    attempt_id: str
    cause: str
    reason: str
    wants_void: bool
    ended_by: str
    ended_at: datetime
    verdict: Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    decision: str

    @property
    def awaits_verdict(self) -> bool:
        """Whether a second person has to decide."""
        return self.wants_void and self.verdict is None


def find_ending(uow: UnitOfWork, attempt_id: str) -> EndingFacts | None:
    """Return how an attempt was ended for cause, or None."""
    return endings_of(uow, [attempt_id]).get(attempt_id)


def endings_of(uow: UnitOfWork, attempt_ids: Iterable[str]) -> dict[str, EndingFacts]:
    """Return the endings for cause of some attempts."""
    rows = uow.session.scalars(select(Ending).where(Ending.attempt_id.in_(list(attempt_ids))))
    return {
        row.attempt_id: EndingFacts(
            row.attempt_id, row.cause, row.reason, row.wants_void, row.ended_by, row.ended_at,
            Verdict(row.verdict) if row.verdict else None, row.decided_by, row.decided_at, row.decision,
        )
        for row in rows
    }  # fmt: skip
