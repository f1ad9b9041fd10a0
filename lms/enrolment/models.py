"""The tables of the enrolment room."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.accounts.policy import OrganisationKind
from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.enrolment.policy import ApplicationState, Decision, EvidenceKind, Outcome, StageState
from lms.plans.policy import ExaminerLevel, StageKind

_LIVE = text("outcome IS NULL AND state NOT IN ('rejected', 'withdrawn')")
_KEPT = text("state NOT IN ('rejected', 'withdrawn')")
_APPROVING = text("decision = 'approve'")


class Application(Base):
    """One person's application in one plan, for one occupation and level (H21)."""

    __tablename__ = "application"
    __table_args__ = (
        # A6: one live application per ID number, occupation and level; the database refuses the second.
        Index(
            "uq_application_live_occupation", "id_number_index", "occupation_edition", "occupation_code", "level",
            unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
        # H19: one per person and plan; after a refusal or a withdrawal another may follow.
        Index(
            "uq_application_person_plan", "person_id", "plan_id",
            unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT,
        ),
        Index("ix_application_inbox", "waiting_tier", "employer_path"),
        CheckConstraint("step >= 0", name="step_from_zero"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    occupation_edition: Mapped[str] = mapped_column(String(4))
    occupation_code: Mapped[str] = mapped_column(String(12))
    occupation_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[ExaminerLevel] = mapped_column(String(10))
    issuing_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    employer_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    employer_path: Mapped[str] = mapped_column(String(80))
    """The employer's scope path when the application was handed in: it decides who reviews."""
    id_number_index: Mapped[str] = mapped_column(String(64))
    state: Mapped[ApplicationState] = mapped_column(String(12), default=ApplicationState.DRAFT)
    outcome: Mapped[Outcome | None] = mapped_column(String(10))
    route: Mapped[list[str]] = mapped_column(JSON)
    step: Mapped[int] = mapped_column(default=0)
    waiting_tier: Mapped[OrganisationKind | None] = mapped_column(String(12))
    """The tier whose turn it is: `route[step]` while under review, so that an inbox is one statement."""
    version: Mapped[int] = mapped_column(default=0)
    """Grows with every change a reviewer could be looking at; a decision names the version it saw (C6)."""
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    step_entered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReviewDecision(Base):
    """One reviewer's act at one step; never changed."""

    __tablename__ = "review_decision"
    __table_args__ = (
        # C6: a step is approved once, whoever comes second.
        Index(
            "uq_review_decision_step", "application_id", "step",
            unique=True, sqlite_where=_APPROVING, postgresql_where=_APPROVING,
        ),
        # A4: nobody approves two steps of one application.
        Index(
            "uq_review_decision_eyes", "application_id", "actor_id",
            unique=True, sqlite_where=_APPROVING, postgresql_where=_APPROVING,
        ),
        UniqueConstraint("application_id", "version"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    version: Mapped[int]
    """The version the reviewer saw."""
    step: Mapped[int]
    tier: Mapped[OrganisationKind] = mapped_column(String(12))
    decision: Mapped[Decision] = mapped_column(String(8))
    actor_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    scope_path: Mapped[str] = mapped_column(String(80))
    """The scope by which the reviewer acted, as it was then (A5)."""
    remark: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]


class EvidenceFile(Base):
    """One uploaded proof (A9). Images are stored re-encoded; nothing is deleted, only put aside."""

    __tablename__ = "evidence_file"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(String(12))
    media_type: Mapped[str] = mapped_column(String(20))
    file_key: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ApplicationStage(Base):
    """One stage of one application: the spine."""

    __tablename__ = "application_stage"
    __table_args__ = (
        UniqueConstraint("application_id", "kind"),
        Index("uq_application_stage_position", "application_id", "position", unique=True),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int]
    kind: Mapped[StageKind] = mapped_column(String(20))
    state: Mapped[StageState] = mapped_column(String(8), default=StageState.LOCKED)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
