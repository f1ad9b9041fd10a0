"""The tables behind the search: what entries are found by, and how many stand how. Both are derived."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.registry.policy.entries import EntryStanding
from lms.registry.policy.search import GRAM_LENGTH


class RegistryGram(Base):
    """One text under which an entry is found.

    The key is the order of a page of hits, so that the first fifty of a hundred thousand are the first fifty of a
    stretch. Derived from the entry and written with it; `lms registry rebuild-search` writes it anew.
    """

    __tablename__ = "registry_gram"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # Compared byte by byte on both databases: a beginning is a stretch of the index then.
    gram: Mapped[str] = mapped_column(
        String(GRAM_LENGTH).with_variant(String(GRAM_LENGTH, collation="C"), "postgresql"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Where in the name it begins; 0 for what is whole."""
    entry_id: Mapped[str] = mapped_column(String(16), primary_key=True)


GRAM_KEY = (RegistryGram.gram, RegistryGram.position, RegistryGram.entry_id)
"""The key of the table, which is the order of a page of hits."""


class RegistryTally(Base):
    """How many entries of an organisation stand how, as counted last by the sweeper."""

    __tablename__ = "registry_tally"

    issuing_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    standing: Mapped[EntryStanding] = mapped_column(String(12), primary_key=True)
    count: Mapped[int]
    counted_at: Mapped[datetime]
