"""Making a later version of a certificate: asked for, put in the place of the one before it, or given up."""

from collections.abc import Mapping

from sqlalchemy import insert, select

from lms.audit.service import born, move
from lms.certificates.errors import AlreadyCertified, NotReissuable
from lms.certificates.events import CertificateNumbered
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import (
    CERTIFICATE,
    CertificateState,
    already_certified,
    ground_reasons,
    local_day,
)
from lms.certificates.policy.versions import (
    STATE_BEFORE,
    VersionCause,
    cannot_give_way,
    reissue_reasons,
    renewal_stays,
)
from lms.certificates.queries.certificates import CertificateFacts, get_certificate, versions_of
from lms.certificates.queries.layouts import current_version
from lms.certificates.queries.versions import (
    chain_of,
    present_identity,
    printed_identity,
    registered_number,
    rival_number,
    standing_of,
)
from lms.core.actors import Actor
from lms.core.errors import Invalid, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork

_NONE: Mapping[str, object] = {}


def reissue(uow: UnitOfWork, actor: Actor, certificate_id: str, cause: VersionCause, words: str) -> str:
    """Have the version in force printed anew under its number; return the new version's id.

    The new one is pending while it is printed, and the old one stays in force until then. The caller has checked
    the actor's scope. Raises Invalid without written words, NotReissuable otherwise.
    """
    require(ground_reasons("version.words", words), Invalid)
    hold_number(uow, get_certificate(uow, certificate_id).number)
    certificate = get_certificate(uow, certificate_id)
    standing = standing_of(uow, certificate)
    printed, present = printed_identity(standing), present_identity(uow, standing)
    rival = registered_number(uow, standing, present.id_number_index)
    chain = chain_of(uow, certificate.number)
    require(reissue_reasons(chain, cause, printed, present, local_day(uow.now), rival), NotReissuable)
    changes = {"holder_name": present.name}
    if cause is VersionCause.ID_CORRECTED:
        # The sex is read from the ID number.
        changes |= {
            "id_number_index": present.id_number_index, "id_number_masked": present.id_number_masked,
            "sex": present.sex,
        }  # fmt: skip
    return add_version(uow, actor, certificate.number, cause, words, changes)


def add_version(
    uow: UnitOfWork, actor: Actor, number: str, cause: VersionCause, words: str, changes: Mapping[str, object] = _NONE
) -> str:  # fmt: skip
    """Number the next version of a certificate and have it printed; return its id. The rules were asked before.

    It bears what the version before it that was printed bears, but for the `changes` by column. The unique
    constraints turn a second one down that was asked for at the same moment.
    """
    versions = uow.session.scalars(
        select(Certificate).where(Certificate.number == number).order_by(Certificate.version.desc())
    ).all()
    newest = versions[0]
    # One that was given up was never anybody's: what it would have corrected is not taken over.
    printed = next(one for one in versions if one.state != CertificateState.DROPPED)
    certificate_id = new_id()
    kept = {
        column.key: getattr(printed, column.key)
        for column in Certificate.__table__.columns
        if column.key in _KEPT
    }
    uow.session.execute(
        insert(Certificate).values(
            kept
            | dict(changes)
            | {
                "id": certificate_id, "version": newest.version + 1,
                "replaces_id": newest.id, "version_cause": cause, "version_words": words.strip(),
                "verification_code": new_id(), "state": CertificateState.PENDING, "created_at": uow.now,
                "layout_version": current_version(uow),
            }
        )
    )  # fmt: skip
    born(
        uow, actor, CERTIFICATE, certificate_id, remark=words.strip(), number=number, version=newest.version + 1,
        replaces_id=newest.id, cause=cause,
    )  # fmt: skip
    uow.record(CertificateNumbered(certificate_id))
    return certificate_id


def hold_number(uow: UnitOfWork, number: str) -> None:
    """Let nobody else make, end or decide about versions of a number until the end of the transaction.

    What was read of it before is read anew. SQLite has one writer and needs no lock.
    """
    first = select(Certificate.id).where(Certificate.number == number, Certificate.version == 1)
    uow.session.execute(first.with_for_update())
    uow.session.expire_all()


def give_way(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> None:
    """Supersede the version in force, so that a printed later one may take its place in this transaction.

    A revoked one stays revoked below the version that restores it, and an expired one was superseded when its
    renewal was numbered. Raises NotReissuable or AlreadyCertified.
    """
    hold_number(uow, certificate.number)
    if number := rival_number(uow, certificate):
        raise AlreadyCertified(already_certified(number))
    standing = standing_of(uow, certificate)
    cause = certificate.version_cause
    wanted = STATE_BEFORE.get(cause, CertificateState.ISSUED) if cause else CertificateState.ISSUED
    if standing.state is not wanted:
        raise NotReissuable(cannot_give_way())
    if standing.state is CertificateState.ISSUED:
        move(
            uow, actor, CERTIFICATE, "supersede", Certificate.state, standing.id, standing.state,
            version_id=certificate.id,
        )  # fmt: skip


def drop(uow: UnitOfWork, actor: Actor, certificate_id: str, words: str) -> None:
    """Give up a later version that is not printed yet. The caller has checked the scope. Raises Refusal."""
    certificate = get_certificate(uow, certificate_id)
    require(ground_reasons("version.words", words), Invalid)
    if certificate.state is not CertificateState.PENDING or certificate.version == 1:
        raise stale()
    if certificate.is_first:
        raise NotReissuable(renewal_stays())
    move(
        uow, actor, CERTIFICATE, "drop", Certificate.state, certificate.id, certificate.state, remark=words.strip()
    )  # fmt: skip


def drop_unprinted(uow: UnitOfWork, actor: Actor, number: str, words: str = "") -> None:
    """Give up the later version of a number that waits for the printer, if there is one."""
    hold_number(uow, number)
    for one in versions_of(uow, number):
        if not one.is_first and one.state is CertificateState.PENDING:
            move(uow, actor, CERTIFICATE, "drop", Certificate.state, one.id, one.state, remark=words.strip())


_KEPT = frozenset(
    {
        "application_id", "origin", "person_id", "number", "number_rule", "number_year", "institution_code",
        "serial", "holder_name", "id_number_index", "id_number_masked", "sex", "photo_key", "occupation_edition",
        "occupation_code", "occupation_name", "level", "issuing_organisation_id", "issuer_name",
        "employer_organisation_id", "valid_from", "valid_until",
    }
)  # fmt: skip
"""What a version has in common with the one before it, unless its cause is that this has changed."""
