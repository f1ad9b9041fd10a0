"""The exams of today with a board that the actor may act on: what is going on there, and how to get to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from lms.accounts.models import Organisation
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import BY_ISSUER, Figure
from lms.dashboards.queries.today import ExamToday, day_of
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.queries.attendance import is_expected, sits_at
from lms.exam.queries.reach import STEWARDS, plans_watched, reached, rooms_alone
from lms.plans.models import Plan

LINES_SHOWN = 12
LATE = timedelta(days=1)
"""For how long after its window an exam is looked into: with more time, and after pauses, somebody may still sit."""


@dataclass(frozen=True, slots=True)
class WatchLine:
    """A plan whose exam can be taken at some time today, or in which somebody still sits, for who invigilates it."""

    plan_id: str
    title: str
    number: str
    exam_from: datetime
    exam_until: datetime
    rooms: tuple[str, ...]
    """The rooms he is bound to; empty for who reaches more than rooms."""
    counts_as_figures: bool
    """Whether his figures count the same people: both count everybody of the plan."""
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
        sits = (self.watch and self.watch.sitting) or (self.figures and self.figures.sitting)
        return self.exam_from <= now < self.exam_until or bool(sits)


def watched_today(uow: UnitOfWork, actor: Actor) -> list[WatchLine]:
    """Return the exams on which the actor may act today, the earliest first, in a few statements for any number.

    An exam of yesterday is among them as long as somebody sits in it.
    """
    begins, ends = day_of(uow.now)
    plans = plans_watched(uow, actor, *STEWARDS, since=begins - LATE, until=ends)
    if not plans:
        return []
    rooms = rooms_alone(uow, actor, plans, *STEWARDS)
    counted = {
        row[0]: (row[1], row[2])
        for row in uow.session.execute(
            select(Plan.id, func.count(), func.sum(case((sits_at(uow.now), 1), else_=0)))
            .join(Application, Application.plan_id == Plan.id)
            .join(Organisation, Organisation.id == Application.employer_organisation_id)
            .join(ApplicationStage, ApplicationStage.application_id == Application.id)
            .where(Plan.id.in_([plan.id for plan in plans]), is_expected(), reached(actor, *STEWARDS))
            .group_by(Plan.id)
        )
    }
    lines = [
        WatchLine(
            plan.id, plan.title, plan.number, plan.exam_from, plan.exam_until, tuple(rooms.get(plan.id, ())),
            plan.id not in rooms
            and all(actor.covers(plan.issuer_path, roles) for roles in (STEWARDS, BY_ISSUER[Figure.PASSES])),
            *counted.get(plan.id, (0, 0)),
        )
        for plan in plans
    ]  # fmt: skip
    return [one for one in lines if one.exam_until > begins or one.sitting]


def together(exams: list[ExamToday], watched: list[WatchLine], now: datetime) -> list[TodayLine]:
    """Join what is known of the same plans: those that run first, then the next to close, and what is over last.

    Of more than a desk can show the first are kept.
    """
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

    def order(line: TodayLine) -> tuple[bool, bool, datetime, str]:
        return not line.is_running(now), line.exam_until <= now, line.exam_until, line.number

    return sorted(lines, key=order)[:LINES_SHOWN]
