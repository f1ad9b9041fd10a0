"""Reading certificates."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select

from lms.certificates.models.certificates import Certificate
from lms.certificates.numbers import CertificateNumber
from lms.certificates.policy.certificates import (
    CertificateState,
    Origin,
    Sheet,
    Standing,
    code_parts,
    date_text,
    grades_text,
    grades_words,
    local_day,
    occupation_text,
    occupation_words,
    standing,
    validity_text,
)
from lms.certificates.policy.versions import VersionCause, version_note
from lms.certificates.queries.layouts import layout_of
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.plans.policy import LEVEL_NAMES, ExaminerLevel
from question_bank.phrases import Phrase


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate as other rooms and pages see it."""

    id: str
    application_id: str | None
    """Nothing for a certificate from before this system."""
    person_id: str
    number: str
    verification_code: str
    holder_name: str
    id_number_masked: str
    id_number_index: str
    sex: str
    occupation_edition: str
    occupation_code: str
    occupation_name: str
    level: ExaminerLevel
    issuing_organisation_id: str
    employer_organisation_id: str | None
    issuer_name: str
    state: CertificateState
    valid_from: date
    valid_until: date
    created_at: datetime
    issued_at: datetime | None
    file_key: str | None
    file_bytes: int | None
    revoked_at: datetime | None
    revoked_because: str | None
    version: int
    replaces_id: str | None
    version_cause: VersionCause | None
    version_words: str | None
    origin: Origin = Origin.ISSUED

    @property
    def is_first(self) -> bool:
        """Whether it is the first of its application: of a new number, or a renewal under the number there was."""
        return self.version == 1 or self.version_cause is VersionCause.RENEWED

    def standing(self, now: datetime) -> Standing:
        """Say how it stands at a moment."""
        return standing(self.state, self.valid_until, now)

    def days_left(self, now: datetime) -> int:
        """Return how many days follow today until the last valid one."""
        return (self.valid_until - local_day(now)).days

    @property
    def occupation(self) -> Phrase:
        """Name, code and edition: 电工（6-31-01-03，2022年版）."""
        return occupation_words(self.occupation_name, self.occupation_code, self.occupation_edition)

    @property
    def grades(self) -> Phrase:
        """The grades its holder may assess (A14)."""
        return grades_words(self.level)

    @property
    def verification_path(self) -> str:
        """The path behind the site's address that the QR code names."""
        return verification_path(self.verification_code)


def verification_path(code: str) -> str:
    """Return the public path of a verification code."""
    return f"/verify/{code}"


def get_certificate(uow: UnitOfWork, certificate_id: str) -> CertificateFacts:
    """Return a certificate for the house itself or for a caller that has checked the scope. Raises NotFound."""
    row = uow.session.get(Certificate, certificate_id)
    if row is None:
        raise NotFound
    return _facts(row)


def get_own_certificate(uow: UnitOfWork, actor: Actor, certificate_id: str) -> CertificateFacts:
    """Return a certificate of the actor. Somebody else's is not found (fault I2)."""
    certificate = get_certificate(uow, certificate_id)
    if certificate.person_id != actor.person_id:
        raise NotFound
    return certificate


def certificates_of(uow: UnitOfWork, person_id: str) -> list[CertificateFacts]:
    """Return a person's certificates, the newest first; of a number the newest version, unprinted ones included."""
    return _read(uow, Certificate.person_id == person_id)


def same_standing(one: type[Certificate], other: type[Certificate]) -> ColumnElement[bool]:
    """Say of two certificates that one person held both, under one ID number, in one occupation and at one level."""
    return and_(
        one.id_number_index == other.id_number_index, one.person_id == other.person_id,
        one.occupation_edition == other.occupation_edition, one.occupation_code == other.occupation_code,
        one.level == other.level,
    )  # fmt: skip


def certificates_by_id(uow: UnitOfWork, ids: Iterable[str]) -> dict[str, CertificateFacts]:
    """Return certificates by id, in one statement."""
    return {row.id: row for row in _read(uow, Certificate.id.in_(set(ids)))}


def find_by_application(uow: UnitOfWork, application_id: str) -> CertificateFacts | None:
    """Return the version of an application's certificate that stands, or None while there is none.

    The first of an application stands before it is printed, be it the first of its number or a renewal.
    """
    is_renewed = Certificate.version_cause == VersionCause.RENEWED
    found = _read(uow, Certificate.application_id == application_id, or_(_stands(), is_renewed))
    return found[0] if found else None


def find_standing_version(uow: UnitOfWork, number: str) -> CertificateFacts | None:
    """Return the version of a number that stands: the newest that was ever in force, or the first on its way."""
    found = _read(uow, Certificate.number == number, _stands())
    return found[0] if found else None


def versions_of(uow: UnitOfWork, number: str) -> list[CertificateFacts]:
    """Return all versions of a number, the newest first, also those that were never printed."""
    return _read(uow, Certificate.number == number)


def _stands() -> ColumnElement[bool]:
    return or_(Certificate.version == 1, Certificate.issued_at.is_not(None))


