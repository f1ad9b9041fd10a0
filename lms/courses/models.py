"""The tables of the courses room."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id


class Course(Base):
    """An ordered list of lessons. A course that has been taught is never changed; a new one gets a new code."""

    __tablename__ = "course"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


class Lesson(Base):
    """One video. Its length was read from the file itself, never typed in (H11)."""

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("course_id", "position"),
        CheckConstraint("duration_ms >= 1000", name="lasts_a_second"),
        CheckConstraint("size_bytes > 0", name="has_bytes"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    position: Mapped[int]
    """1, 2, 3 … in the order in which the lessons are taught."""
    title: Mapped[str] = mapped_column(String(80))
    summary: Mapped[str] = mapped_column(String(300), default="")
    duration_ms: Mapped[int]
    file_key: Mapped[str] = mapped_column(String(64))
    """Key of the video in the store: the SHA-256 of its bytes."""
    size_bytes: Mapped[int]
