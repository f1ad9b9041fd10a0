"""The table of decisions: what two persons decide about a certificate, one after the other."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.certificates.policy.certificates import MAX_REASON_LENGTH
from lms.certificates.policy.decisions import DecisionState, Ground, Verdict
from lms.core.database import Base
from lms.core.identifiers import new_id

_STANDING = text("state IN ('open', 'proposed')")


class CertificateDecision(Base):
    """One question about a certificate that no one person answers alone: one proposes, another decides."""

    __tablename__ = "certificate_decision"
    __table_args__ = (
        Index(
            "uq_certificate_decision_standing", "certificate_id", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        CheckConstraint(
            "state IN ('open', 'proposed', 'kept', 'revoked', 'restored', 'refused', 'lifted')", name="state"
        ),
        CheckConstraint("ground IN ('correction', 'registrar')", name="ground"),
        CheckConstraint(
            "decided_by IS NULL OR (proposed_by IS NOT NULL AND decided_by <> proposed_by)", name="decided_by_another"
        ),
        CheckConstraint(
            "(state IN ('kept', 'revoked', 'restored')) = (decided_by IS NOT NULL)", name="decided_has_person"
        ),
        CheckConstraint("state <> 'proposed' OR (proposed_by IS NOT NULL AND verdict IS NOT NULL)", name="proposed"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"))
    ground: Mapped[Ground] = mapped_column(String(10), default=Ground.CORRECTION, server_default="correction")
    """Why the question is there: the pass was taken back, or a registrar asks it."""
    state: Mapped[DecisionState] = mapped_column(String(10), default=DecisionState.OPEN)
    opened_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(MAX_REASON_LENGTH), default="")
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
