"""The table of exports."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.exports.policy import ExportKind, ExportState

_OPEN = text("state IN ('waiting', 'running')")


class Export(Base):
    """One file that somebody asked for. Its row outlives the file: who took what out, and what for."""

    __tablename__ = "export"
    __table_args__ = (
        # A double click, or two windows, ask for one file.
        Index("uq_export_open", "person_id", "kind", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_export_person", "person_id", "created_at"),
        Index("ix_export_state", "state", "touched_at"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'gone')", name="state"),
        CheckConstraint("kind IN ('question_bank', 'registry', 'study_class', 'certificates')", name="kind"),
        CheckConstraint("total > 0 AND done BETWEEN 0 AND total", name="progress"),
        CheckConstraint("(state = 'done') = (file_key IS NOT NULL)", name="done_has_file"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_says_why"),
        CheckConstraint("(state IN ('done', 'failed', 'gone')) = (finished_at IS NOT NULL)", name="end"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    kind: Mapped[ExportKind] = mapped_column(String(16))
    format: Mapped[str] = mapped_column(String(10))
    filters: Mapped[str] = mapped_column(Text)
    """JSON of what the list was narrowed to; the room that writes the file reads it."""
    described: Mapped[str] = mapped_column(Text)
    """JSON of the same in phrases, for pages."""
    purpose: Mapped[str] = mapped_column(String(200))
    state: Mapped[ExportState] = mapped_column(String(10), default=ExportState.WAITING)
    total: Mapped[int]
    """How many rows fitted when it was asked for."""
    done: Mapped[int] = mapped_column(default=0)
    written: Mapped[int | None]
    """How many rows are in the file."""
    file_key: Mapped[str | None] = mapped_column(String(64))
    """Key of the sealed file in the store; no other row names it, so that it can be let go."""
    byte_count: Mapped[int | None]
    losses: Mapped[str] = mapped_column(Text, default="[]")
    """JSON of phrases: what the format has no place for."""
    failure: Mapped[str | None] = mapped_column(String(12))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When it last got on."""
    finished_at: Mapped[datetime | None]
