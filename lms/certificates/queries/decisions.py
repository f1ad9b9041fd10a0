"""Reading decisions about certificates."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.certificates import CertificateState, local_day
from lms.certificates.policy.decisions import STANDING, DecisionFacts, DecisionState, Ground, Verdict
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork

FOLLOWED_WITHIN = timedelta(minutes=2)
"""So long the jobs have that let others follow a suspension."""


def carries_nobody(now: datetime) -> ColumnElement[bool]:
    """Say of a certificate that no active entry may stand on it any more (invariant R2).

    An expiry counts once the sweeper has had a day to write it; a suspension, and a later version in its place, once
    the job that follows it has had its minutes.
    """
    long_suspended = select(CertificateDecision.certificate_id).where(
        CertificateDecision.ground == Ground.CORRECTION, CertificateDecision.state.in_(STANDING),
        CertificateDecision.opened_at < now - FOLLOWED_WITHIN,
    )  # fmt: skip
    later = aliased(Certificate)
    just_replaced = (
        select(later.id)
        .where(
            later.number == Certificate.number, later.version > Certificate.version,
            later.issued_at >= now - FOLLOWED_WITHIN,
        )
        .exists()
    )  # fmt: skip
    return or_(
        and_(
            Certificate.state.not_in((CertificateState.ISSUED, CertificateState.SUSPENDED)),
            or_(
                Certificate.state != CertificateState.SUPERSEDED,
                # One that has ended is superseded when its successor is numbered, printed or not.
                and_(~just_replaced, Certificate.valid_until >= local_day(now)),
            ),
        ),
        Certificate.id.in_(long_suspended),
        Certificate.valid_until < local_day(now) - timedelta(days=1),
    )


def standing_decision(uow: UnitOfWork, certificate_id: str) -> DecisionFacts | None:
    """Return what is still to be decided about a certificate, or None."""
    row = uow.session.scalar(
        select(CertificateDecision).where(
            CertificateDecision.certificate_id == certificate_id, CertificateDecision.state.in_(STANDING)
        )
    )
    return _facts(row) if row else None


def was_kept(uow: UnitOfWork, application_id: str) -> bool:
    """Tell whether two persons decided that an application's certificate stays in force although its pass was lost."""
    found = uow.session.scalar(
        select(CertificateDecision.id)
        .join(Certificate, Certificate.id == CertificateDecision.certificate_id)
        .where(Certificate.application_id == application_id, CertificateDecision.state == DecisionState.KEPT)
        .limit(1)
    )
    return found is not None


def get_decision(uow: UnitOfWork, decision_id: str) -> DecisionFacts:
    """Return a decision for a caller that has checked the scope. Raises NotFound."""
    row = uow.session.get(CertificateDecision, decision_id)
    if row is None:
        raise NotFound
    return _facts(row)


def decisions_of(uow: UnitOfWork, certificate_ids: Iterable[str]) -> list[DecisionFacts]:
    """Return all decisions about some certificates, the newest first."""
    rows = uow.session.scalars(
        select(CertificateDecision)
        .where(CertificateDecision.certificate_id.in_(set(certificate_ids)))
        .order_by(CertificateDecision.opened_at.desc(), CertificateDecision.id)
    )
    return [_facts(row) for row in rows]


def _facts(row: CertificateDecision) -> DecisionFacts:
    return DecisionFacts(
        id=row.id, certificate_id=row.certificate_id, ground=Ground(row.ground), state=DecisionState(row.state),
        opened_at=row.opened_at,
        verdict=Verdict(row.verdict) if row.verdict else None, words=row.words, proposed_by=row.proposed_by,
        proposed_at=row.proposed_at, decided_by=row.decided_by, decided_at=row.decided_at,
    )  # fmt: skip
