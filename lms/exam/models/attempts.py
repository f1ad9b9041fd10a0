"""The tables of the exam room. Limits live in constraints: the database refuses, not only the code."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.exam.policy.attempts import AttemptState


class Paper(Base):
    """A frozen paper for one person's next sitting of a plan; written once (B8)."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("person_id", "plan_id", "serial"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    serial: Mapped[int]
    """Counts the sittings of a person in a plan, voided ones included: a voided paper is never shown again."""
    blueprint_id: Mapped[str] = mapped_column(ForeignKey("blueprint.id"))
    question_count: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    """Rebuilds the paper and so gives away the key; it leaves the database only for grading."""
    public: Mapped[str] = mapped_column(Text)
    """JSON of what the candidate sees; no key, no item ids."""
    key: Mapped[str] = mapped_column(Text)
    areas: Mapped[list[str]] = mapped_column(JSON)
    """Knowledge area of each question in order, for the result by area."""
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class PaperItem(Base):
    """An item on a paper, so that it is known how often each was shown and where. Written with the paper."""

    __tablename__ = "paper_item"
    __table_args__ = (
        PrimaryKeyConstraint("paper_id", "item_id"),
        # Covers the counting of how often an item was drawn lately.
        Index("ix_paper_item_item", "item_id", "drawn_at"),
    )

    paper_id: Mapped[str] = mapped_column(ForeignKey("paper.id"))
    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"))
    drawn_at: Mapped[datetime]


_LIVE = "state <> 'voided'"
_OPEN = "state = 'in_progress'"


class Attempt(Base):
    """One sitting."""

    __tablename__ = "attempt"
    __table_args__ = (
        # B3, H20: two attempts that count, never more, whatever route asks.
        Index(
            "uq_attempt_number", "person_id", "plan_id", "attempt_no", unique=True,
            sqlite_where=text(_LIVE), postgresql_where=text(_LIVE),
        ),
        CheckConstraint("attempt_no IN (1, 2)", name="attempt_no"),
        CheckConstraint("attempt_no <= max_attempts", name="within_plan"),
        # Invariant E2: one open attempt per person.
        Index("uq_attempt_open", "person_id", unique=True, sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index("ix_attempt_deadline", "deadline_at", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        CheckConstraint(
            "state IN ('in_progress', 'submitted', 'timed_out', 'graded', 'voided')", name="state"
        ),
        CheckConstraint("state <> 'graded' OR (score IS NOT NULL AND passed IS NOT NULL)", name="graded_has_score"),
        CheckConstraint("state <> 'in_progress' OR closed_at IS NULL", name="open_is_open"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    attempt_no: Mapped[int]
    max_attempts: Mapped[int]
    """The plan's limit at the start (H20)."""
    paper_id: Mapped[str] = mapped_column(ForeignKey("paper.id"), unique=True)
    question_count: Mapped[int]
    state: Mapped[AttemptState] = mapped_column(String(12), default=AttemptState.IN_PROGRESS)
    login_session_id: Mapped[str] = mapped_column(ForeignKey("login_session.id"))
    """The one login session that may save (fault B9)."""
    hold_no: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the sitting changed hands; the revisions of each hold have a stretch of their own."""
    started_at: Mapped[datetime]
    duration_seconds: Mapped[int]
    granted_seconds: Mapped[int] = mapped_column(default=0)
    window_end: Mapped[datetime]
    extension_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    """By how much the window of this attempt ends later."""
    deadline_at: Mapped[datetime]
    """least(started_at + duration + granted, window_end + extension); stored, never computed on the way."""
    pause_id: Mapped[str | None] = mapped_column(String(16))
    """The measure behind the last pause; it is over when `paused_until` is past."""
    paused_from: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pass_mark: Mapped[int]
    closed_at: Mapped[datetime | None]
    is_timed_out: Mapped[bool | None] = mapped_column(Boolean)
    """How it was closed: by its deadline, or handed in."""
    score: Mapped[int | None]
    """Hundredths of a point (H12)."""
    full_score: Mapped[int | None]
    passed: Mapped[bool | None] = mapped_column(Boolean)
    breakdown: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Points by question type and by knowledge area, for the result page."""


class AnswerRevision(Base):
    """One saved choice. Append-only: the highest revision of a question is the answer."""

    __tablename__ = "answer_revision"
    __table_args__ = (
        PrimaryKeyConstraint("attempt_id", "position", "revision"),
        ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        CheckConstraint("position >= 1 AND revision >= 1", name="counts_from_one"),
    )

    attempt_id: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    revision: Mapped[int]
    choice: Mapped[str] = mapped_column(String(160))
    """Option ids in order, joined by commas, or "=" and the text written; empty takes the answer back."""
    received_at: Mapped[datetime]
