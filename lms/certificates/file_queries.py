"""Finding certificates by their files, and seals by what a file bears."""

from collections.abc import Iterable

from sqlalchemy import select

from lms.certificates.models import Certificate
from lms.certificates.policy import CertificateState
from lms.certificates.queries import CertificateFacts, certificates_by_id
from lms.certificates.seal_models import CertificateSeal
from lms.core.unit_of_work import UnitOfWork


def certificates_by_file(uow: UnitOfWork, hashes: Iterable[str]) -> dict[str, CertificateFacts]:
    """Return the certificates whose stored file has one of these SHA-256 hashes, by the hash."""
    found = _found(uow, Certificate.file_key.in_(set(hashes)))
    return {one.file_key: one for one in found if one.file_key}


def certificates_by_code(uow: UnitOfWork, codes: Iterable[str]) -> list[CertificateFacts]:
    """Return the certificates with one of these verification codes that are issued already."""
    return _found(uow, Certificate.verification_code.in_(set(codes)))


def certificates_by_number(uow: UnitOfWork, numbers: Iterable[str]) -> dict[str, CertificateFacts]:
    """Return the issued certificates with these numbers, by the number; a caller that shows one asks for its name."""
    return {one.number: one for one in _found(uow, Certificate.number.in_(set(numbers)))}


def known_seals(uow: UnitOfWork, seal_ids: Iterable[str]) -> frozenset[str]:
    """Return which of these seals have sealed certificates here."""
    return frozenset(
        uow.session.scalars(select(CertificateSeal.id).where(CertificateSeal.id.in_(set(seal_ids))))
    )


def _found(uow: UnitOfWork, condition: object) -> list[CertificateFacts]:
    ids = uow.session.scalars(
        select(Certificate.id).where(condition, Certificate.state != CertificateState.PENDING)  # type: ignore[arg-type]  # a condition of this module
    )
    return list(certificates_by_id(uow, ids).values())
