"""What can be done with certificates."""

from datetime import date

from sqlalchemy import insert, update

from lms.accounts.queries import get_organisation, get_profile
from lms.audit.service import born, move
from lms.certificates.errors import AlreadyCertified, NotCompleted, NotRevocable, Unnumberable
from lms.certificates.events import CertificateIssued, CertificateNumbered
from lms.certificates.models.certificates import Certificate, NumberSequence
from lms.certificates.models.seals import CertificateSeal
from lms.certificates.numbers import LAST_SERIAL, CertificateNumber, compose, exhausted, rule_reasons
from lms.certificates.policy.certificates import (
    CERTIFICATE,
    CertificateState,
    Origin,
    already_certified,
    local_day,
    not_completed,
    revoke_reasons,
    valid_until,
)
from lms.certificates.policy.seals import SealFacts
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import find_by_application, get_certificate
from lms.certificates.queries.layouts import current_version
from lms.certificates.queries.versions import expired_of, live_number, number_to_keep
from lms.certificates.service.versions import add_version, drop_unprinted, give_way, hold_number
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import NotFound, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import CompletedApplication, application_facts, completed_application_facts
from lms.enrolment.service import annul
from lms.plans.policy import ExaminerLevel


def issue(uow: UnitOfWork, actor: Actor, application_id: str) -> str:
    """Give a passed application its certificate number and ask for the printing; return the certificate's id.

    Idempotent: a second call returns the same certificate (fault O3). Raises NotCompleted before the last
    stage has passed, Unnumberable, NumbersExhausted (H1) or AlreadyCertified (C4); nothing is kept then.
    """
    try:
        completion = completed_application_facts(uow, application_id)
    except NotFound as error:
        raise NotCompleted(not_completed(application_id)) from error
    return certify(uow, actor, completion)


def certify(uow: UnitOfWork, actor: Actor, completion: CompletedApplication) -> str:
    """Number one completion and record the event that has it printed; return the certificate's id.

    Who holds an expired certificate of the same occupation and level keeps its number where the plan says so and the
    number still fits (H7): the new certificate is its next version, and no serial number is spent.
    """
    issuer = get_organisation(uow, completion.issuing_organisation_id)
    require(rule_reasons(completion.number_rule, issuer.code), Unnumberable)
    today = local_day(uow.now)
    sequence = (completion.number_rule, today.year, issuer.code, completion.level)
    _hold_sequence(uow, *sequence)
    # Asked only now: whoever held the sequence before us may have certified the same application.
    if existing := find_by_application(uow, completion.application_id):
        return existing.id
    kept = number_to_keep(uow, completion, issuer.code)
    if kept:
        hold_number(uow, kept)
    _make_room(uow, actor, completion)
    certified = _certified(uow, completion, today)
    if kept:
        return add_version(uow, actor, kept, VersionCause.RENEWED, "", certified)
    number = _next_number(uow, *sequence)
    certificate_id = new_id()
    uow.session.execute(
        insert(Certificate).values(
            id=certificate_id, number=str(number), number_rule=completion.number_rule, number_year=today.year,
            institution_code=issuer.code, serial=number.serial, verification_code=new_id(),
            state=CertificateState.PENDING, created_at=uow.now, layout_version=current_version(uow), **certified,
        )
    )  # fmt: skip
    born(
        uow, actor, CERTIFICATE, certificate_id, application_id=completion.application_id, number=str(number)
    )
    uow.record(CertificateNumbered(certificate_id))
    return certificate_id


def _certified(uow: UnitOfWork, completion: CompletedApplication, today: date) -> dict[str, object]:
    """Return by column what is certified of a completion: to whom, for what, by whom and how long from today."""
    issuer = get_organisation(uow, completion.issuing_organisation_id)
    profile = get_profile(uow, completion.person_id)
    return {
        "application_id": completion.application_id, "origin": Origin.ISSUED, "person_id": completion.person_id,
        "id_number_index": completion.id_number_index, "holder_name": profile.name,
        "id_number_masked": profile.id_number_masked, "sex": profile.sex, "photo_key": profile.photo_key,
        "occupation_edition": completion.occupation_edition, "occupation_code": completion.occupation_code,
        "occupation_name": completion.occupation_name, "level": completion.level,
        "issuing_organisation_id": issuer.id, "issuer_name": issuer.name,
        "employer_organisation_id": completion.employer_organisation_id, "valid_from": today,
        "valid_until": valid_until(today, completion.validity_years),
    }  # fmt: skip


