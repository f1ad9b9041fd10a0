"""The staff's list of attempts, in whose scope they lie, with how many questions of each are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, select

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import AnswerRevision, Attempt
from lms.exam.queries.attempts import AttemptFacts, facts_of
from lms.plans.models import Plan

PAGE_SIZE = 30
EXAM_STAFF = (Role.EXAM_ADMIN, Role.AUDITOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One line of the staff's list of attempts."""

    attempt: AttemptFacts
    person_name: str
    plan_title: str
    plan_number: str
    answered: int


def attempts_in_scope(
    uow: UnitOfWork, actor: Actor, *, plan_id: str = "", state: str = "", text: str = "", page: int = 1
) -> tuple[list[AttemptLine], int]:
    """Return one page of the attempts in plans whose issuer the actor's roles reach, newest first, and the total."""
    wanted = (
        select(Attempt, Person.display_name, Plan.title, Plan.number)
        .join(Person, Person.id == Attempt.person_id)
        .join(Plan, Plan.id == Attempt.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(within(Organisation.path, actor.scope_paths(*EXAM_STAFF)))
    )
    if plan_id:
        wanted = wanted.where(Attempt.plan_id == plan_id)
    if state:
        wanted = wanted.where(Attempt.state == state)
    if text:
        wanted = wanted.where(Person.display_name.contains(text, autoescape=True))
    total = uow.session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = uow.session.execute(
        wanted.order_by(Attempt.started_at.desc(), Attempt.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    ).all()
    counts = _answered_counts(uow, [attempt.id for attempt, *_ in rows])
    return [
        AttemptLine(facts_of(attempt), name, title, number, counts.get(attempt.id, 0))
        for attempt, name, title, number in rows
    ], total


def attempt_in_scope(uow: UnitOfWork, actor: Actor, attempt_id: str, *roles: Role) -> AttemptLine:
    """Return one attempt that one of the actor's roles reaches. Raises NotFound otherwise (fault I2)."""
    row = uow.session.execute(
        select(Attempt, Person.display_name, Plan.title, Plan.number)
        .join(Person, Person.id == Attempt.person_id)
        .join(Plan, Plan.id == Attempt.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(Attempt.id == attempt_id, within(Organisation.path, actor.scope_paths(*(roles or EXAM_STAFF))))
    ).first()
    if row is None:
        raise NotFound
    attempt, name, title, number = row
    return AttemptLine(
        facts_of(attempt), name, title, number, _answered_counts(uow, [attempt_id]).get(attempt_id, 0)
    )


def saved_counts(
    uow: UnitOfWork, attempt_ids: Sequence[str] | Select[str]
) -> dict[str, tuple[int, datetime]]:
    """Return how many questions of some attempts have an answer, and when something was saved last.

    What was taken back is no answer, as on the candidate's page.
    """
    last = (
        select(
            AnswerRevision.attempt_id,
            AnswerRevision.position,
            func.max(AnswerRevision.revision).label("revision"),
        )
        .where(AnswerRevision.attempt_id.in_(attempt_ids))
        .group_by(AnswerRevision.attempt_id, AnswerRevision.position)
        .subquery()
    )
    rows = uow.session.execute(
        select(
            AnswerRevision.attempt_id,
            func.sum(case((AnswerRevision.choice != "", 1), else_=0)),
            func.max(AnswerRevision.received_at),
        )
        .join(
            last,
            and_(
                last.c.attempt_id == AnswerRevision.attempt_id,
                last.c.position == AnswerRevision.position,
                last.c.revision == AnswerRevision.revision,
            ),
        )
        .group_by(AnswerRevision.attempt_id)
    )
    return {attempt_id: (answered, saved_at) for attempt_id, answered, saved_at in rows}


def _answered_counts(uow: UnitOfWork, attempt_ids: list[str]) -> dict[str, int]:
    if not attempt_ids:
        return {}
    return {one: answered for one, (answered, _saved_at) in saved_counts(uow, attempt_ids).items()}
