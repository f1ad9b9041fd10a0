"""The table of layouts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.certificates.policy.layouts import LayoutState
from lms.core.database import Base
from lms.core.identifiers import new_id

_DRAFT = text("state = 'draft'")


class CertificateLayout(Base):
    """The words and pictures of certificates, one version of them; what was published is never changed."""

    __tablename__ = "certificate_layout"
    __table_args__ = (
        # Two administrators work on one draft, not on two that overtake each other.
        Index(
            "uq_certificate_layout_draft", "state", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT
        ),
        CheckConstraint("state IN ('draft', 'published', 'discarded')", name="state"),
        CheckConstraint("(state = 'published') = (version IS NOT NULL)", name="published_has_version"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    version: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[LayoutState] = mapped_column(String(10))
    over: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(40))
    statement: Mapped[str] = mapped_column(String(160))
    issuer: Mapped[str] = mapped_column(String(60))
    logo_key: Mapped[str | None] = mapped_column(String(64))
    stamp_key: Mapped[str | None] = mapped_column(String(64))
    edition: Mapped[int] = mapped_column(default=1)
    """Counts the changes of a draft, so that a sample of an earlier one is not taken for its own."""
    sample_key: Mapped[str | None] = mapped_column(String(64))
    sample_edition: Mapped[int | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    published_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
