"""The table of reminders: which holder was told how long before his certificate ends."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class ExpiryReminder(Base):
    """One threshold before the end of one certificate, at which its holder was told.

    The versions of a number share it; one that is kept at a renewal ends anew, and is told anew.
    """

    __tablename__ = "expiry_reminder"
    __table_args__ = (
        Index("ix_expiry_reminder_round", "round_id"),
        Index("ix_expiry_reminder_person", "person_id", "created_at"),
        CheckConstraint("days IN (90, 30, 7)", name="days"),
    )

    certificate_number: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The threshold: so many days or fewer were left."""
    entry_id: Mapped[str] = mapped_column(ForeignKey("registry_entry.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    valid_until: Mapped[date]
    round_id: Mapped[str] = mapped_column(String(16))
    """Those who were told by one run of the sweeper."""
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    """When nothing was left to be mailed: sent, or without an address."""
