"""The tables of the certificates room."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.certificates.policy.certificates import MAX_REASON_LENGTH, CertificateState, Origin
from lms.certificates.policy.versions import VersionCause
from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.plans.policy import ExaminerLevel

_PENDING = text("state = 'pending'")
# A later version is on its way to the printer while the one before it stays in force.
_LIVE = text("state IN ('issued', 'suspended') OR (state = 'pending' AND version = 1)")

_FIRST = text("version = 1 OR version_cause = 'renewed'")


class Certificate(Base):
    """One version of one certificate. Everything it prints is kept as it was at the time of issue (H16).

    The versions of a number are a chain: each names the one it takes the place of, and why.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        # C4: one live certificate per person, occupation and level, even when two jobs race.
        Index(
            "uq_certificate_live", "id_number_index", "occupation_edition", "occupation_code", "level", unique=True,
            sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
        Index(
            "uq_certificate_sequence", "number_rule", "number_year", "institution_code", "level", "serial", "version",
            unique=True,
        ),
        # One version of a number is on its way to the printer, even when two registrars ask for one.
        Index("uq_certificate_unprinted", "number", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
        UniqueConstraint("number", "version", name="uq_certificate_number_version"),
        UniqueConstraint("application_id", "version", name="uq_certificate_application_version"),
        # An application is certified once, be it by a number of its own or by a renewal under the one there was (H7).
        Index(
            "uq_certificate_first", "application_id", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST
        ),
        CheckConstraint(
            "(version = 1) = (replaces_id IS NULL) AND (version = 1) = (version_cause IS NULL)"
            " AND (version = 1) = (version_words IS NULL)",
            name="version_says_why",
        ),
        CheckConstraint("version BETWEEN 1 AND 99", name="version"),
        CheckConstraint(
            "version_cause IN ('name_corrected', 'id_corrected', 'lost', 'leaked', 'restored', 'renewed')",
            name="version_cause"
        ),
        CheckConstraint("version_cause <> 'renewed' OR application_id IS NOT NULL", name="renewal_was_passed"),
        CheckConstraint(
            "state <> 'dropped' OR (version > 1 AND version_cause <> 'renewed')", name="only_later_versions_drop"
        ),
        CheckConstraint(
            "state <> 'issued' OR (issued_at IS NOT NULL AND (file_key IS NOT NULL OR origin = 'imported'))",
            name="issued_has_file",
        ),
        CheckConstraint(
            "origin IN ('issued', 'imported') AND (origin = 'issued') = (application_id IS NOT NULL)", name="origin"
        ),
        CheckConstraint("state <> 'revoked' OR revoked_because IS NOT NULL", name="revoked_has_reason"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        Index("ix_certificate_file_key", "file_key"),
        CheckConstraint("serial BETWEEN 1 AND 9999", name="serial"),  # H1
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id"))
    """The passed application it certifies: one number each, and none without one that was issued here (fault F3).

    All versions of a number share it up to a renewal, which has its own.
    """
    origin: Mapped[Origin] = mapped_column(
        String(8), default=Origin.ISSUED, server_default=Origin.ISSUED.value
    )
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    """The version before it, whose place it takes when it is issued."""
    version_cause: Mapped[VersionCause | None] = mapped_column(String(16))
    version_words: Mapped[str | None] = mapped_column(String(MAX_REASON_LENGTH))
    """What the registrar wrote about the cause; "" for a renewal, which nobody asks for."""
    number_rule: Mapped[str] = mapped_column(String(20))
    number_year: Mapped[int]
    institution_code: Mapped[str] = mapped_column(String(8))
    serial: Mapped[int]
    verification_code: Mapped[str] = mapped_column(String(16), unique=True)
    """80 random bits: who knows it holds the certificate in hand (fault F2)."""
    id_number_index: Mapped[str] = mapped_column(String(64), index=True)
    holder_name: Mapped[str] = mapped_column(String(40))
    id_number_masked: Mapped[str] = mapped_column(String(20))
    sex: Mapped[str] = mapped_column(String(1))
    photo_key: Mapped[str | None] = mapped_column(String(64))
    occupation_edition: Mapped[str] = mapped_column(String(4))
    occupation_code: Mapped[str] = mapped_column(String(12))
    occupation_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[ExaminerLevel] = mapped_column(String(10))
    issuing_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    issuer_name: Mapped[str] = mapped_column(String(80))
    employer_organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[CertificateState] = mapped_column(String(12))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    """The last valid day (C2)."""
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    file_key: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the printed file, which is also its key in the store (invariant C3)."""
    file_bytes: Mapped[int | None]
    seal_id: Mapped[str | None] = mapped_column(ForeignKey("certificate_seal.id"))
    """The seal its file bears; none for what was issued before there was one."""
    layout_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which words and pictures it is printed with; chosen with the number, so that every try prints the same."""
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(String(MAX_REASON_LENGTH))


class NumberSequence(Base):
    """The last serial number given per rule, year, institution and level (H1)."""

    __tablename__ = "number_sequence"
    __table_args__ = (CheckConstraint("last BETWEEN 0 AND 9999", name="last"),)

    number_rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    institution_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    level: Mapped[ExaminerLevel] = mapped_column(String(10), primary_key=True)
    last: Mapped[int]
