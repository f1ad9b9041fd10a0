"""Gathering what the desk of staff shows, by role, in one read transaction."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Figure, Waiting, WorkItem, figures_of
from lms.dashboards.queries.expiry import EndingLine, next_endings
from lms.dashboards.queries.today import (
    ClassSize,
    ExamToday,
    ImportLine,
    class_sizes,
    events_today,
    exams_today,
    own_people,
    recent_imports,
)
from lms.dashboards.queries.waiting import waiting
from lms.dashboards.queries.watch import TodayLine, together, watched_today
from lms.enrolment.queries import InboxLine, inbox, inbox_count
from lms.exam.queries.reach import STEWARDS
from lms.plans.policy import PlanFacts, PlanState
from lms.plans.queries import blueprints_in_use, plans_in_scope
from lms.questions.queries import BlueprintFacts, blueprints, item_count
from lms.registry.queries.counts import EntryCounts, counts
from lms.registry.queries.entries import READERS as REGISTRY_READERS

INBOX_SHOWN = 8
PLANS_SHOWN = 8
JOBS_SHOWN = 50
REVIEW_ROLES = (Role.REVIEWER, Role.INSTITUTION_OFFICER)


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up after its last try and waits for a person."""

    id: str
    name: str
    error: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """The work lists of a member of staff; a list the roles do not reach is None."""

    waiting: tuple[WorkItem, ...] = ()
    """The longest waiting first."""
    inbox: tuple[InboxLine, ...] | None = None
    inbox_total: int = 0
    exams: tuple[ExamToday, ...] | None = None
    today: tuple[TodayLine, ...] = ()
    """The exams of today, with their board for who invigilates them."""
    invigilates: bool = False
    """Whether the actor acts in exams at all, today or on another day."""
    plans: tuple[PlanFacts, ...] | None = None
    classes: dict[str, ClassSize] = field(default_factory=dict)
    drafts: int = 0
    running_plans: int = 0
    people: int | None = None
    questions: int | None = None
    imports: tuple[ImportLine, ...] | None = None
    short_blueprints: tuple[BlueprintFacts, ...] = ()
    registry: EntryCounts | None = None
    endings: tuple[EndingLine, ...] | None = None
    events: int | None = None
    dead_jobs: tuple[DeadJob, ...] | None = None


def desk(uow: UnitOfWork, actor: Actor) -> DeskFacts:
    """Return what waits for the actor and what goes on, by the roles he holds and within their scopes."""
    reviews = actor.has_role(*REVIEW_ROLES)
    cases = tuple(inbox(uow, actor, limit=INBOX_SHOWN)) if reviews else None
    case_count = inbox_count(uow, actor) if reviews else 0
    work = waiting(uow, actor)
    if cases:
        work.append(WorkItem(Waiting.REVIEWS, case_count, cases[0].waiting_since))
    plans = plans_in_scope(uow, actor) if actor.has_role(Role.EXAM_ADMIN) else None
    current = [plan for plan in plans or [] if plan.state in (PlanState.DRAFT, PlanState.PUBLISHED)]
    shown = tuple(current[:PLANS_SHOWN])
    bank = actor.has_role(Role.QUESTION_ADMIN)
    figures = figures_of(actor)
    exams = exams_today(uow, actor) if Figure.PASSES in figures else None
    invigilates = actor.has_role(*STEWARDS)
    officer = actor.scope_paths(Role.INSTITUTION_OFFICER)
    return DeskFacts(
        waiting=tuple(sorted(work, key=lambda one: one.oldest)),
        inbox=cases,
        inbox_total=case_count,
        exams=None if exams is None else tuple(exams),
        today=tuple(together(exams or [], watched_today(uow, actor) if invigilates else [], uow.now)),
        invigilates=invigilates,
        plans=shown if plans is not None else None,
        classes=class_sizes(uow, (plan.id for plan in shown)) if shown else {},
        drafts=sum(plan.state is PlanState.DRAFT for plan in current),
        running_plans=sum(plan.state is PlanState.PUBLISHED for plan in current),
        people=own_people(uow, officer) if officer else None,
        questions=item_count(uow) if bank else None,
        imports=tuple(recent_imports(uow)) if bank else None,
        short_blueprints=_short_blueprints(uow) if bank else (),
        registry=counts(uow, actor) if actor.has_role(*REGISTRY_READERS) else None,
        endings=tuple(next_endings(uow, actor)) if Figure.EXPIRY in figures else None,
        events=events_today(uow) if actor.has_role(Role.AUDITOR) else None,
        dead_jobs=_dead_jobs(uow) if actor.has_role(Role.ADMINISTRATOR) else None,
    )


def _short_blueprints(uow: UnitOfWork) -> tuple[BlueprintFacts, ...]:
    """Return what cannot be drawn though plans may choose it or still draw from it; drafts alarm nobody."""
    short = [one for one in blueprints(uow) if one.shortages]
    in_use = blueprints_in_use(uow, uow.now) if any(not one.is_on_offer for one in short) else set()
    return tuple(one for one in short if one.is_on_offer or one.id in in_use)


def _dead_jobs(uow: UnitOfWork) -> tuple[DeadJob, ...]:
    rows = uow.session.execute(
        select(OutboxJob.id, OutboxJob.name, OutboxJob.last_error, OutboxJob.failed_at)
        .where(OutboxJob.failed_at.is_not(None), OutboxJob.done_at.is_(None))
        .order_by(OutboxJob.failed_at.desc())
        .limit(JOBS_SHOWN)
    )
    return tuple(DeadJob(row.id, row.name, row.last_error or "", row.failed_at) for row in rows)
