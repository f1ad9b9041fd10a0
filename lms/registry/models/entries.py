"""The tables of the registry."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.plans.policy import ExaminerLevel
from lms.registry.policy.entries import EntryState

_UNSEARCHED = text("searched_as IS NULL")
_MERGED = text("merged_into_id IS NOT NULL")


class RegistryEntry(Base):
    """One person's standing in one occupation at one level (E1)."""

    __tablename__ = "registry_entry"
    __table_args__ = (
        UniqueConstraint(  # R1
            "id_number_index",
            "occupation_edition",
            "occupation_code",
            "level",
            name="uq_registry_entry_standing",
        ),
        Index("ix_registry_entry_list", "issuing_organisation_id", "state", "valid_until"),
        # Those who are called alike in one occupation: what may be a duplicate is a stretch of it.
        Index("ix_registry_entry_name", "holder_name", "occupation_code", "level"),
        Index(
            "ix_registry_entry_merged", "merged_into_id", "id", sqlite_where=_MERGED, postgresql_where=_MERGED
        ),
        # The order of the list, whole and narrowed: the first page of any filter is the beginning of a stretch.
        Index("ix_registry_entry_newest", "registered_at", "id"),
        Index("ix_registry_entry_issuer", "issuing_organisation_id", "registered_at", "id"),
        Index("ix_registry_entry_employer", "employer_organisation_id", "registered_at", "id"),
        Index("ix_registry_entry_occupation", "occupation_code", "registered_at", "id"),
        Index("ix_registry_entry_state", "state", "registered_at", "id"),
        Index("ix_registry_entry_ends", "valid_until", "id"),
        Index("ix_registry_entry_unsearched", "id", sqlite_where=_UNSEARCHED, postgresql_where=_UNSEARCHED),
        CheckConstraint("valid_from < valid_until", name="validity"),
        # A merged entry points to the one that stays and holds no place of its own any more, and only such a one.
        CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL) AND (state = 'merged') = (id_number_index IS NULL)"
            " AND (merged_into_id IS NULL OR merged_into_id <> id)",
            name="merged",
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    id_number_index: Mapped[str | None] = mapped_column(String(64))
    """Nothing once the entry is merged: whose number it really is may be registered then."""
    holder_name: Mapped[str] = mapped_column(String(40))
    id_number_masked: Mapped[str] = mapped_column(String(20))
    occupation_edition: Mapped[str] = mapped_column(String(4))
    occupation_code: Mapped[str] = mapped_column(String(12))
    occupation_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[ExaminerLevel] = mapped_column(String(10))
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), unique=True)
    """The certificate that stands now; the older ones are found through the person."""
    certificate_number: Mapped[str] = mapped_column(String(20), unique=True)
    issuing_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    """Whose registrars manage the entry (A24)."""
    employer_organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[EntryState] = mapped_column(String(12))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    searched_as: Mapped[str | None] = mapped_column(String(80))
    """The name and number its grams were made from; nothing until it has any."""
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("registry_entry.id"))
    """The entry of the same person that stays, where two registrars found this one to be a duplicate."""


class LookupWindow(Base):
    """How many certificates one address has checked within one minute, counted in the database (fault F2)."""

    __tablename__ = "verification_lookup"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A keyed index of the address, never the address."""
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]
