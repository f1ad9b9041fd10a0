"""Reading the versions of a certificate."""

from datetime import date

from sqlalchemy import ColumnElement, select

from lms.accounts.queries import find_profile
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.versions import Chain, Identity, may_be_kept
from lms.certificates.queries.certificates import (
    CertificateFacts,
    find_standing_version,
    get_certificate,
    versions_of,
)
from lms.certificates.queries.decisions import standing_decision
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import DONE_STATES
from lms.enrolment.queries import CompletedApplication, application_facts, live_rival
from lms.plans.policy import ExaminerLevel

_HOLDS_PLACE = (CertificateState.PENDING, CertificateState.ISSUED, CertificateState.SUSPENDED)


def standing_of(uow: UnitOfWork, certificate: CertificateFacts) -> CertificateFacts:
    """Return the version that stands of a certificate's number."""
    return find_standing_version(uow, certificate.number) or certificate


def printed_identity(certificate: CertificateFacts) -> Identity:
    """Return who a certificate says that its holder is."""
    return Identity(
        certificate.holder_name, certificate.id_number_index, certificate.id_number_masked, certificate.sex
    )


def present_identity(uow: UnitOfWork, certificate: CertificateFacts) -> Identity:
    """Return who a certificate's holder is now: as in the profile, or as printed while there is no profile.

    Whoever was certified before this system may never have registered here.
    """
    profile = find_profile(uow, certificate.person_id)
    if profile is None:
        return printed_identity(certificate)
    return Identity(profile.name, profile.id_number_index, profile.id_number_masked, profile.sex)


def registered_number(uow: UnitOfWork, certificate: CertificateFacts, id_number_index: str) -> str:
    """Return another number that was ever given for an ID number and a certificate's occupation and level, or "".

    One that has ended or was revoked counts as well: the registry has an entry for it already.
    """
    found = uow.session.scalar(
        select(Certificate.number)
        .where(
            Certificate.id_number_index == id_number_index, Certificate.number != certificate.number,
            Certificate.occupation_edition == certificate.occupation_edition,
            Certificate.occupation_code == certificate.occupation_code, Certificate.level == certificate.level,
        )
        .order_by(Certificate.created_at.desc())
        .limit(1)
    )  # fmt: skip
    return found or ""


def chain_of(uow: UnitOfWork, number: str) -> Chain:
    """Return what the rules of a new version look at; the number has a first version."""
    versions = versions_of(uow, number)
    standing = find_standing_version(uow, number) or versions[-1]
    return Chain(
        is_in_force=standing.state is CertificateState.ISSUED,
        is_revoked=standing.state is CertificateState.REVOKED,
        valid_until=standing.valid_until,
        newest=max(one.version for one in versions),
        has_unprinted=any(one.state is CertificateState.PENDING for one in versions),
        has_decision=standing_decision(uow, standing.id) is not None,
    )


def successor_of(uow: UnitOfWork, number: str) -> CertificateFacts | None:
    """Return the first certificate under another number that took the place of a number, once it was issued.

    None while the number stands itself, whatever became of its older versions.
    """
    standing = find_standing_version(uow, number)
    if standing is None or standing.state is not CertificateState.SUPERSEDED:
        return None
    found = uow.session.scalar(
        select(Certificate.id)
        .where(
            Certificate.id_number_index == standing.id_number_index,
            Certificate.occupation_edition == standing.occupation_edition,
            Certificate.occupation_code == standing.occupation_code, Certificate.level == standing.level,
            Certificate.number != number, Certificate.created_at > standing.created_at,
            Certificate.issued_at.is_not(None),
        )
        .order_by(Certificate.created_at, Certificate.version)
        .limit(1)
    )  # fmt: skip
    return get_certificate(uow, found) if found else None


def rival_number(uow: UnitOfWork, certificate: CertificateFacts) -> str:
    """Return another number of the same person, occupation and level that is in force or on its way, or ""."""
    found = uow.session.scalar(
        select(Certificate.number)
        .where(
            *_place(
                certificate.id_number_index, certificate.occupation_edition, certificate.occupation_code,
                certificate.level,
            ),
            Certificate.number != certificate.number,
        )
        .limit(1)
    )  # fmt: skip
    return found or ""


def live_number(
    uow: UnitOfWork, id_number_index: str, edition: str, code: str, level: ExaminerLevel, *, still_valid_on: date
) -> str:  # fmt: skip
    """Return the number that stands in the way of a new one (C4), or "": an issued one that has expired gives way.

    A later version on its way to the printer is in the way as well: it will be in force in a moment.
    """
    found = uow.session.scalar(
        select(Certificate.number)
        .where(
            *_place(id_number_index, edition, code, level),
            (Certificate.state != CertificateState.ISSUED) | (Certificate.valid_until >= still_valid_on),
        )
        .limit(1)
    )
    return found or ""


def expired_of(
    uow: UnitOfWork, id_number_index: str, edition: str, code: str, level: ExaminerLevel
) -> str | None:
    """Return the id of the issued certificate that a new one supersedes, where `live_number` found none in the way."""
    return uow.session.scalar(
        select(Certificate.id).where(
            *_place(id_number_index, edition, code, level), Certificate.state == CertificateState.ISSUED
        )
    )


def number_to_keep(uow: UnitOfWork, completion: CompletedApplication, institution_code: str) -> str:
    """Return the number that a completion's certificate keeps as its next version (H7), or "" when it has a new one.

    `institution_code` is the issuer's. What stands in the way of any certificate is asked by `live_number`.
    """
    if not completion.keeps_number:
        return ""
    expired = expired_of(
        uow,
        completion.id_number_index,
        completion.occupation_edition,
        completion.occupation_code,
        completion.level,
    )
    if expired is None:
        return ""
    number = get_certificate(uow, expired).number
    newest = max(one.version for one in versions_of(uow, number))
    return number if may_be_kept(number, newest, completion.number_rule, institution_code) else ""


def _place(
    id_number_index: str, edition: str, code: str, level: ExaminerLevel
) -> tuple[ColumnElement[bool], ...]:
    """Build the condition of what holds the place of one person, occupation and level."""
    return (
        Certificate.id_number_index == id_number_index, Certificate.occupation_edition == edition,
        Certificate.occupation_code == code, Certificate.level == level, Certificate.state.in_(_HOLDS_PLACE),
    )  # fmt: skip


def still_passed(uow: UnitOfWork, certificate: CertificateFacts) -> bool:
    """Tell whether a certificate's application is done in every stage and its person has not applied anew.

    One that was taken over from an earlier register has no application here that could have been lost.
    """
    if certificate.application_id is None:
        return True
    application = application_facts(uow, certificate.application_id)
    rival = live_rival(
        uow, certificate.id_number_index, application.occupation_edition, application.occupation_code,
        application.level,
    )  # fmt: skip
    is_done = all(stage.state in DONE_STATES for stage in application.stages)
    return is_done and (rival is None or rival.id == application.id)
