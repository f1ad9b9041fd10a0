"""The table of suspensions: why a certificate is out of force for a time, and what two persons decided."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.certificates.suspension_policy import SuspensionState, Verdict
from lms.core.database import Base
from lms.core.identifiers import new_id

_STANDING = text("state IN ('open', 'proposed')")


class CertificateSuspension(Base):
    """One time that a certificate was suspended because the pass it rests on was taken back."""

    __tablename__ = "certificate_suspension"
    __table_args__ = (
        Index(
            "uq_certificate_suspension_standing", "certificate_id", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        CheckConstraint("state IN ('open', 'proposed', 'kept', 'revoked', 'lifted')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="decided_by_another"),
        CheckConstraint("(state IN ('kept', 'revoked')) = (decided_by IS NOT NULL)", name="decided_has_person"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"))
    state: Mapped[SuspensionState] = mapped_column(String(10), default=SuspensionState.OPEN)
    opened_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(200), default="")
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
