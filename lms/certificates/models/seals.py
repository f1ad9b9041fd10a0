"""The table of seals: the public part of every signing key that has sealed a certificate."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class CertificateSeal(Base):
    """One signing certificate. It is written with the first certificate it seals, and never changes."""

    __tablename__ = "certificate_seal"
    __table_args__ = (CheckConstraint("valid_from < valid_until", name="validity"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the signing certificate."""
    chain: Mapped[str] = mapped_column(Text)
    """PEM, the signing certificate first."""
    subject: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    first_used_at: Mapped[datetime]
