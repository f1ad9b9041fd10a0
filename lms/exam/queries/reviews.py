"""Reading reviews of scores: one's own, and those of a scope."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, select

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.corrections import ScoreReview
from lms.exam.policy.reviews import WAITING, ReviewFacts, ReviewState, ReviewVerdict
from lms.exam.queries.attempt_list import EXAM_STAFF
from lms.exam.queries.attempts import AttemptFacts
from lms.exam.queries.conditions import find_ending
from lms.plans.models import Plan

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One line of the desk's list."""

    review: ReviewFacts
    person_name: str
    plan_title: str
    plan_number: str
    plan_path: str


def scored_at(uow: UnitOfWork, attempt: AttemptFacts) -> datetime | None:
    """Return since when an attempt has a score: its close, or a second person's verdict that came after it."""
    ending = find_ending(uow, attempt.id)
    if ending is not None and ending.decided_at is not None:
        return ending.decided_at
    return attempt.closed_at


def review_of(uow: UnitOfWork, attempt_id: str) -> ReviewFacts | None:
    """Return the review of an attempt that was not withdrawn, or None."""
    row = uow.session.scalar(
        select(ScoreReview).where(
            ScoreReview.attempt_id == attempt_id, ScoreReview.state != ReviewState.WITHDRAWN
        )
    )
    return _facts(row) if row else None


def own_review(uow: UnitOfWork, actor: Actor, review_id: str) -> ReviewFacts:
    """Return one of the actor's own reviews. Raises NotFound, also for somebody else's (fault I2)."""
    row = uow.session.get(ScoreReview, review_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound
    return _facts(row)


def get_review(uow: UnitOfWork, actor: Actor, review_id: str, *roles: Role) -> ReviewLine:
    """Return a review in a plan that one of the actor's roles reaches. Raises NotFound otherwise (fault I2)."""
    row = uow.session.execute(
        _lines(actor, *(roles or EXAM_STAFF)).where(ScoreReview.id == review_id)
    ).first()
    if row is None:
        raise NotFound
    review, name, title, number, path = row
    return ReviewLine(_facts(review), name, title, number, path)


def reviews_in_scope(uow: UnitOfWork, actor: Actor, number: int = 1) -> tuple[list[ReviewLine], Page]:
    """Return one page of the reviews of plans in scope: those that wait first, what is due first before all."""
    shown, page = page_of(uow, _lines(actor, *EXAM_STAFF), number, PAGE_SIZE)
    waits = ScoreReview.state.in_(WAITING)
    rows = uow.session.execute(
        shown.order_by(
            case((waits, 0), else_=1), case((waits, ScoreReview.due_at)), ScoreReview.asked_at.desc(), ScoreReview.id
        )
    )  # fmt: skip
    return [
        ReviewLine(_facts(review), name, title, plan_number, path)
        for review, name, title, plan_number, path in rows
    ], page


def _lines(actor: Actor, *roles: Role) -> Select[ScoreReview, str, str, str, str]:
    return (
        select(
            ScoreReview,
            Person.display_name,
            Plan.title,
            Plan.number.label("plan_number"),
            Organisation.path.label("plan_path"),
        )
        .join(Person, Person.id == ScoreReview.person_id)
        .join(Plan, Plan.id == ScoreReview.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(within(Organisation.path, actor.scope_paths(*roles)))
    )


def _facts(row: ScoreReview) -> ReviewFacts:
    return ReviewFacts(
        id=row.id, attempt_id=row.attempt_id, person_id=row.person_id, plan_id=row.plan_id,
        state=ReviewState(row.state), words=row.words, score_then=row.score_then, asked_at=row.asked_at,
        due_at=row.due_at, verdict=ReviewVerdict(row.verdict) if row.verdict else None, answer=row.answer,
        drafted_by=row.drafted_by, drafted_at=row.drafted_at, decided_by=row.decided_by, decided_at=row.decided_at,
    )  # fmt: skip
