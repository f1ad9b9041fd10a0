"""Taking over certificates that were issued before this system, so that numbering goes on where it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, update

from lms.audit.service import log_many
from lms.certificates.models.certificates import Certificate, NumberSequence
from lms.certificates.numbers import CertificateNumber
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState, Origin
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.identifiers import new_ids
from lms.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class EarlierCertificate:
    """A certificate as its register tells it; the caller has checked that its number and standing are free."""

    person_id: str
    holder_name: str
    sex: str
    id_number_index: str
    id_number_masked: str
    number: CertificateNumber
    year: int
    occupation_edition: str
    occupation_code: str
    occupation_name: str
    issuing_organisation_id: str
    issuer_name: str
    employer_organisation_id: str | None
    valid_from: date
    valid_until: date


def take_over(
    uow: UnitOfWork, actor: Actor, earlier: Sequence[EarlierCertificate], import_id: str
) -> list[str]:
    """Enter certificates without a file and raise their sequences; return their ids in the given order.

    All in the caller's transaction. Raises the database's refusal when a number or a standing was taken meanwhile.
    """
    if not earlier:
        return []
    ids = new_ids(len(earlier))
    codes = new_ids(len(earlier))
    uow.session.execute(
        insert(Certificate),
        [
            {
                "id": certificate_id, "application_id": None, "origin": Origin.IMPORTED, "person_id": one.person_id,
                "number": str(one.number), "number_rule": one.number.rule.code, "number_year": one.year,
                "institution_code": one.number.institution, "serial": one.number.serial, "verification_code": code,
                "id_number_index": one.id_number_index, "holder_name": one.holder_name,
                "id_number_masked": one.id_number_masked, "sex": one.sex,
                "occupation_edition": one.occupation_edition, "occupation_code": one.occupation_code,
                "occupation_name": one.occupation_name, "level": one.number.level,
                "issuing_organisation_id": one.issuing_organisation_id, "issuer_name": one.issuer_name,
                "employer_organisation_id": one.employer_organisation_id, "state": CertificateState.ISSUED,
                "valid_from": one.valid_from, "valid_until": one.valid_until, "created_at": uow.now,
                "issued_at": uow.now,
            }
            for certificate_id, code, one in zip(ids, codes, earlier, strict=True)
        ],
    )  # fmt: skip
    details = {one: {"import_id": import_id} for one in ids}
    log_many(uow, actor, CERTIFICATE, "create", None, CertificateState.PENDING, details)
    log_many(uow, actor, CERTIFICATE, "take_over", CertificateState.PENDING, CertificateState.ISSUED, details)
    _raise_sequences(uow, earlier)
    return ids


def adopt(uow: UnitOfWork, id_number_index: str, person_id: str, spared: Collection[str] = ()) -> None:
    """Give the certificates that were taken over for an ID number to the person who has proved to be its owner.

    `spared` are ids of those that were found to be somebody else's, entered under a wrong number.
    """
    uow.session.execute(
        update(Certificate)
        .where(
            Certificate.id_number_index == id_number_index, Certificate.origin == Origin.IMPORTED,
            Certificate.person_id != person_id, Certificate.id.not_in(spared),
        )
        .values(person_id=person_id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _raise_sequences(uow: UnitOfWork, earlier: Sequence[EarlierCertificate]) -> None:
    """Let each sequence go on behind the highest number that was given before."""
    highest: dict[tuple[str, int, str, str], int] = {}
    for one in earlier:
        key = (one.number.rule.code, one.year, one.number.institution, one.number.level.value)
        highest[key] = max(highest.get(key, 0), one.number.serial)
    columns = (
        NumberSequence.number_rule, NumberSequence.year, NumberSequence.institution_code, NumberSequence.level,
    )  # fmt: skip
    # In one order everywhere, so that two imports never wait for each other in a circle.
    for (rule, year, institution, level), serial in sorted(highest.items()):
        uow.session.execute(
            insert_new(uow.session, NumberSequence, *columns).values(
                number_rule=rule, year=year, institution_code=institution, level=level, last=serial
            )
        )
        uow.session.execute(
            update(NumberSequence)
            .where(
                NumberSequence.number_rule == rule, NumberSequence.year == year,
                NumberSequence.institution_code == institution, NumberSequence.level == level,
                NumberSequence.last < serial,
            )
            .values(last=serial)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
