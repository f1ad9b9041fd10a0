"""The tables of the study room. Beats are append-only; totals and coverage beside them can be rebuilt."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.study.policy.credit import SessionState, WindowState


class StudyProgress(Base):
    """The totals of one person in one plan (H19). `required_seconds` is the plan's figure (B1)."""

    __tablename__ = "study_progress"
    __table_args__ = (
        CheckConstraint("counted_seconds >= 0 AND pending_seconds >= 0", name="no_negative_seconds"),
        CheckConstraint("reserved_seconds >= 0 AND day_seconds >= 0", name="no_negative_share"),
        CheckConstraint("completed_at IS NULL OR counted_seconds >= required_seconds", name="complete_is_reached"),
        Index(
            "ix_study_progress_check", "check_deadline",
            sqlite_where=text("check_id IS NOT NULL"), postgresql_where=text("check_id IS NOT NULL"),
        ),
    )  # fmt: skip

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    counted_seconds: Mapped[int] = mapped_column(default=0)
    pending_seconds: Mapped[int] = mapped_column(default=0)
    required_seconds: Mapped[int]
    window_no: Mapped[int] = mapped_column(default=1)
    """The window that pending seconds belong to; a decided window is followed by the next number."""
    check_after_seconds: Mapped[int]
    """A presence check is raised when the window holds this many seconds: drawn at random, never shown."""
    check_id: Mapped[str | None] = mapped_column(String(16))
    check_lesson_id: Mapped[str | None] = mapped_column(String(16))
    check_raised_at: Mapped[datetime | None]
    check_deadline: Mapped[datetime | None]
    check_tries: Mapped[int] = mapped_column(default=0)
    completed_at: Mapped[datetime | None]
    studied_at: Mapped[datetime | None]
    """When the last credit was given."""
    reserved_seconds: Mapped[int] = mapped_column(default=0)
    """What the lessons with a minimum still lack, in counted and pending seconds: other lessons cannot use it up."""
    day: Mapped[int] = mapped_column(default=0)
    """The last day on which something was credited, as `policy.day_of` numbers days."""
    day_seconds: Mapped[int] = mapped_column(default=0)
    """What was credited on that day and not voided: the plan's daily limit is held against it."""


class StudySession(Base):
    """One player that may send beats. The plan's times are copied, so that a beat reads no plan."""

    __tablename__ = "study_session"
    __table_args__ = (
        Index(
            "uq_study_session_open", "person_id", unique=True,
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
        Index("ix_study_session_person", "person_id", "opened_at"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_has_time"),
        CheckConstraint("interval_seconds >= 1", name="interval_floor"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    application_id: Mapped[str] = mapped_column(String(16))
    """The application whose study stage was open when the session began."""
    login_session_id: Mapped[str] = mapped_column(ForeignKey("login_session.id"))
    device: Mapped[str] = mapped_column(String(40), default="")
    """Kind of device and browser, so that a takeover can be recognised: 手机 · 微信."""
    state: Mapped[SessionState] = mapped_column(String(8), default=SessionState.OPEN)
    close_reason: Mapped[str | None] = mapped_column(String(12))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    interval_seconds: Mapped[int]
    presence_min_seconds: Mapped[int]
    presence_max_seconds: Mapped[int]
    presence_answer_seconds: Mapped[int]
    study_until: Mapped[datetime]
    may_skip_ahead: Mapped[bool] = mapped_column(default=True)
    daily_limit_seconds: Mapped[int] = mapped_column(default=0)
    credited_from: Mapped[datetime]
    """The moment from which its beats may be credited; where it stands since is said by its last beat."""


class StudyBeat(Base):
    """One beat, what it earned and what its reply told. Never updated; whether its credit counts is said by its window.

    The last beat of a session is the session's state: the next number, and the moment up to which credit was given.
    So a beat that earns nothing is one new row and nothing else. Its rows lie by session (on SQLite the table is its
    own index): a beat touches one page. Whose beat it is says its session.
    """

    __tablename__ = "study_beat"
    __table_args__ = (
        CheckConstraint("credit_seconds >= 0", name="no_negative_credit"),
        CheckConstraint("span_to - span_from = credit_seconds * 1000", name="span_is_credit"),
        CheckConstraint("to_ms >= from_ms AND from_ms >= 0", name="forward"),
        {"sqlite_with_rowid": False},
    )

    session_id: Mapped[str] = mapped_column(ForeignKey("study_session.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # No foreign key: every beat would take a shared lock on the row of a lesson that everybody watches.
    lesson_id: Mapped[str] = mapped_column(String(16))
    window_no: Mapped[int]
    interval_seconds: Mapped[int]
    arrival: Mapped[datetime]
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    credit_seconds: Mapped[int]
    span_from: Mapped[int] = mapped_column(BigInteger)
    span_to: Mapped[int] = mapped_column(BigInteger)
    """The stretch of server time (milliseconds) that the credit stands for; stretches never overlap."""
    covered: Mapped[str] = mapped_column(Text)
    """The newly covered seconds as the reply told them: JSON of [first, one past the last]."""
    counted: Mapped[int]
    """The totals after this beat, as the reply told them."""
    pending: Mapped[int]
    refusal: Mapped[str] = mapped_column(String(10), default="")


class LessonCoverage(Base):
    """Which whole seconds of a lesson are counted and pending: bit n of a little-endian number is second n."""

    __tablename__ = "lesson_coverage"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(ForeignKey("lesson.id"), primary_key=True)
    counted: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    pending: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    reached: Mapped[int] = mapped_column(default=0)
    """One past the furthest second that was ever credited, voided or not: play may go on from there."""
    stop_at: Mapped[int | None]
    """The second of the next in-lesson question to be answered; None when none is left."""


class QuestionTry(Base):
    """One try to answer an in-lesson question, right or wrong. Never updated."""

    __tablename__ = "question_try"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("lesson_question.id"), primary_key=True)
    try_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """How many tries of this person came before."""
    chosen: Mapped[int]
    """The place of the chosen option as it was written, whatever letter it was shown with."""
    is_right: Mapped[bool]
    session_id: Mapped[str] = mapped_column(ForeignKey("study_session.id"))
    arrival: Mapped[datetime]


class CreditWindow(Base):
    """The credit between two presence checks and its fate."""

    __tablename__ = "credit_window"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    window_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[WindowState] = mapped_column(String(8), default=WindowState.PENDING)
    seconds: Mapped[int] = mapped_column(default=0)
    """Set when the window is decided."""
    check_id: Mapped[str | None] = mapped_column(String(16))
    """The presence check that decided it."""
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
