"""What is going on: the exams of today, the classes that run, the files that came in, the record of acts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.queries import within
from lms.audit.models import AuditEvent
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Figure, reach_of
from lms.dashboards.queries.reach import Issuer, counted
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.exam.queries.attendance import sits_at
from lms.plans.models import Plan
from lms.plans.policy import PLAN_ZONE, PlanState, StageKind
from lms.questions.models import ImportBatch
from lms.questions.policy import ImportState

IMPORTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ExamToday:
    """A plan whose exam window is open for some of today. Counted are the people within reach."""

    plan_id: str
    title: str
    number: str
    exam_from: datetime
    exam_until: datetime
    may_sit: int
    """Whose exam stage is open: not passed yet, and an attempt left."""
    sitting: int
    passed: int


@dataclass(frozen=True, slots=True)
class ClassSize:
    """How many people a plan has approved, and how many have studied enough."""

    trainees: int
    studied: int


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An uploaded question file."""

    id: str
    filename: str
    state: ImportState
    new_count: int
    fault_count: int
    added_count: int | None
    created_at: datetime


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the day of a moment begins and ends in the zone of plans."""
    begins = now.astimezone(PLAN_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return begins, begins + timedelta(days=1)


def exams_today(uow: UnitOfWork, actor: Actor) -> list[ExamToday]:
    """Return the plans whose exam can be taken at some time today, the next to close first: one statement.

    Somebody without a plan of his own sees those in which people of his institution or city are.
    """
    begins, ends = day_of(uow.now)
    sitting = case((sits_at(uow.now), 1), else_=0)
    each = (
        select(
            Plan.id, Plan.title, Plan.number, Plan.exam_from, Plan.exam_until,
            _stands(StageState.OPEN).label("may_sit"), sitting.label("sitting"),
            _stands(StageState.PASSED).label("passed"),
        )
        .join(Issuer, Issuer.id == Plan.issuer_organisation_id)
        .join(Application, Application.plan_id == Plan.id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .where(
            Plan.state == PlanState.PUBLISHED, Plan.exam_from < ends, Plan.exam_until > begins,
            Application.state == ApplicationState.APPROVED, ApplicationStage.kind == StageKind.EXAM,
            counted(reach_of(actor, Figure.PASSES), ""),
        )
        .subquery()
    )  # fmt: skip
    plan = (each.c.id, each.c.title, each.c.number, each.c.exam_from, each.c.exam_until)
    rows = uow.session.execute(
        select(*plan, func.sum(each.c.may_sit), func.sum(each.c.sitting), func.sum(each.c.passed))
        .group_by(*plan)
        .order_by(each.c.exam_until, each.c.number)
    )
    return [ExamToday(*row) for row in rows]


def class_sizes(uow: UnitOfWork, plan_ids: Iterable[str]) -> dict[str, ClassSize]:
    """Return the sizes of some plans' classes, by plan: one statement. The caller has checked the scope."""
    wanted = set(plan_ids)
    rows = uow.session.execute(
        select(
            Application.plan_id,
            func.count(),
            func.sum(_stands(StageState.PASSED)),
        )
        .join(
            ApplicationStage,
            and_(ApplicationStage.application_id == Application.id, ApplicationStage.kind == StageKind.STUDY),
        )
        .where(Application.plan_id.in_(wanted), Application.state == ApplicationState.APPROVED)
        .group_by(Application.plan_id)
    )
    return {plan_id: ClassSize(trainees, studied) for plan_id, trainees, studied in rows}


def recent_imports(uow: UnitOfWork) -> list[ImportLine]:
    """Return the latest uploaded question files, newest first, without their long reports."""
    rows = uow.session.execute(
        select(
            ImportBatch.id, ImportBatch.filename, ImportBatch.state, ImportBatch.new_count,
            ImportBatch.fault_count, ImportBatch.added_count, ImportBatch.created_at,
        )
        .order_by(ImportBatch.created_at.desc(), ImportBatch.id)
        .limit(IMPORTS_SHOWN)
    )  # fmt: skip
    return [ImportLine(row.id, row.filename, ImportState(row.state), *row[3:]) for row in rows]


def events_today(uow: UnitOfWork) -> int:
    """Return how many acts the record of today holds."""
    begins, _ = day_of(uow.now)
    return uow.session.execute(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.at >= begins)
    ).scalar_one()


def own_people(uow: UnitOfWork, scopes: Iterable[str]) -> int:
    """Return how many people name an organisation within some scopes as their employer."""
    return uow.session.execute(
        select(func.count())
        .select_from(Profile)
        .join(Organisation, Organisation.id == Profile.employer_id)
        .where(within(Organisation.path, tuple(scopes)))
    ).scalar_one()


def _stands(state: StageState) -> ColumnElement[int]:
    """Count one for a stage in a state, nothing for any other."""
    return case((ApplicationStage.state == state, 1), else_=0)
