"""The tables of the plans room."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.plans.policy import ExaminerLevel, PlanState, StageKind


class Plan(Base):
    """One batch: windows, pass rules, course, blueprint and review route. Frozen once published."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("max_attempts BETWEEN 1 AND 2", name="attempts_bound"),  # B3, H20
        CheckConstraint("length(number) = 16", name="number_length"),  # A8
        CheckConstraint("beat_interval_seconds >= 1 AND presence_min_seconds >= 1", name="interval_floor"),
        CheckConstraint(
            "top_speed_percent BETWEEN 100 AND 200 AND daily_limit_seconds >= 0", name="player_bounds"
        ),
        CheckConstraint("presence_max_seconds >= presence_min_seconds", name="presence_order"),
        CheckConstraint(
            "enrol_from < enrol_until AND study_from < study_until AND exam_from < exam_until", name="windows"
        ),
        CheckConstraint("pass_mark BETWEEN 1 AND 10000", name="pass_mark_bound"),
        CheckConstraint("exam_prolonged_until > exam_until", name="prolonged"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    template_code: Mapped[str] = mapped_column(String(20))
    state: Mapped[PlanState] = mapped_column(String(12), default=PlanState.DRAFT, index=True)
    issuer_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The institution or centre that trains, issues and answers for it (A24)."""
    enrol_from: Mapped[datetime]
    enrol_until: Mapped[datetime]
    study_from: Mapped[datetime]
    study_until: Mapped[datetime]
    exam_from: Mapped[datetime]
    exam_until: Mapped[datetime]
    exam_prolonged_until: Mapped[datetime | None]
    """Until when, at the latest, somebody may still begin or sit: time was added for all or for some of them."""
    required_study_seconds: Mapped[int]
    beat_interval_seconds: Mapped[int]
    presence_min_seconds: Mapped[int]
    presence_max_seconds: Mapped[int]
    presence_answer_seconds: Mapped[int]
    may_skip_ahead: Mapped[bool] = mapped_column(default=True)
    """Whether a part nobody has played yet may be skipped on the first view; back is always free."""
    top_speed_percent: Mapped[int] = mapped_column(default=100)
    """The fastest the player offers. It never counts more than the time that passes."""
    daily_limit_seconds: Mapped[int] = mapped_column(default=0)
    """The most that is credited on one day; 0 says that there is no limit."""
    pass_mark: Mapped[int]
    """Hundredths of a point (H12)."""
    exam_duration_seconds: Mapped[int]
    max_attempts: Mapped[int]
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    blueprint_id: Mapped[str | None] = mapped_column(ForeignKey("blueprint.id"))
    review_route: Mapped[list[str]] = mapped_column(JSON)
    """Tiers in order, such as ["institution", "city", "province"] (A12, A18)."""
    number_rule: Mapped[str] = mapped_column(String(20))
    """The named template by which certificate numbers are made (C6, H1)."""
    keeps_number: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether who is certified again after the end of his certificate keeps its number (H7)."""
    validity_years: Mapped[int]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class PlanOccupation(Base):
    """One occupation at one examiner level that a plan offers."""

    __tablename__ = "plan_occupation"
    __table_args__ = (UniqueConstraint("plan_id", "edition", "code", "level"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    position: Mapped[int]
    edition: Mapped[str] = mapped_column(String(4))
    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))
    """The name at this time; names and codes change between editions (H16)."""
    level: Mapped[ExaminerLevel] = mapped_column(String(10))


class PlanStage(Base):
    """One stage of a plan (H4)."""

    __tablename__ = "plan_stage"
    __table_args__ = (
        UniqueConstraint("plan_id", "kind"),
        Index("uq_plan_stage_position", "plan_id", "position", unique=True),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    position: Mapped[int]
    kind: Mapped[StageKind] = mapped_column(String(20))


class PlanNumberSequence(Base):
    """The last serial given in a month; a conditional update hands out the next (A8)."""

    __tablename__ = "plan_number_sequence"

    month: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int]
