"""Reading what reviewers look at: the inbox, past decisions, evidence."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, EvidenceFile, ReviewDecision
from lms.enrolment.policy import (
    EVIDENCE_PICTURE,
    REVIEWABLE_STATES,
    ApplicationState,
    Decision,
    EvidenceKind,
    Outcome,
    pill_of,
    reviewing_scopes,
)
from lms.enrolment.queries.applications import get_application
from lms.plans.models import Plan
from lms.plans.policy import REVIEW_ORDER, ExaminerLevel

DECIDERS = (Role.REVIEWER, Role.INSTITUTION_OFFICER)
DECIDED_PAGE = 30


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One line of a reviewer's inbox; personal numbers stay out of it."""

    application_id: str
    name: str
    employer_name: str
    occupation_name: str
    occupation_code: str
    level: ExaminerLevel
    plan_title: str
    tier: OrganisationKind
    step: int
    steps: int
    submitted_at: datetime
    waiting_since: datetime
    resubmitted: bool


def inbox(uow: UnitOfWork, actor: Actor, limit: int = 500) -> list[InboxLine]:
    """Return what waits for this reviewer, the longest waiting first: one statement.

    A case is his when it waits at the tier of one of his scopes, within that scope, is not his own,
    and he has approved no step of it (A18, I3).
    """
    was_returned = exists().where(
        ReviewDecision.application_id == Application.id, ReviewDecision.decision == Decision.RETURN
    )
    rows = uow.session.execute(
        select(Application, Profile.name, Organisation.name, Plan.title, was_returned)
        .join(Profile, Profile.person_id == Application.person_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .join(Plan, Plan.id == Application.plan_id)
        .where(_waiting_for(actor))
        .order_by(Application.step_entered_at, Application.id)
        .limit(limit)
    )
    return [
        InboxLine(
            application_id=application.id, name=name, employer_name=employer,
            occupation_name=application.occupation_name, occupation_code=application.occupation_code,
            level=ExaminerLevel(application.level), plan_title=title,
            tier=OrganisationKind(application.route[application.step]), step=application.step,
            steps=len(application.route), submitted_at=application.submitted_at or application.created_at,
            waiting_since=application.step_entered_at or application.created_at,
            resubmitted=bool(returned),
        )
        for application, name, employer, title, returned in rows
    ]  # fmt: skip


def inbox_count(uow: UnitOfWork, actor: Actor) -> int:
    """Return how many cases wait for this reviewer."""
    return uow.session.execute(
        select(func.count()).select_from(Application).where(_waiting_for(actor))
    ).scalar_one()


def _waiting_for(actor: Actor) -> ColumnElement[bool]:
    if actor.person_id is None:
        return false()
    mine = or_(
        *(
            and_(
                Application.waiting_tier == tier,
                within(Application.employer_path, reviewing_scopes(actor, tier)),
            )
            for tier in REVIEW_ORDER
        )
    )
    approved_before = exists().where(
        ReviewDecision.application_id == Application.id,
        ReviewDecision.decision == Decision.APPROVE,
        ReviewDecision.actor_id == actor.person_id,
    )
    return and_(
        mine,
        Application.state.in_(REVIEWABLE_STATES),
        Application.outcome.is_(None),
        Application.person_id != actor.person_id,
        ~approved_before,
    )


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One past decision on an application."""

    step: int
    tier: OrganisationKind
    decision: Decision
    actor_id: str
    remark: str
    at: datetime
    version: int


def decisions(uow: UnitOfWork, application_id: str) -> list[DecisionLine]:
    """Return the decisions on an application, oldest first."""
    rows = uow.session.scalars(
        select(ReviewDecision)
        .where(ReviewDecision.application_id == application_id)
        .order_by(ReviewDecision.at, ReviewDecision.version)
    )
    return [
        DecisionLine(
            row.step,
            OrganisationKind(row.tier),
            Decision(row.decision),
            row.actor_id,
            row.remark,
            row.at,
            row.version,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """One decision of a reviewer with the case it was about; personal numbers stay out of it."""

    application_id: str
    name: str
    employer_name: str
    occupation_name: str
    level: ExaminerLevel
    plan_title: str
    tier: OrganisationKind
    decision: Decision
    at: datetime
    remark: str
    pill: tuple[str, str]
    """Where the case stands now."""


def decided(
    uow: UnitOfWork, actor: Actor, *, words: str = "", decision: str = "", page: int = 1
) -> tuple[list[DecidedLine], int]:
    """Return one page of what this reviewer has decided within his present scopes, newest first, and the total."""
    wanted = (
        select(ReviewDecision, Application, Profile.name, Organisation.name, Plan.title)
        .join(Application, Application.id == ReviewDecision.application_id)
        .join(Profile, Profile.person_id == Application.person_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .join(Plan, Plan.id == Application.plan_id)
        .where(
            ReviewDecision.actor_id == (actor.person_id or ""),
            within(Application.employer_path, actor.scope_paths(*DECIDERS)),
        )
    )
    if words:
        columns = (Profile.name, Organisation.name, Application.occupation_name, Plan.title)
        wanted = wanted.where(or_(*(column.contains(words, autoescape=True) for column in columns)))
    if decision:
        wanted = wanted.where(ReviewDecision.decision == decision)
    total = uow.session.execute(
        select(func.count()).select_from(wanted.with_only_columns(ReviewDecision.id).subquery())
    ).scalar_one()
    rows = uow.session.execute(
        wanted.order_by(ReviewDecision.at.desc(), ReviewDecision.id)
        .limit(DECIDED_PAGE)
        .offset((page - 1) * DECIDED_PAGE)
    )
    return [
        DecidedLine(
            application_id=application.id, name=name, employer_name=employer,
            occupation_name=application.occupation_name, level=ExaminerLevel(application.level), plan_title=title,
            tier=OrganisationKind(made.tier), decision=Decision(made.decision), at=made.at, remark=made.remark,
            pill=pill_of(
                ApplicationState(application.state), Outcome(application.outcome) if application.outcome else None
            ),
        )
        for made, application, name, employer, title in rows
    ], total  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One uploaded proof."""

    id: str
    application_id: str
    kind: EvidenceKind
    media_type: str
    file_key: str
    size_bytes: int
    uploaded_at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture that this house has encoded anew; anything else is as it was sent."""
        return self.media_type == EVIDENCE_PICTURE


def evidence(uow: UnitOfWork, application_id: str) -> list[EvidenceLine]:
    """Return the proofs of an application that were not put aside, oldest first."""
    rows = uow.session.scalars(
        select(EvidenceFile)
        .where(EvidenceFile.application_id == application_id, EvidenceFile.removed_at.is_(None))
        .order_by(EvidenceFile.uploaded_at, EvidenceFile.id)
    )
    return [_evidence(row) for row in rows]


def evidence_kinds(uow: UnitOfWork, application_id: str) -> dict[str, EvidenceKind]:
    """Return the kind of every proof an application ever had, by its id, those that were taken out too."""
    rows = uow.session.execute(
        select(EvidenceFile.id, EvidenceFile.kind).where(EvidenceFile.application_id == application_id)
    )
    return {evidence_id: EvidenceKind(kind) for evidence_id, kind in rows}


def get_evidence(uow: UnitOfWork, actor: Actor, application_id: str, evidence_id: str) -> EvidenceLine:
    """Return one proof of an application the actor may see. Raises NotFound."""
    get_application(uow, actor, application_id)
    row = uow.session.get(EvidenceFile, evidence_id)
    if row is None or row.application_id != application_id or row.removed_at is not None:
        raise NotFound
    return _evidence(row)


def _evidence(row: EvidenceFile) -> EvidenceLine:
    return EvidenceLine(
        row.id,
        row.application_id,
        EvidenceKind(row.kind),
        row.media_type,
        row.file_key,
        row.size_bytes,
        row.uploaded_at,
    )
