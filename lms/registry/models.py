"""The tables of the registry."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.plans.policy import ExaminerLevel
from lms.registry.policy import EntryState


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
        Index("ix_registry_entry_name", "holder_name"),
        Index("ix_registry_entry_newest", "registered_at", "id"),
        CheckConstraint("valid_from < valid_until", name="validity"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    id_number_index: Mapped[str] = mapped_column(String(64))
    holder_name: Mapped[str] = mapped_column(String(40))
    id_number_masked: Mapped[str] = mapped_column(String(20))
    occupation_edition: Mapped[str] = mapped_column(String(4))
    occupation_code: Mapped[str] = mapped_column(String(12), index=True)
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
    valid_until: Mapped[date] = mapped_column(index=True)
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class LookupWindow(Base):
    """How many certificates one address has checked within one minute, counted in the database (fault F2)."""

    __tablename__ = "verification_lookup"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A keyed index of the address, never the address."""
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]
