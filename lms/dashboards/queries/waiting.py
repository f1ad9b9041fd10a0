"""What waits for a decision of a member of staff: how much of each kind, and since when the oldest."""

from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.decisions import DecisionState
from lms.core.actors import Actor
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Waiting, WorkItem
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.exam.models.corrections import Correction, ScoreReview
from lms.exam.policy.corrections import CorrectionState
from lms.exam.policy.reviews import WAITING
from lms.plans.models import Plan
from lms.plans.policy import PlanState
from lms.plans.queries import exam_lasts_beyond
from lms.questions.models import ImportBatch
from lms.questions.policy import ImportState
from lms.registry.models.changes import RegistryChange
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.registry.policy.changes import ChangeState
from lms.registry.policy.entries import EntryState
from lms.registry.policy.merges import MergeState
from lms.study.desk_models import StudyAppeal
from lms.study.policy.appeals import AppealState


def waiting(uow: UnitOfWork, actor: Actor) -> list[WorkItem]:
    """Return the kinds of work that wait for the actor, but for reviews: one statement for all his roles."""
    wanted = [*_plans(uow, actor), *_imports(actor), *_registry(actor), *_jobs(actor)]
    rows = uow.session.execute(union_all(*wanted)) if wanted else ()
    return [WorkItem(Waiting(kind), count, oldest) for kind, count, oldest in rows if count]


def _counted(kind: Waiting, since: Any) -> Select[Any]:
    return select(literal(kind.value), func.count(), func.min(since))


def _plans(uow: UnitOfWork, actor: Actor) -> list[Select[Any]]:
    scopes = actor.scope_paths(Role.EXAM_ADMIN)
    if not scopes:
        return []
    drafts = _counted(Waiting.DRAFTS, Plan.created_at).where(Plan.state == PlanState.DRAFT)
    over = _counted(Waiting.OVER, Plan.exam_until).where(
        Plan.state == PlanState.PUBLISHED, ~exam_lasts_beyond(uow.now)
    )
    appeals = (
        _counted(Waiting.APPEALS, StudyAppeal.created_at)
        .join(Plan, Plan.id == StudyAppeal.plan_id)
        .where(StudyAppeal.state == AppealState.OPEN, StudyAppeal.person_id != actor.person_id)
    )
    reviews = (
        _counted(Waiting.SCORE_REVIEWS, ScoreReview.asked_at)
        .join(Plan, Plan.id == ScoreReview.plan_id)
        .where(ScoreReview.state.in_(WAITING), ScoreReview.person_id != actor.person_id)
        .where(func.coalesce(ScoreReview.drafted_by, "") != actor.person_id)
    )
    proposed = Correction.state == CorrectionState.PROPOSED
    reversing = Correction.state == CorrectionState.REVERSING
    corrections = (
        _counted(Waiting.CORRECTIONS, Correction.proposed_at)
        .join(Plan, Plan.id == Correction.plan_id)
        .where(
            (proposed & (Correction.proposed_by != actor.person_id))
            | (reversing & (Correction.reversal_by != actor.person_id))
        )
    )
    return [
        one.join(Organisation, Organisation.id == Plan.issuer_organisation_id).where(
            within(Organisation.path, scopes)
        )
        for one in (drafts, over, appeals, reviews, corrections)
    ]


def _imports(actor: Actor) -> list[Select[Any]]:
    if not actor.has_role(Role.QUESTION_ADMIN):
        return []
    return [_counted(Waiting.IMPORTS, ImportBatch.created_at).where(ImportBatch.state == ImportState.CHECKED)]


def _registry(actor: Actor) -> list[Select[Any]]:
    scopes = actor.scope_paths(Role.REGISTRAR)
    if not scopes:
        return []
    suspended = _counted(Waiting.SUSPENDED, RegistryEntry.changed_at).where(
        RegistryEntry.state == EntryState.SUSPENDED
    )
    unprinted = _counted(Waiting.PRINTING, Certificate.created_at).where(
        Certificate.state == CertificateState.PENDING
    )
    decisions = (
        _counted(Waiting.DECISIONS, CertificateDecision.proposed_at)
        .join(Certificate, Certificate.id == CertificateDecision.certificate_id)
        .where(
            CertificateDecision.state == DecisionState.PROPOSED,
            CertificateDecision.proposed_by != actor.person_id,
        )
    )
    unnumbered = (
        _counted(Waiting.NUMBERING, Application.ended_at)
        .outerjoin(Certificate, Certificate.application_id == Application.id)
        .where(Application.outcome == Outcome.COMPLETED, Certificate.id.is_(None))
    )
    changes = (
        _counted(Waiting.CHANGES, RegistryChange.asked_at)
        .join(RegistryEntry, RegistryEntry.id == RegistryChange.entry_id)
        .where(RegistryChange.state == ChangeState.OPEN, RegistryChange.asked_by != actor.person_id)
    )
    issued_here = select(Organisation.id).where(within(Organisation.path, scopes))
    ends, stays = aliased(RegistryEntry), aliased(RegistryEntry)
    merges = (
        _counted(Waiting.MERGES, RegistryMerge.proposed_at)
        .join(ends, ends.id == RegistryMerge.entry_id)
        .join(stays, stays.id == RegistryMerge.into_id)
        .where(
            RegistryMerge.state == MergeState.PROPOSED, RegistryMerge.proposed_by != actor.person_id,
            ends.issuing_organisation_id.in_(issued_here), stays.issuing_organisation_id.in_(issued_here),
        )
    )  # fmt: skip
    return [
        changes.where(RegistryEntry.issuing_organisation_id.in_(issued_here)),
        merges,
        suspended.where(RegistryEntry.issuing_organisation_id.in_(issued_here)),
        decisions.where(Certificate.issuing_organisation_id.in_(issued_here)),
        unnumbered.where(Application.issuing_organisation_id.in_(issued_here)),
        unprinted.where(Certificate.issuing_organisation_id.in_(issued_here)),
    ]


def _jobs(actor: Actor) -> list[Select[Any]]:
    if not actor.has_role(Role.ADMINISTRATOR):
        return []
    return [
        _counted(Waiting.JOBS, OutboxJob.failed_at).where(
            OutboxJob.failed_at.is_not(None), OutboxJob.done_at.is_(None)
        )
    ]
