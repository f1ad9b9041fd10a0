"""The table of change requests."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.registry.policy.changes import ChangeState

_OPEN = text("state = 'open'")


class RegistryChange(Base):
    """A holder asks that his entry name another workplace."""

    __tablename__ = "registry_change"
    __table_args__ = (
        # One open request per entry: the database refuses the second.
        Index("uq_registry_change_open", "entry_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_registry_change_entry", "entry_id", "asked_at"),
        Index("ix_registry_change_state", "state", "asked_at"),
        CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="ended_has_time"),
        CheckConstraint("(state IN ('accepted', 'refused')) = (decided_by IS NOT NULL)", name="decided_has_person"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("before_organisation_id IS NULL OR before_organisation_id <> after_organisation_id",
                        name="changes_something"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    entry_id: Mapped[str] = mapped_column(ForeignKey("registry_entry.id"))
    state: Mapped[ChangeState] = mapped_column(String(10), default=ChangeState.OPEN)
    before_organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    """The workplace that the entry named when it was asked."""
    after_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    words: Mapped[str] = mapped_column(String(200))
    """The written ground of who asks."""
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(200), default="")
    """The written ground of who decided."""
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    """When it ended: decided, or withdrawn."""
