"""The tables of the questions room."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.questions.policy import ImportState, ItemState, ReviewState


class QuestionItem(Base):
    """One question of the bank; its wording is in the version it points to."""

    __tablename__ = "question_item"
    __table_args__ = (
        # The same question stands in the live bank once, so no file can bring it back with another key (D6).
        Index(
            "uq_question_item_live", "question_key", unique=True,
            sqlite_where=text("state = 'approved'"), postgresql_where=text("state = 'approved'"),
        ),
        Index("ix_question_item_filter", "state", "type", "area", "difficulty"),
        CheckConstraint("state IN ('draft', 'approved', 'retired')", name="state"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[ItemState] = mapped_column(String(10), default=ItemState.APPROVED)
    question_key: Mapped[str] = mapped_column(String(64))
    """Hash of what a candidate would call the same question: type, stem and set of option texts."""
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    """Hash of everything in the current version."""
    version: Mapped[int] = mapped_column(default=1)
    type: Mapped[str] = mapped_column(String(12))
    area: Mapped[str] = mapped_column(String(20))
    difficulty: Mapped[str] = mapped_column(String(8))
    stem: Mapped[str] = mapped_column(Text)
    """The current stem, for lists and searching."""
    import_batch_id: Mapped[str | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class QuestionVersion(Base):
    """One wording of an item. Written once; a paper names it by its fingerprint."""

    __tablename__ = "question_version"
    __table_args__ = (
        UniqueConstraint("item_id", "version"),
        Index("ix_question_version_fingerprint", "fingerprint"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    """JSON of the item with its key; `lms.questions.bodies` reads it."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(16))
    rule_version: Mapped[str | None] = mapped_column(String(60))
    """Which edition of the rules the wording follows, as its writer says it."""
    retire_on: Mapped[date | None] = mapped_column(index=True)
    """The day from which papers no longer draw it."""


class ImportBatch(Base):
    """One uploaded question file, checked without writing, then accepted whole or left."""

    __tablename__ = "import_batch"
    __table_args__ = (CheckConstraint("state IN ('checked', 'accepted', 'discarded')", name="state"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[ImportState] = mapped_column(String(10), default=ImportState.CHECKED)
    filename: Mapped[str] = mapped_column(String(120))
    file_key: Mapped[str] = mapped_column(String(64))
    """Key of the file in the store, which is the SHA-256 of its bytes."""
    byte_count: Mapped[int]
    default_area: Mapped[str | None] = mapped_column(String(20))
    new_count: Mapped[int]
    known_count: Mapped[int]
    fault_count: Mapped[int]
    """How many rows cannot be imported."""
    report: Mapped[str] = mapped_column(Text)
    """JSON of the rows that need a look; `lms.questions.bodies` reads it."""
    added_count: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class Blueprint(Base):
    """A stored way of putting a paper together."""

    __tablename__ = "blueprint"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    """JSON of the sections; `lms.questions.bodies` reads it."""
    created_at: Mapped[datetime]


_OPEN_REVIEW = text("state IN ('draft', 'reviewed')")


class VersionReview(Base):
    """The way of one written version into papers. Versions that came in by import have none."""

    __tablename__ = "version_review"
    __table_args__ = (
        UniqueConstraint("item_id", "version"),
        # One new version at a time, whoever writes.
        Index(
            "uq_version_review_open", "item_id", unique=True, sqlite_where=_OPEN_REVIEW,
            postgresql_where=_OPEN_REVIEW,
        ),
        Index("ix_version_review_state", "state", "written_at"),
        CheckConstraint("state IN ('draft', 'reviewed', 'approved', 'declined', 'withdrawn')", name="state"),
        # Four eyes, in the database too.
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> written_by", name="another_reviews"),
        CheckConstraint("approved_by IS NULL OR approved_by <> written_by", name="another_approves"),
        CheckConstraint(
            "state NOT IN ('reviewed', 'approved') OR reviewed_by IS NOT NULL", name="reviewed_by_somebody"
        ),
        CheckConstraint("(state = 'approved') = (approved_by IS NOT NULL)", name="approved_by_somebody"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"))
    version: Mapped[int]
    state: Mapped[ReviewState] = mapped_column(String(10), default=ReviewState.DRAFT)
    written_by: Mapped[str] = mapped_column(String(16))
    written_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(300), default="")
    """What was changed and why, as the writer says it."""
    reviewed_by: Mapped[str | None] = mapped_column(String(16))
    approved_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class ItemText(Base):
    """What searching looks through: stem, options and explanation of an item in one normalised text."""

    __tablename__ = "item_text"

    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"), primary_key=True)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
