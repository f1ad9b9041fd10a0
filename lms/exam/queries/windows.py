"""How long an exam window is for somebody: the plan's own, and the time that was added for many."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.exam.models.attempts import Attempt
from lms.exam.models.conditions import Measure
from lms.exam.models.rooms import Seating
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import Added, MeasureKind, window_extension
from lms.exam.queries.rooms import sat_then
from lms.plans.policy import PlanFacts


def window_for(uow: UnitOfWork, plan: PlanFacts, application_id: str | None) -> PlanFacts:
    """Return a plan with its exam window as long as it is for one who has not begun: with the time added for many."""
    if plan.exam_prolonged_until is None:
        return plan
    late = late_seconds(plan, measures_over(uow, plan.id, application_id))
    return replace(plan, exam_until=plan.exam_until + timedelta(seconds=late))


def over_at(uow: UnitOfWork, plan: PlanFacts) -> datetime:
    """Return the moment from which nobody begins or sits in a plan any more, by all time added to anybody."""
    if plan.exam_prolonged_until is None:
        return plan.exam_until
    last = uow.session.scalar(
        select(func.max(Attempt.deadline_at)).where(
            Attempt.plan_id == plan.id, Attempt.state == AttemptState.IN_PROGRESS
        )
    )
    return max(door_closes(uow, plan), last or plan.exam_until)


def door_closes(uow: UnitOfWork, plan: PlanFacts) -> datetime:
    """Return the moment from which nobody of a plan can begin, at the latest: as if all measures for many were his."""
    measures = uow.session.scalars(
        select(Measure).where(Measure.plan_id == plan.id, Measure.attempt_id.is_(None))
    )
    return plan.exam_until + timedelta(seconds=late_seconds(plan, measures))


def pause_over(uow: UnitOfWork, plan_id: str, application_id: str | None) -> datetime | None:
    """Return until when a pause for all, for a person's place or room, keeps him from starting; None when none does."""
    return paused_until(measures_over(uow, plan_id, application_id), uow.now)


class MeasureOver(NamedTuple):
    """A measure over somebody, and whether it is about where he is now: he may have left the room since."""

    id: str
    kind: MeasureKind
    seconds: int
    extends_window: bool
    taken_at: datetime
    until: datetime | None
    is_here: bool


def measures_over(uow: UnitOfWork, plan_id: str, application_id: str | None) -> list[MeasureOver]:
    """Return the measures for everyone of a plan, for the place of one application, and for the rooms of its person.

    Of rooms, those measures count that were taken, or lasted, while he sat there.
    """
    rows = _MEASURES_OVER.rows(uow.session, {"plan": plan_id, "application": application_id})
    return [MeasureOver._make(row) for row in rows]


def is_for_everyone() -> ColumnElement[bool]:
    """Build the condition that a measure is for everyone of its plan."""
    return and_(Measure.organisation_id.is_(None), Measure.room_id.is_(None), Measure.attempt_id.is_(None))


def _ask_measures_over() -> ReadyStatement:
    """Build that question once: everybody who starts asks it."""
    application_id = bindparam("application", type_=Application.id.type)
    employer = aliased(Organisation)
    path = (
        select(employer.path)
        .join(Application, Application.employer_organisation_id == employer.id)
        .where(Application.id == application_id)
        .scalar_subquery()
    )
    # A path begins with the paths of all that stand above it.
    is_above = func.substr(path, literal_column("1"), func.length(Organisation.path)) == Organisation.path
    person_id = select(Application.person_id).where(Application.id == application_id).scalar_subquery()
    sits_there = exists(
        select(Seating.id)
        .where(
            Seating.room_id == Measure.room_id, Seating.person_id == person_id, Seating.left_at.is_(None)
        )
        .correlate(Measure)
    )  # fmt: skip
    return ReadyStatement(
        select(
            Measure.id, Measure.kind, Measure.seconds, Measure.extends_window, Measure.taken_at, Measure.until,
            or_(Measure.room_id.is_(None), sits_there),
        )
        .outerjoin(Organisation, Organisation.id == Measure.organisation_id)
        .where(
            Measure.plan_id == bindparam("plan"), Measure.attempt_id.is_(None),
            or_(is_for_everyone(), is_above, sat_then(person_id)),
        )
    )  # fmt: skip  # fmt: skip


_MEASURES_OVER = _ask_measures_over()


def paused_until(measures: Iterable[MeasureOver], now: datetime) -> datetime | None:
    """Return until when pauses among measures, as `measures_over` returns them, hold somebody; None when none does."""
    ends = [
        one.until
        for one in measures
        if one.is_here and one.kind == MeasureKind.PAUSE
        if one.until is not None and one.taken_at <= now < one.until
    ]
    return max(ends) if ends else None


def late_seconds(plan: PlanFacts, measures: Iterable[Measure | MeasureOver]) -> int:
    """Return by how many seconds measures for many made the window longer."""
    added = (Added(one.taken_at, one.seconds, one.until) for one in measures if one.extends_window)
    return window_extension(plan.exam_until, added)