def find_by_code(uow: UnitOfWork, code: str) -> CertificateFacts | None:
    """Return the certificate with a verification code, unless it is not issued yet."""
    return next(iter(public_only(_read(uow, Certificate.verification_code == code))), None)


def find_by_number(uow: UnitOfWork, number: str, holder_name: str) -> CertificateFacts | None:
    """Return the issued certificate with this number and this holder; the number alone finds nothing (fault F2)."""
    return find_by_numbers(uow, [(number, holder_name)]).get((number, holder_name))


def find_by_numbers(
    uow: UnitOfWork, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], CertificateFacts]:
    """Return the issued certificates with these numbers and holders, in one statement; both must be right (fault F2).

    Of several versions the newest that bears the name: who asks by an older name is led to the version that had it.
    """
    found: dict[tuple[str, str], CertificateFacts] = {}
    for one in public_only(_read(uow, Certificate.number.in_({number for number, _name in wanted}))):
        if (one.number, one.holder_name) in wanted:
            found.setdefault((one.number, one.holder_name), one)
    return found


def completed_without_certificate(uow: UnitOfWork, before: datetime, limit: int = 50) -> list[str]:
    """Return ids of applications completed before a moment that have no certificate (invariant C2)."""
    return list(
        uow.session.scalars(
            select(Application.id)
            .outerjoin(Certificate, Certificate.application_id == Application.id)
            .where(
                Application.outcome == Outcome.COMPLETED,
                Application.ended_at < before,
                Certificate.id.is_(None),
            )
            .order_by(Application.ended_at)
            .limit(limit)
        )
    )


def unprinted(uow: UnitOfWork, before: datetime, limit: int = 50) -> list[str]:
    """Return ids of certificates numbered before a moment that are not printed yet."""
    return list(
        uow.session.scalars(
            select(Certificate.id)
            .where(Certificate.state == CertificateState.PENDING, Certificate.created_at < before)
            .order_by(Certificate.created_at)
            .limit(limit)
        )
    )


def sheet_of(uow: UnitOfWork, certificate_id: str) -> tuple[Sheet, str | None]:
    """Return what a certificate prints, and the key of its holder's photo. Raises NotFound."""
    row = uow.session.get(Certificate, certificate_id)
    if row is None:
        raise NotFound
    level = ExaminerLevel(row.level)
    wording, logo_key, stamp_key = layout_of(uow, row.layout_version)
    words = wording.filled(LEVEL_NAMES[level], row.issuer_name)
    number = CertificateNumber.parse(row.number)
    assert number is not None, "a stored number was made by its rule"
    sheet = Sheet(
        over=words.over,
        title=words.title,
        number=row.number,
        number_parts=number.spaced,
        name=row.holder_name,
        sex=row.sex,
        id_number_masked=row.id_number_masked,
        occupation=occupation_text(row.occupation_name, row.occupation_code, row.occupation_edition),
        level=LEVEL_NAMES[level],
        grades=grades_text(level),
        validity=validity_text(row.valid_from, row.valid_until),
        issuer=words.issuer,
        statement_words=words.statement,
        logo_key=logo_key,
        stamp_key=stamp_key,
        issued_on=date_text(row.valid_from),
        verification_url=f"{uow.settings.base_url.rstrip('/')}{verification_path(row.verification_code)}",
        verification_code_parts=code_parts(row.verification_code),
        version_note=version_note(row.version, row.version_cause, date_text(local_day(row.created_at))),
    )
    return sheet, row.photo_key


def public_only(found: Iterable[CertificateFacts]) -> list[CertificateFacts]:
    """Leave out what was never in force: the public is told of no certificate that waits or was given up."""
    return [one for one in found if one.state not in (CertificateState.PENDING, CertificateState.DROPPED)]


def _read(uow: UnitOfWork, *conditions: object) -> list[CertificateFacts]:
    newest = (Certificate.created_at.desc(), Certificate.version.desc())
    wanted = select(Certificate).where(*conditions)  # type: ignore[arg-type]  # conditions of this module only
    return [_facts(row) for row in uow.session.scalars(wanted.order_by(*newest))]


def _facts(row: Certificate) -> CertificateFacts:
    return CertificateFacts(
        id=row.id, application_id=row.application_id, person_id=row.person_id, number=row.number,
        verification_code=row.verification_code, holder_name=row.holder_name,
        id_number_masked=row.id_number_masked, id_number_index=row.id_number_index, sex=row.sex,
        occupation_edition=row.occupation_edition, occupation_code=row.occupation_code,
        occupation_name=row.occupation_name, level=ExaminerLevel(row.level),
        issuing_organisation_id=row.issuing_organisation_id,
        employer_organisation_id=row.employer_organisation_id, issuer_name=row.issuer_name,
        state=CertificateState(row.state), valid_from=row.valid_from, valid_until=row.valid_until,
        created_at=row.created_at, issued_at=row.issued_at, file_key=row.file_key, file_bytes=row.file_bytes,
        revoked_at=row.revoked_at, revoked_because=row.revoked_because, version=row.version,
        replaces_id=row.replaces_id, version_words=row.version_words,
        version_cause=VersionCause(row.version_cause) if row.version_cause else None, origin=Origin(row.origin),
    )  # fmt: skip
