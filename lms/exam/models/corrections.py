"""The tables of what follows an exam: corrections with the changes they made, reviews of scores, and what is shown."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.exam.policy.corrections import CorrectionState
from lms.exam.policy.reports import ReportDetail
from lms.exam.policy.reviews import ReviewState, ReviewVerdict
from question_bank.correcting import CorrectionKind

_IN_FORCE = text("state IN ('in_force', 'reversing')")
_WAITING = text("state IN ('open', 'drafted')")


class Correction(Base):
    """What was found wrong with one wording on the papers of one plan."""

    __tablename__ = "exam_correction"
    __table_args__ = (
        Index(
            "ix_exam_correction_in_force", "plan_id", sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE
        ),
        Index("ix_exam_correction_list", "state", "proposed_at"),
        CheckConstraint("kind IN ('void', 'also', 'instead', 'credit')", name="kind"),
        CheckConstraint(
            "state IN ('proposed', 'in_force', 'withdrawn', 'reversing', 'reversed')", name="state"
        ),
        # Four eyes, in force and out of it: the database refuses one person alone.
        CheckConstraint("released_by IS NULL OR released_by <> proposed_by", name="released_by_another"),
        CheckConstraint("reversed_by IS NULL OR reversed_by <> reversal_by", name="reversed_by_another"),
        CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR released_by IS NOT NULL", name="in_force_is_released"
        ),
        CheckConstraint(
            "(state = 'reversed') = (reversed_by IS NOT NULL)", name="reversed_has_person"
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Names the wording, as papers do."""
    kind: Mapped[CorrectionKind] = mapped_column(String(8))
    accepted: Mapped[list[str]] = mapped_column(JSON)
    """The other key: the author's letters, or the texts that fill the gap."""
    words: Mapped[str] = mapped_column(String(500))
    state: Mapped[CorrectionState] = mapped_column(String(10), default=CorrectionState.PROPOSED)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    released_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    reversal_words: Mapped[str] = mapped_column(String(500), default="")
    reversal_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    reversed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    reversed_at: Mapped[datetime | None]


class ScoreChange(Base):
    """What a release or a reversal did to the score of one attempt. Append-only."""

    __tablename__ = "score_change"
    __table_args__ = (
        PrimaryKeyConstraint("attempt_id", "correction_id", "is_reversal"),
        Index("ix_score_change_correction", "correction_id", "is_reversal"),
    )

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    correction_id: Mapped[str] = mapped_column(ForeignKey("exam_correction.id"))
    is_reversal: Mapped[bool]
    score_before: Mapped[int]
    full_before: Mapped[int]
    passed_before: Mapped[bool]
    score_after: Mapped[int]
    full_after: Mapped[int]
    passed_after: Mapped[bool]
    at: Mapped[datetime]


class ScoreReview(Base):
    """Somebody asks that his score be looked at again (成绩复核)."""

    __tablename__ = "score_review"
    __table_args__ = (
        # One for an attempt; after one was withdrawn another may follow.
        Index(
            "uq_score_review_attempt", "attempt_id", unique=True,
            sqlite_where=text("state <> 'withdrawn'"), postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index("ix_score_review_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_score_review_person", "person_id"),
        CheckConstraint("state IN ('open', 'drafted', 'answered', 'withdrawn')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> drafted_by", name="decided_by_another"),
        CheckConstraint("(state = 'answered') = (decided_by IS NOT NULL)", name="answered_has_person"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    state: Mapped[ReviewState] = mapped_column(String(10), default=ReviewState.OPEN)
    words: Mapped[str] = mapped_column(String(500))
    """What the candidate doubts, in his words."""
    score_then: Mapped[int]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Until when an answer is owed."""
    verdict: Mapped[ReviewVerdict | None] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(String(500), default="")
    drafted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class ReportRule(Base):
    """What a plan shows of its scores; without a row the usual."""

    __tablename__ = "score_report_rule"
    __table_args__ = (CheckConstraint("detail IN ('total', 'areas', 'questions', 'paper')", name="detail"),)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    detail: Mapped[ReportDetail] = mapped_column(String(10))
    changed_at: Mapped[datetime]
