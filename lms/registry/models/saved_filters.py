"""The table of saved filters."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.registry.policy.saved_filters import NAME_LENGTH


class SavedFilter(Base):
    """What somebody narrows the list to again and again, under a name of his own."""

    __tablename__ = "registry_saved_filter"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    """The parameters of the list's address."""
    created_at: Mapped[datetime]
