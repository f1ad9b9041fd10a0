"""Finding certificates by their files, and seals by what a file bears."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select

from lms.certificates.models.certificates import Certificate
from lms.certificates.models.seals import CertificateSeal
from lms.certificates.queries.certificates import CertificateFacts, certificates_by_id, public_only
from lms.core.unit_of_work import UnitOfWork


def certificates_by_file(uow: UnitOfWork, hashes: Iterable[str]) -> dict[str, CertificateFacts]:
    """Return the certificates whose stored file has one of these SHA-256 hashes, by the hash."""
    found = _found(uow, Certificate.file_key.in_(set(hashes)))
    return {one.file_key: one for one in found if one.file_key}


def certificates_by_code(uow: UnitOfWork, codes: Iterable[str]) -> list[CertificateFacts]:
    """Return the certificates with one of these verification codes that are issued already."""
    return _found(uow, Certificate.verification_code.in_(set(codes)))


def known_seals(uow: UnitOfWork, seal_ids: Iterable[str]) -> frozenset[str]:
    """Return which of these seals have sealed certificates here."""
    return frozenset(
        uow.session.scalars(select(CertificateSeal.id).where(CertificateSeal.id.in_(set(seal_ids))))
    )


def _found(uow: UnitOfWork, condition: ColumnElement[bool]) -> list[CertificateFacts]:
    ids = uow.session.scalars(select(Certificate.id).where(condition))
    return public_only(certificates_by_id(uow, ids).values())
