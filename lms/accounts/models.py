"""The tables of the accounts room."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.accounts.policy import (
    CANDIDATE_CATEGORIES,
    EXAM_REGIONS,
    ConsentPurpose,
    IdentityLock,
    Language,
    OrganisationKind,
    PersonState,
    Role,
)
from lms.core.database import Base
from lms.core.identifiers import new_id


class Organisation(Base):
    """A province centre, a city centre or an institution; `path` is its scope."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("path LIKE '/%/' OR path = '/'", name="path_has_slashes"),
        Index("ix_organisation_path", "path", unique=True),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    kind: Mapped[OrganisationKind] = mapped_column(String(12))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(String(80))
    """`/` is the province; `/<city id>/`; `/<city id>/<institution id>/`, or `/-/<institution id>/` for a
    provincial institution, which no city reviews (A18)."""
    name: Mapped[str] = mapped_column(String(80), unique=True)
    """The registered standard name (A5)."""
    code: Mapped[str] = mapped_column(String(8), unique=True)
    """The institution code inside certificate numbers: exactly 8 digits for `changzhou-15` (C6, H1)."""
    is_filed: Mapped[bool] = mapped_column(Boolean, default=True)
    """Filed, or filing submitted (A10): only its staff may enrol."""
    created_at: Mapped[datetime]


class Person(Base):
    """A human with a sign-in."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    login_name: Mapped[str] = mapped_column(String(60), unique=True)
    """The mobile number of a trainee, or a name an administrator gave; lower case."""
    display_name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    state: Mapped[PersonState] = mapped_column(String(10), default=PersonState.ACTIVE)
    email: Mapped[str | None] = mapped_column(String(120))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    language: Mapped[Language | None] = mapped_column(String(5))
    """What the person chose to read; nothing as long as nothing was chosen."""
    created_at: Mapped[datetime]


class FormerName(Base):
    """A name somebody had until a moment: the record of acts holds no names and asks here who it was then."""

    __tablename__ = "former_name"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime]


class Profile(Base):
    """The personal and work data of A4 and A5; the ID number is sealed and found by its blind index."""

    __tablename__ = "profile"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    id_kind: Mapped[str] = mapped_column(String(20), default="resident_id")
    id_number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[str] = mapped_column(String(64), unique=True)
    """One person per ID number: a second account meets this constraint (fault B5)."""
    id_number_masked: Mapped[str] = mapped_column(String(20))
    sex: Mapped[str] = mapped_column(String(1))
    birth_date: Mapped[date]
    education: Mapped[str] = mapped_column(String(10))
    mobile: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(120), default="")
    postcode: Mapped[str] = mapped_column(String(6), default="")
    exam_region: Mapped[str] = mapped_column(String(20), default=EXAM_REGIONS[0])
    candidate_category: Mapped[str] = mapped_column(String(20), default=CANDIDATE_CATEGORIES[0])
    address: Mapped[str] = mapped_column(String(120), default="")
    identity_flag: Mapped[str] = mapped_column(String(10), default="")
    employer_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    employed_since: Mapped[date | None]
    photo_key: Mapped[str | None] = mapped_column(String(64))
    """Key of the re-encoded photo in the store (A7, H3)."""
    identity_lock: Mapped[IdentityLock] = mapped_column(
        String(10), default=IdentityLock.OPEN, server_default=IdentityLock.OPEN.value
    )
    updated_at: Mapped[datetime]


class RoleGrant(Base):
    """One role of one person within one scope."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_live",
            "person_id",
            "role",
            "organisation_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(String(20))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    granted_at: Mapped[datetime]
    granted_by: Mapped[str | None] = mapped_column(String(16))
    revoked_at: Mapped[datetime | None]


class Consent(Base):
    """A recorded agreement, or its withdrawal (H22)."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(String(20))
    text_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class LoginSession(Base):
    """A server-side session. The cookie holds a random token; only its hash is stored."""

    __tablename__ = "login_session"
    __table_args__ = (
        Index(
            "ix_login_session_device_mark", "device_mark", sqlite_where=text("device_mark IS NOT NULL"),
            postgresql_where=text("device_mark IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(String(20))
    device_mark: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the browser's random mark; cleared after a week. Equal ones were one browser."""


class SignInFailure(Base):
    """A failed sign-in, or a request for a way back in, counted in the database so that no limit fails open."""

    __tablename__ = "sign_in_failure"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class RecoveryToken(Base):
    """A one-time way back in; only its hash is stored."""

    __tablename__ = "recovery_token"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    issued_by: Mapped[str | None] = mapped_column(String(16))
    """The administrator who handed it over, or nothing when the person asked by mail."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
