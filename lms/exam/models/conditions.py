"""The tables of fair conditions and of invigilation. What happened is append-only; what is decided is decided once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.exam.policy.conditions import EndingCause, MeasureKind, MessageKind, TimeKind, Verdict
from lms.exam.policy.watching import SightingKind

_STANDING = "withdrawn_at IS NULL"
_UNREAD = "acknowledged_at IS NULL"


class ExtraTime(Base):
    """More time for one person in one plan's exam, granted ahead; applied when he starts."""

    __tablename__ = "exam_extra_time"
    __table_args__ = (
        Index(
            "uq_exam_extra_time_standing", "plan_id", "person_id", unique=True,
            sqlite_where=text(_STANDING), postgresql_where=text(_STANDING),
        ),
        CheckConstraint("percent >= 0 AND seconds >= 0 AND percent + seconds > 0", name="some_time"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_has_person"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    percent: Mapped[int]
    """So much of the plan's time is added: 25 makes 60 minutes 75."""
    seconds: Mapped[int]
    extends_window: Mapped[bool]
    """Whether the end of the exam window moves with it."""
    reason: Mapped[str] = mapped_column(String(300))
    granted_by: Mapped[str] = mapped_column(String(16))
    granted_at: Mapped[datetime]
    withdrawn_by: Mapped[str | None] = mapped_column(String(16))
    withdrawn_at: Mapped[datetime | None]


class Measure(Base):
    """One act during an exam: time for, or a pause of, one person, a room, a place or everyone."""

    __tablename__ = "exam_measure"
    __table_args__ = (
        Index("ix_exam_measure_plan", "plan_id", "taken_at"),
        CheckConstraint("kind IN ('time', 'pause')", name="kind"),
        CheckConstraint("seconds > 0", name="some_time"),
        CheckConstraint("organisation_id IS NULL OR attempt_id IS NULL", name="one_target"),
        CheckConstraint(
            "room_id IS NULL OR (organisation_id IS NULL AND attempt_id IS NULL)", name="room_alone"
        ),
        CheckConstraint("(kind = 'pause') = (until IS NOT NULL)", name="pause_has_end"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    kind: Mapped[MeasureKind] = mapped_column(String(8))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    room_id: Mapped[str | None] = mapped_column(ForeignKey("exam_room.id"))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"))
    seconds: Mapped[int]
    extends_window: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
    reached: Mapped[int]
    """How many sittings it reached at its moment."""
    taken_by: Mapped[str] = mapped_column(String(16))
    taken_at: Mapped[datetime]
    until: Mapped[datetime | None]
    """When a pause ends: as planned, or as somebody went on before."""
    ended_by: Mapped[str | None] = mapped_column(String(16))


class AttemptTime(Base):
    """One move of one attempt's deadline. Append-only: their sum is what the attempt holds."""

    __tablename__ = "attempt_time"
    __table_args__ = (PrimaryKeyConstraint("attempt_id", "source_id", "kind"),)

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    source_id: Mapped[str] = mapped_column(String(16))
    """The measure, or the extra time, that it follows from."""
    kind: Mapped[TimeKind] = mapped_column(String(8))
    seconds: Mapped[int]
    extension_seconds: Mapped[int]
    deadline_at: Mapped[datetime]
    """The deadline as it stood afterwards."""
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(16))


class ExamMessage(Base):
    """What a candidate is told on the exam page. `kind` says whose words frame it; `words` are the writer's own."""

    __tablename__ = "exam_message"
    __table_args__ = (Index("ix_exam_message_plan", "plan_id", "sent_at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    room_id: Mapped[str | None] = mapped_column(ForeignKey("exam_room.id"))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[MessageKind] = mapped_column(String(8))
    seconds: Mapped[int]
    """The time that was given, or 0."""
    words: Mapped[str] = mapped_column(String(300))
    reached: Mapped[int]
    sent_by: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime]


class MessageReceipt(Base):
    """A message for one attempt, and when the candidate confirmed that he has read it."""

    __tablename__ = "exam_message_receipt"
    __table_args__ = (
        PrimaryKeyConstraint("attempt_id", "message_id"),
        Index("ix_exam_message_receipt_message", "message_id"),
        Index(
            "ix_exam_message_receipt_unread",
            "attempt_id",
            sqlite_where=text(_UNREAD),
            postgresql_where=text(_UNREAD),
        ),
    )

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    message_id: Mapped[str] = mapped_column(ForeignKey("exam_message.id"))
    acknowledged_at: Mapped[datetime | None]


class Presence(Base):
    """When the page of an attempt asked last."""

    __tablename__ = "exam_presence"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    seen_at: Mapped[datetime]


class Sighting(Base):
    """Something that was noticed by itself. Append-only; without any effect by itself."""

    __tablename__ = "exam_sighting"
    __table_args__ = (
        PrimaryKeyConstraint("attempt_id", "kind", "serial"),
        CheckConstraint("seconds >= 0 AND serial >= 0", name="not_negative"),
    )

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[SightingKind] = mapped_column(String(12))
    serial: Mapped[int]
    """The page's own number of a switch, or for a gap its beginning in seconds since the start: once is once."""
    at: Mapped[datetime]
    seconds: Mapped[int]


class Remark(Base):
    """What a member of staff noted of a sitting. `is_cleared` says that what was noticed so far needs nothing more."""

    __tablename__ = "exam_remark"
    __table_args__ = (Index("ix_exam_remark_attempt", "attempt_id", "at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    words: Mapped[str] = mapped_column(String(300))
    is_cleared: Mapped[bool]
    written_by: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class Ending(Base):
    """An exam that a person ended for cause; whoever ended it does not decide that it is void."""

    __tablename__ = "attempt_ending"
    __table_args__ = (
        CheckConstraint("cause IN ('misconduct', 'illness', 'equipment', 'other')", name="cause"),
        CheckConstraint("verdict IS NULL OR verdict IN ('keep', 'void')", name="verdict"),
        CheckConstraint("(verdict IS NULL) = (decided_by IS NULL)", name="verdict_has_person"),
        CheckConstraint("decided_by IS NULL OR decided_by <> ended_by", name="second_person"),
        CheckConstraint("verdict IS NULL OR wants_void", name="asked_for"),
    )

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    cause: Mapped[EndingCause] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300))
    wants_void: Mapped[bool]
    """Whether a second person is asked to void it; until then it is not graded."""
    ended_by: Mapped[str] = mapped_column(String(16))
    ended_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(String(4))
    decided_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(String(300), default="")
