"""The tables of the questions room."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
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
from lms.questions.policy import (
    Arrival,
    BlueprintState,
    Decision,
    ImportState,
    ItemState,
    Resemblance,
    ReviewState,
)


class QuestionItem(Base):
    """One question of the bank; its wording is in the version it points to."""

    __tablename__ = "question_item"
    __table_args__ = (
        # The same question stands in the live bank once, so no file can bring it back with another key (D6).
        Index(
            "uq_question_item_live", "question_key", unique=True,
            sqlite_where=text("state = 'approved'"), postgresql_where=text("state = 'approved'"),
        ),
        # Drafts are few and asked for by what they say; the index above knows the approved alone.
        Index(
            "ix_question_item_draft", "question_key", sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        # With the id, papers learn from it alone what they may draw. The state does not stand first: nearly all are
        # approved, and SQLite, which knows no figures of a young bank, would go through all of them for a few ids.
        Index("ix_question_item_filter", "type", "area", "difficulty", "state", "id"),
        CheckConstraint("state IN ('draft', 'approved', 'retired')", name="state"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[ItemState] = mapped_column(String(10), default=ItemState.APPROVED)
    question_key: Mapped[str] = mapped_column(String(64))
    """Hash of what a candidate would call the same question: type, stem and set of option texts."""
    fingerprint: Mapped[str] = mapped_column(String(64))
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
        # Few wordings name a day, and the others cost nothing here.
        Index(
            "ix_question_version_retire_on", "retire_on", sqlite_where=text("retire_on IS NOT NULL"),
            postgresql_where=text("retire_on IS NOT NULL"),
        ),
    )  # fmt: skip

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
    retire_on: Mapped[date | None]
    """The day from which papers no longer draw it."""


class QuestionPicture(Base):
    """A picture that a wording shows. Written with the wording; the file is what was decoded and written anew."""

    __tablename__ = "question_picture"
    __table_args__ = (
        PrimaryKeyConstraint("version_id", "picture_key"),
        Index("ix_question_picture_key", "picture_key"),
        CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name="media_type"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )

    version_id: Mapped[str] = mapped_column(ForeignKey("question_version.id"))
    picture_key: Mapped[str] = mapped_column(String(64))
    """How the texts name it: the SHA-256 of the bytes that were sent."""
    file_key: Mapped[str] = mapped_column(String(64))
    """Key of the file in the store."""
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]


class ImportBatch(Base):
    """One uploaded question file, checked without writing, then accepted whole or left."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'checked', 'accepting', 'accepted', 'discarded', 'failed')", name="state"
        ),
        CheckConstraint("arrival IN ('approved', 'draft')", name="arrival"),
        CheckConstraint("rest_decision IN ('leave', 'bring')", name="rest_decision"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[ImportState] = mapped_column(String(10), default=ImportState.WAITING)
    turn: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often work on the file was asked for; each turn has its own job."""
    filename: Mapped[str] = mapped_column(String(120))
    file_key: Mapped[str] = mapped_column(String(64))
    """Key of the file in the store, which is the SHA-256 of its bytes."""
    byte_count: Mapped[int]
    default_area: Mapped[str | None] = mapped_column(String(20))
    default_difficulty: Mapped[str | None] = mapped_column(String(8))
    columns: Mapped[str | None] = mapped_column(Text)
    """JSON of what the columns of a table are taken for, with their first cells."""
    profile: Mapped[str | None] = mapped_column(Text)
    """JSON of what the owner of the file says about its columns."""
    profile_name: Mapped[str | None] = mapped_column(String(40))
    """The name under which that was saved, when it was applied by itself."""
    new_count: Mapped[int] = mapped_column(default=0)
    known_count: Mapped[int] = mapped_column(default=0)
    fault_count: Mapped[int] = mapped_column(default=0)
    """How many rows cannot be imported."""
    alike_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many rows look like another question; those that were decided to come in are counted as new as well."""
    rest_decision: Mapped[Decision] = mapped_column(
        String(8), default=Decision.LEAVE, server_default=Decision.LEAVE.value
    )
    """What becomes of the rows that look like another question and were not decided one by one."""
    arrival: Mapped[Arrival] = mapped_column(
        String(10), default=Arrival.APPROVED, server_default=Arrival.APPROVED.value
    )
    """The state that the new questions come in with."""
    report: Mapped[str] = mapped_column(Text, default='{"rows":[],"ignored":[]}')
    """JSON of the rows that need a look; `lms.questions.bodies` reads it."""
    sample: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """JSON of the first rows that would come in."""
    troubles: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """JSON of why the last work on the file ended without what was asked for."""
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many rows are read while the file is checked, or written aside while it is accepted."""
    total: Mapped[int | None]
    """How many rows there are to be read, where that is known beforehand."""
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str | None] = mapped_column(String(16))
    """Who asked for the present or last work, and when."""
    started_at: Mapped[datetime | None]
    """When a worker took that work up."""
    annotated_key: Mapped[str | None] = mapped_column(String(64))
    """Key of the workbook in which the file is given back with its verdicts."""
    added_count: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class StagedItem(Base):
    """A good row of a file that is being accepted, written aside: no list, draw or count looks here.

    Long files are written in many short transactions, so that saved answers and study beats find their turn; one
    last transaction moves all rows into the bank.
    """

    __tablename__ = "staged_item"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    """The id of the item to be."""
    batch_id: Mapped[str] = mapped_column(ForeignKey("import_batch.id"), index=True)
    version_id: Mapped[str] = mapped_column(String(16))
    question_key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(12))
    area: Mapped[str] = mapped_column(String(20))
    difficulty: Mapped[str] = mapped_column(String(8))
    stem: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class ImportPair(Base):
    """A row of a file that resembles a question, and what a person decided of it; written anew by each check."""

    __tablename__ = "import_pair"
    __table_args__ = (
        UniqueConstraint("batch_id", "mark"),
        UniqueConstraint("batch_id", "number"),
        CheckConstraint("kind IN ('known', 'contradicts', 'alike', 'neighbour')", name="kind"),
        CheckConstraint("decision IN ('leave', 'bring', 'version')", name="decision"),
        CheckConstraint("decision <> 'bring' OR kind IN ('alike', 'neighbour')", name="brought_in_once"),
        CheckConstraint("decision <> 'version' OR item_id IS NOT NULL", name="version_of_something"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    """The place in the order of the file, from 1."""
    mark: Mapped[str] = mapped_column(String(64))
    """Fingerprint of the row as it was read: the same row is found again when the file is checked anew."""
    kind: Mapped[Resemblance] = mapped_column(String(12))
    share: Mapped[int]
    sheet: Mapped[str] = mapped_column(Text)
    row: Mapped[int]
    item_id: Mapped[str | None] = mapped_column(ForeignKey("question_item.id"))
    other_sheet: Mapped[str] = mapped_column(Text, default="")
    other_row: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
    """JSON of the row as an item, and of what it resembles; only of the first pairs of a file."""
    other_body: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[Decision | None] = mapped_column(String(8))
    decided_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class ImportProfile(Base):
    """What files with certain headings mean, settled once and applied to every file that has them."""

    __tablename__ = "import_profile"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    headings_key: Mapped[str] = mapped_column(String(64), unique=True)
    """Hash of the headings it is for."""
    body: Mapped[str] = mapped_column(Text)
    """JSON of the profile; `question_bank.importing` reads it."""
    saved_at: Mapped[datetime]
    saved_by: Mapped[str | None] = mapped_column(String(16))


class Blueprint(Base):
    """A stored way of putting a paper together. Written as a draft; once published it never changes."""

    __tablename__ = "blueprint"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'retired', 'discarded')", name="state"),
        # The same form sent twice begins one draft, and two drafts are never taken for one another.
        Index(
            "uq_blueprint_draft_title", "title", unique=True, sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[BlueprintState] = mapped_column(
        String(10), default=BlueprintState.DRAFT, server_default="published"
    )
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often the draft was written; a page that shows an older one is told so."""
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    """JSON of the sections; `lms.questions.bodies` reads it."""
    copied_from: Mapped[str | None] = mapped_column(ForeignKey("blueprint.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(16))


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


class StockMark(Base):
    """One row with a random mark, renewed by every transaction that changes what papers may draw.

    Who remembers the stock knows by it alone whether that still holds, whichever process changed the bank.
    """

    __tablename__ = "stock_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(16))
