"""Reading suspensions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from lms.certificates.models import Certificate
from lms.certificates.policy import CertificateState, local_day
from lms.certificates.suspension_models import CertificateSuspension
from lms.certificates.suspension_policy import STANDING, SuspensionFacts, SuspensionState, Verdict
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork

FOLLOWED_WITHIN = timedelta(minutes=2)
"""So long the jobs have that let others follow a suspension."""


def carries_nobody(now: datetime) -> ColumnElement[bool]:
    """Say of a certificate that no active entry may stand on it any more (invariant R2).

    An expiry counts once the sweeper has had a day to write it, a suspension once its job has had its minutes.
    """
    long_suspended = select(CertificateSuspension.certificate_id).where(
        CertificateSuspension.state.in_(STANDING), CertificateSuspension.opened_at < now - FOLLOWED_WITHIN
    )
    return or_(
        Certificate.state.not_in((CertificateState.ISSUED, CertificateState.SUSPENDED)),
        Certificate.id.in_(long_suspended),
        Certificate.valid_until < local_day(now) - timedelta(days=1),
    )


def standing_suspension(uow: UnitOfWork, certificate_id: str) -> SuspensionFacts | None:
    """Return the suspension of a certificate that is not decided, or None."""
    row = uow.session.scalar(
        select(CertificateSuspension).where(
            CertificateSuspension.certificate_id == certificate_id, CertificateSuspension.state.in_(STANDING)
        )
    )
    return _facts(row) if row else None


def was_kept(uow: UnitOfWork, certificate_id: str) -> bool:
    """Tell whether two persons decided that a certificate stays in force although its pass was taken back."""
    found = uow.session.scalar(
        select(CertificateSuspension.id)
        .where(
            CertificateSuspension.certificate_id == certificate_id,
            CertificateSuspension.state == SuspensionState.KEPT,
        )
        .limit(1)
    )
    return found is not None


def get_suspension(uow: UnitOfWork, suspension_id: str) -> SuspensionFacts:
    """Return a suspension for a caller that has checked the scope. Raises NotFound."""
    row = uow.session.get(CertificateSuspension, suspension_id)
    if row is None:
        raise NotFound
    return _facts(row)


def suspensions_of(uow: UnitOfWork, certificate_ids: Iterable[str]) -> list[SuspensionFacts]:
    """Return all suspensions of some certificates, the newest first."""
    rows = uow.session.scalars(
        select(CertificateSuspension)
        .where(CertificateSuspension.certificate_id.in_(set(certificate_ids)))
        .order_by(CertificateSuspension.opened_at.desc(), CertificateSuspension.id)
    )
    return [_facts(row) for row in rows]


def _facts(row: CertificateSuspension) -> SuspensionFacts:
    return SuspensionFacts(
        id=row.id, certificate_id=row.certificate_id, state=SuspensionState(row.state), opened_at=row.opened_at,
        verdict=Verdict(row.verdict) if row.verdict else None, words=row.words, proposed_by=row.proposed_by,
        proposed_at=row.proposed_at, decided_by=row.decided_by, decided_at=row.decided_at,
    )  # fmt: skip
