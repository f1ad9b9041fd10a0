"""The table of merges: what two registrars decide about two entries of one person."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.registry.policy.merges import MergeKind, MergeState

_STANDING = text("state = 'proposed'")


class RegistryMerge(Base):
    """One proposal that an entry end as a duplicate of another, or come back; one proposes, another decides."""

    __tablename__ = "registry_merge"
    __table_args__ = (
        Index(
            "uq_registry_merge_standing", "entry_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING
        ),
        Index("ix_registry_merge_entry", "entry_id"),
        Index("ix_registry_merge_into", "into_id"),
        CheckConstraint("kind IN ('merge', 'split')", name="kind"),
        CheckConstraint("state IN ('proposed', 'accepted', 'refused')", name="state"),
        CheckConstraint("entry_id <> into_id", name="two_entries"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="decided_by_another"),
        CheckConstraint(
            "(state = 'accepted') = (decided_by IS NOT NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided_has_person",
        ),
        CheckConstraint(
            "(state = 'accepted' AND kind = 'merge') = (state_before IS NOT NULL)"
            " AND (state_before IS NULL OR state_before IN ('expired', 'revoked'))",
            name="merged_from",
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    kind: Mapped[MergeKind] = mapped_column(String(8))
    state: Mapped[MergeState] = mapped_column(String(10), default=MergeState.PROPOSED)
    entry_id: Mapped[str] = mapped_column(ForeignKey("registry_entry.id"))
    """The entry that ends, or comes back."""
    into_id: Mapped[str] = mapped_column(ForeignKey("registry_entry.id"))
    """The one that stays."""
    words: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    state_before: Mapped[str | None] = mapped_column(String(12))
    """How the merged entry stood, so that it can come back to it."""
