"""The exams of today with a board that the actor may act on: what is going on there, and how to get to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from lms.accounts.models import Organisation
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.queries.today import ExamToday, day_of
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import AttemptState
from lms.exam.queries.reach import STEWARDS, bound_rooms, plans_watched, reached
from lms.plans.models import Plan
from lms.plans.policy import StageKind

WATCHED_SHOWN = 12


@dataclass(frozen=True, slots=True)
class WatchLine:
    """A plan whose exam can be taken at some time today, as somebody who invigilates it sees it."""

    plan_id: str
    title: str
    number: str
    exam_from: datetime
    exam_until: datetime
    rooms: tuple[str, ...]
    """The rooms he is bound to; empty for who reaches more than rooms."""
    expected: int
    """How many people are within his reach, as on the board."""
    sitting: int


@dataclass(frozen=True, slots=True)
class TodayLine:
    """An exam of today: its figures for who may see them, its board for who invigilates it."""

    plan_id: str
    title: str
    number: str
    exam_from: datetime
    exam_until: datetime
    figures: ExamToday | None
    watch: WatchLine | None

    def is_running(self, now: datetime) -> bool:
        """Tell whether the exam can be taken now, or somebody with more time still sits."""
        return self.exam_from <= now < self.exam_until or bool(self.watch and self.watch.sitting)


def watched_today(uow: UnitOfWork, actor: Actor) -> list[WatchLine]:
    """Return the exams of today on which the actor may act, the earliest first, in a few statements for any number."""
    begins, ends = day_of(uow.now)
    plans = plans_watched(uow, actor, *STEWARDS, since=begins, until=ends)[:WATCHED_SHOWN]
    if not plans:
        return []
    rooms = bound_rooms(uow, actor)
    sits = exists().where(
        Attempt.application_id == Application.id,
        Attempt.state == AttemptState.IN_PROGRESS,
        Attempt.deadline_at >= uow.now,
    )
    counted = {
        row[0]: (row[1], row[2])
        for row in uow.session.execute(
            select(Plan.id, func.count(), func.sum(_one_if(sits)))
            .join(Application, Application.plan_id == Plan.id)
            .join(Organisation, Organisation.id == Application.employer_organisation_id)
            .join(
                ApplicationStage,
                and_(
                    ApplicationStage.application_id == Application.id,
                    ApplicationStage.kind == StageKind.EXAM,
                    ApplicationStage.state != StageState.LOCKED,
                ),
            )
            .where(
                Plan.id.in_([plan.id for plan in plans]),
                Application.state == ApplicationState.APPROVED,
                reached(actor, *STEWARDS),
            )
            .group_by(Plan.id)
        )
    }
    return [
        WatchLine(
            plan.id, plan.title, plan.number, plan.exam_from, plan.exam_until, tuple(rooms.get(plan.id, ())),
            *counted.get(plan.id, (0, 0)),
        )
        for plan in plans
    ]  # fmt: skip


def together(exams: list[ExamToday], watched: list[WatchLine], now: datetime) -> list[TodayLine]:
    """Join what is known of the same plans: those that run first, then the next to close."""
    figures = {one.plan_id: one for one in exams}
    boards = {one.plan_id: one for one in watched}
    plans: dict[str, ExamToday | WatchLine] = {**figures, **boards}
    lines = [
        TodayLine(
            one.plan_id, one.title, one.number, one.exam_from, one.exam_until, figures.get(one.plan_id),
            boards.get(one.plan_id),
        )
        for one in plans.values()
    ]  # fmt: skip
    return sorted(lines, key=lambda one: (not one.is_running(now), one.exam_until, one.number))


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
