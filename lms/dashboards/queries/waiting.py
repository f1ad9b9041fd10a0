"""What waits for a decision of a member of staff: one statement for each kind that his roles reach."""

from typing import Any

from sqlalchemy import Select, func, select

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.certificates.models import Certificate
from lms.certificates.policy import CertificateState
from lms.core.actors import Actor
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Waiting, WorkItem
from lms.enrolment.queries import inbox, inbox_count
from lms.plans.models import Plan
from lms.plans.policy import PlanState
from lms.questions.models import ImportBatch
from lms.questions.policy import ImportState
from lms.registry.models import RegistryEntry
from lms.registry.policy import EntryState

REVIEW_ROLES = (Role.REVIEWER, Role.INSTITUTION_OFFICER)


def waiting(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    """Return every kind of work that waits for the actor, the one that waits longest first."""
    found = [*_reviews(uow, actor), *_plans(uow, actor), *_imports(uow, actor), *_registry(uow, actor)]
    found += _jobs(uow, actor)
    return sorted(found, key=lambda one: one.oldest)


def _reviews(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    if not actor.has_role(*REVIEW_ROLES):
        return []
    first = inbox(uow, actor, limit=1)
    return [WorkItem(Waiting.REVIEWS, inbox_count(uow, actor), first[0].waiting_since)] if first else []


def _plans(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    scopes = actor.scope_paths(Role.EXAM_ADMIN)
    if not scopes:
        return []
    drafts, over = (
        select(func.count(), func.min(since))
        .select_from(Plan)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(Plan.state == state, within(Organisation.path, scopes))
        for since, state in ((Plan.created_at, PlanState.DRAFT), (Plan.exam_until, PlanState.PUBLISHED))
    )
    return [
        *_item(uow, Waiting.DRAFTS, drafts),
        *_item(uow, Waiting.OVER, over.where(Plan.exam_until <= uow.now)),
    ]


def _imports(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    if not actor.has_role(Role.QUESTION_ADMIN):
        return []
    return _item(
        uow,
        Waiting.IMPORTS,
        select(func.count(), func.min(ImportBatch.created_at)).where(
            ImportBatch.state == ImportState.CHECKED
        ),
    )


def _registry(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    scopes = actor.scope_paths(Role.REGISTRAR)
    if not scopes:
        return []
    issued_here = within(Organisation.path, scopes)
    suspended = (
        select(func.count(), func.min(RegistryEntry.changed_at))
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .where(RegistryEntry.state == EntryState.SUSPENDED, issued_here)
    )
    unprinted = (
        select(func.count(), func.min(Certificate.created_at))
        .join(Organisation, Organisation.id == Certificate.issuing_organisation_id)
        .where(Certificate.state == CertificateState.PENDING, issued_here)
    )
    return [*_item(uow, Waiting.SUSPENDED, suspended), *_item(uow, Waiting.PRINTING, unprinted)]


def _jobs(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    if not actor.has_role(Role.ADMINISTRATOR):
        return []
    return _item(
        uow,
        Waiting.JOBS,
        select(func.count(), func.min(OutboxJob.failed_at)).where(
            OutboxJob.failed_at.is_not(None), OutboxJob.done_at.is_(None)
        ),
    )


def _item(uow: UnitOfWork, kind: Waiting, wanted: Select[int, Any]) -> list[WorkItem]:
    """Run a statement that counts and names the oldest; nothing waits when it counts none."""
    count, oldest = uow.session.execute(wanted).one()
    return [WorkItem(kind, count, oldest)] if count else []