def deliver(
    uow: UnitOfWork, actor: Actor, certificate_id: str, file_key: str, file_bytes: int, seal: SealFacts | None = None
) -> None:  # fmt: skip
    """Name the printed file, which is in the store already, and make the certificate valid. Idempotent.

    What verifies its seal later is kept in the same transaction. A later version supersedes the one in force in it
    too; a renewal finds the expired one superseded, as any new certificate does.
    Raises NotReissuable when that one cannot give way, or AlreadyCertified when another number is in force meanwhile
    (C4).
    """
    certificate = get_certificate(uow, certificate_id)
    if certificate.state is not CertificateState.PENDING:
        return
    if certificate.version > 1:
        give_way(uow, actor, certificate)
    if seal is not None:
        _know(uow, seal)
    move(
        uow, actor, CERTIFICATE, "issue", Certificate.state, certificate_id, certificate.state,
        changes={
            "file_key": file_key, "file_bytes": file_bytes, "issued_at": uow.now, "seal_id": seal and seal.id,
        },
        sha256=file_key,
    )  # fmt: skip
    uow.record(CertificateIssued(certificate_id))


def _know(uow: UnitOfWork, seal: SealFacts) -> None:
    """Keep the public part of a seal, unless it is known."""
    uow.session.execute(
        insert_new(uow.session, CertificateSeal, CertificateSeal.id).values(
            id=seal.id, chain=seal.chain, subject=seal.subject[:300], valid_from=seal.valid_from,
            valid_until=seal.valid_until, first_used_at=uow.now,
        )
    )  # fmt: skip


def revoke(uow: UnitOfWork, actor: Actor, certificate_id: str, reason: str) -> None:
    """Revoke an issued or suspended certificate for good, with a written reason that the public page shows (C5).

    The application it came from goes out of force with it, and a version that was not printed yet is dropped. Two
    persons have decided it (`decisions` beside it); the caller has checked the actor's scope. Raises NotRevocable.
    """
    certificate = get_certificate(uow, certificate_id)
    require(revoke_reasons(certificate.state, reason), NotRevocable)
    drop_unprinted(uow, actor, certificate.number, reason)
    move(
        uow, actor, CERTIFICATE, "revoke", Certificate.state, certificate_id, certificate.state,
        remark=reason.strip(), changes={"revoked_at": uow.now, "revoked_because": reason.strip()},
    )  # fmt: skip
    if certificate.application_id is None:
        return
    if application_facts(uow, certificate.application_id).outcome is Outcome.COMPLETED:
        annul(uow, actor, certificate.application_id, reason)


def _make_room(uow: UnitOfWork, actor: Actor, completion: CompletedApplication) -> None:
    """Supersede an expired certificate for the same occupation and level; refuse beside a live one (C4)."""
    sought = (
        completion.id_number_index, completion.occupation_edition, completion.occupation_code, completion.level,
    )  # fmt: skip
    if number := live_number(uow, *sought, still_valid_on=local_day(uow.now)):
        raise AlreadyCertified(already_certified(number))
    if expired := expired_of(uow, *sought):
        move(uow, actor, CERTIFICATE, "supersede", Certificate.state, expired, CertificateState.ISSUED)


def _sequence(rule: str, year: int, institution: str, level: ExaminerLevel) -> tuple[object, ...]:
    return (
        NumberSequence.number_rule == rule, NumberSequence.year == year,
        NumberSequence.institution_code == institution, NumberSequence.level == level,
    )  # fmt: skip


def _hold_sequence(uow: UnitOfWork, rule: str, year: int, institution: str, level: ExaminerLevel) -> None:
    """Make sure the sequence exists and lock its row until the end of the transaction."""
    key = (
        NumberSequence.number_rule,
        NumberSequence.year,
        NumberSequence.institution_code,
        NumberSequence.level,
    )
    uow.session.execute(
        insert_new(uow.session, NumberSequence, *key).values(
            number_rule=rule, year=year, institution_code=institution, level=level, last=0
        )
    )
    uow.session.execute(
        update(NumberSequence)
        .where(*_sequence(rule, year, institution, level))  # type: ignore[arg-type]  # SQL conditions
        .values(last=NumberSequence.last)
        .execution_options(synchronize_session=False)
    )


def _next_number(
    uow: UnitOfWork, rule: str, year: int, institution: str, level: ExaminerLevel
) -> CertificateNumber:
    """Take the next serial number; the certificate is written in the same transaction, so none is skipped (C7)."""
    serial = uow.session.execute(
        update(NumberSequence)
        .where(*_sequence(rule, year, institution, level), NumberSequence.last < LAST_SERIAL)  # type: ignore[arg-type]  # SQL conditions
        .values(last=NumberSequence.last + 1)
        .returning(NumberSequence.last)
        .execution_options(synchronize_session=False)
    ).scalar()
    if serial is None:
        raise exhausted(year, institution)
    return compose(rule, year, institution, level, serial)
