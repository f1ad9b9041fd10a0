"""The tables of the courses room."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.courses.policy import DraftState, VideoState


class Course(Base):
    """An ordered list of lessons. A course that has been taught is never changed; a new one gets a new code."""

    __tablename__ = "course"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


class DescribedLesson:
    """The columns that a lesson has from its draft on: what it is called, and what stands beside its video."""

    title: Mapped[str] = mapped_column(String(80))
    summary: Mapped[str] = mapped_column(String(300), default="")
    low_key: Mapped[str | None] = mapped_column(String(64))
    """The same video for slow networks; None when it is small enough as it is, or was registered without."""
    low_bytes: Mapped[int | None]
    poster_key: Mapped[str | None] = mapped_column(String(64))
    captions_key: Mapped[str | None] = mapped_column(String(64))
    chapters: Mapped[str] = mapped_column(Text, default="[]")
    """JSON of [second, title] in order."""


class Lesson(DescribedLesson, Base):
    """One video. Its length was read from the file itself, never typed in (H11)."""

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("course_id", "position"),
        CheckConstraint("duration_ms >= 1000", name="lasts_a_second"),
        CheckConstraint("size_bytes > 0", name="has_bytes"),
        CheckConstraint("min_seconds >= 0 AND min_seconds * 1000 <= duration_ms", name="minimum_fits"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    position: Mapped[int]
    """1, 2, 3 … in the order in which the lessons are taught."""
    duration_ms: Mapped[int]
    file_key: Mapped[str] = mapped_column(String(64))
    """Key of the video in the store: the SHA-256 of its bytes."""
    size_bytes: Mapped[int]
    min_seconds: Mapped[int] = mapped_column(default=0)
    """How many seconds of this lesson everybody must have counted before the total can be complete."""
    stop_at: Mapped[int | None]
    """The second of its first in-lesson question; nothing from there on counts before the answer."""


class CourseDraft(Base):
    """A course that is being prepared. Publishing registers the course; the draft stays and names it."""

    __tablename__ = "course_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'discarded')", name="state"),
        CheckConstraint("(state = 'published') = (course_id IS NOT NULL)", name="published_has_course"),
        Index("ix_course_draft_state", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    state: Mapped[DraftState] = mapped_column(String(10), default=DraftState.DRAFT)
    copied_from: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"), unique=True)
    created_at: Mapped[datetime]


class DraftLesson(DescribedLesson, Base):
    """A lesson of a draft, and where its video stands."""

    __tablename__ = "draft_lesson"
    __table_args__ = (
        UniqueConstraint("draft_id", "position"),
        CheckConstraint("state IN ('empty', 'waiting', 'ready', 'refused')", name="state"),
        CheckConstraint(
            "state <> 'ready' OR (file_key IS NOT NULL AND size_bytes > 0 AND duration_ms >= 1000)",
            name="ready_has_video",
        ),
        CheckConstraint(
            "state <> 'waiting' OR (upload_key IS NOT NULL AND asked_at IS NOT NULL)", name="waiting_has_file"
        ),
        CheckConstraint("progress BETWEEN 0 AND 1000", name="progress"),
        CheckConstraint("min_seconds >= 0", name="minimum"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(ForeignKey("course_draft.id"))
    position: Mapped[int]
    state: Mapped[VideoState] = mapped_column(String(10), default=VideoState.EMPTY)
    turn: Mapped[int] = mapped_column(default=0)
    """Counts the files and the tries asked for: a job knows by it whether it is still wanted."""
    upload_key: Mapped[str | None] = mapped_column(String(64))
    upload_name: Mapped[str] = mapped_column(String(120), default="")
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str | None] = mapped_column(String(16))
    started_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(default=0)
    """Thousandths of the work that are done."""
    trouble: Mapped[str] = mapped_column(String(20), default="")
    """Code of the refusal."""
    file_key: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None]
    duration_ms: Mapped[int | None]
    min_seconds: Mapped[int] = mapped_column(default=0)
    """What the published lesson will ask for; whether the video is that long is asked again when publishing."""


class LessonQuestion(Base):
    """A question at a second of a lesson's video: of a draft's, or of a published one, where it never changes."""

    __tablename__ = "lesson_question"
    __table_args__ = (
        CheckConstraint("(draft_lesson_id IS NULL) <> (lesson_id IS NULL)", name="of_one_lesson"),
        CheckConstraint("stop_at >= 1", name="has_begun"),
        UniqueConstraint("draft_lesson_id", "stop_at"),
        UniqueConstraint("lesson_id", "stop_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    draft_lesson_id: Mapped[str | None] = mapped_column(ForeignKey("draft_lesson.id"))
    lesson_id: Mapped[str | None] = mapped_column(ForeignKey("lesson.id"))
    stop_at: Mapped[int]
    """The second at which the player stops and asks."""
    stem: Mapped[str] = mapped_column(Text)
    options: Mapped[str] = mapped_column(Text)
    """JSON of the options in the order in which they were written; each showing shuffles them anew."""
    right_option: Mapped[int]
    """The place of the right one, from 0. It never leaves the server before the answer."""
    explanation: Mapped[str] = mapped_column(Text, default="")


class Handout(Base):
    """A PDF beside a lesson: of a draft's, or of a published one."""

    __tablename__ = "handout"
    __table_args__ = (
        CheckConstraint("(draft_lesson_id IS NULL) <> (lesson_id IS NULL)", name="of_one_lesson"),
        CheckConstraint("size_bytes > 0", name="has_bytes"),
        Index("ix_handout_draft_lesson", "draft_lesson_id"),
        Index("ix_handout_lesson", "lesson_id"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    draft_lesson_id: Mapped[str | None] = mapped_column(ForeignKey("draft_lesson.id"))
    lesson_id: Mapped[str | None] = mapped_column(ForeignKey("lesson.id"))
    title: Mapped[str] = mapped_column(String(80))
    file_key: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    added_at: Mapped[datetime]
