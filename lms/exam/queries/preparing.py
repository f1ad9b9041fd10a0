"""Whose paper is still to be drawn, and which frozen papers no longer fit their plan or their bank."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select

from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.exam.models.attempts import Attempt, Paper, PaperItem
from lms.exam.models.papers import WithdrawnPaper
from lms.exam.policy.attempts import AttemptState
from lms.plans.models import Plan
from lms.plans.policy import PlanState, StageKind
from lms.plans.queries import exam_lasts_beyond
from lms.questions.models import QuestionItem, QuestionVersion, StockMark, VersionReview
from lms.questions.policy import ItemState


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may sit and has no paper that fits."""

    person_id: str
    plan_id: str


def stock_mark(uow: UnitOfWork) -> str | None:
    """Return the mark of the bank: another one says that what papers may draw has changed."""
    return uow.session.scalar(select(StockMark.mark))


def people_without_paper(uow: UnitOfWork, *, bank_changed: bool, limit: int) -> list[Waiting]:
    """Return those whose exam stage is open and who have no paper that fits, the earliest exams first.

    What is on a paper is only compared with the bank where `bank_changed`: that looks at every question of every
    paper that waits.
    """
    fits = and_(
        Paper.person_id == Application.person_id, Paper.plan_id == Application.plan_id,
        Paper.blueprint_id == Plan.blueprint_id, ~_was_sat(), ~_was_withdrawn(),
    )  # fmt: skip
    if bank_changed:
        fits = and_(fits, ~_was_overtaken())
    sits_now = exists().where(
        Attempt.person_id == Application.person_id, Attempt.plan_id == Application.plan_id,
        Attempt.state == AttemptState.IN_PROGRESS,
    )  # fmt: skip
    rows = uow.session.execute(
        select(Application.person_id, Application.plan_id)
        .join(Plan, Plan.id == Application.plan_id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .where(
            Plan.state == PlanState.PUBLISHED, exam_lasts_beyond(uow.now),
            Application.state == ApplicationState.APPROVED,
            ApplicationStage.kind == StageKind.EXAM, ApplicationStage.state == StageState.OPEN,
            ~exists().where(fits), ~sits_now,
        )
        .order_by(Plan.exam_from, Application.id)
        .limit(limit)
    )  # fmt: skip
    return [Waiting(person_id, plan_id) for person_id, plan_id in rows]


def fits_still(uow: UnitOfWork, paper_id: str, blueprint_id: str | None) -> bool:
    """Tell whether a frozen paper is of this blueprint, and nothing happened to its questions since it was frozen."""
    return bool(
        uow.session.scalar(
            select(
                exists().where(Paper.id == paper_id, Paper.blueprint_id == blueprint_id, ~_was_overtaken())
            )
        )
    )


def is_free(uow: UnitOfWork, paper_id: str) -> bool:
    """Tell whether a paper was neither sat nor withdrawn."""
    return bool(_IS_FREE.scalar(uow.session, {"paper": paper_id}))


def _was_sat() -> ColumnElement[bool]:
    return exists().where(Attempt.paper_id == Paper.id).correlate(Paper)


def _was_withdrawn() -> ColumnElement[bool]:
    return exists().where(WithdrawnPaper.paper_id == Paper.id).correlate(Paper)


def _was_overtaken() -> ColumnElement[bool]:
    """A question of the paper left the bank, or has another wording since."""
    decided = exists().where(
        VersionReview.item_id == QuestionVersion.item_id, VersionReview.version == QuestionVersion.version,
        VersionReview.decided_at > Paper.created_at,
    )  # fmt: skip
    return (
        exists()
        .where(
            PaperItem.paper_id == Paper.id, QuestionItem.id == PaperItem.item_id,
            QuestionVersion.item_id == QuestionItem.id, QuestionVersion.version == QuestionItem.version,
            or_(
                QuestionItem.state != ItemState.APPROVED,
                QuestionVersion.created_at > Paper.created_at,
                decided.correlate(Paper, QuestionVersion),
            ),
        )
        .correlate(Paper)
    )  # fmt: skip


_IS_FREE = ReadyStatement(
    select(exists().where(Paper.id == bindparam("paper"), ~_was_sat(), ~_was_withdrawn()))
)
"""Everybody who starts asks it."""
