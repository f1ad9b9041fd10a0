"""Suspending a certificate whose pass was taken back, and deciding about it by two persons."""

from lms.audit.service import born, move
from lms.certificates import service
from lms.certificates.events import CertificateNumbered, CertificateResumed, CertificateSuspended
from lms.certificates.models import Certificate
from lms.certificates.policy import CERTIFICATE, CertificateState
from lms.certificates.queries import CertificateFacts, find_by_application, get_certificate
from lms.certificates.suspension_models import CertificateSuspension
from lms.certificates.suspension_policy import (
    SUSPENSION,
    SuspensionState,
    Verdict,
    proposal_reasons,
    second_person_reasons,
)
from lms.certificates.suspension_queries import get_suspension, standing_suspension, was_kept
from lms.core.actors import Actor
from lms.core.errors import Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import application_facts


def follow_application(uow: UnitOfWork, actor: Actor, application_id: str) -> None:
    """Let a certificate stand as its application does now; may run twice, and late.

    It is suspended when the pass was taken back, and resumed when the pass has come back before anybody decided.
    What two persons decided stays as they decided it.
    """
    certificate = find_by_application(uow, application_id)
    if certificate is None:
        return
    is_completed = application_facts(uow, application_id).outcome is Outcome.COMPLETED
    if is_completed and certificate.state is CertificateState.SUSPENDED:
        _lift(uow, actor, certificate)
    stands = certificate.state in (CertificateState.PENDING, CertificateState.ISSUED)
    if not is_completed and stands and not was_kept(uow, certificate.id):
        _suspend(uow, actor, certificate)


def propose(uow: UnitOfWork, actor: Actor, suspension_id: str, verdict: Verdict, words: str) -> None:
    """Propose what is to become of a suspended certificate. The caller has checked the scope."""
    facts = get_suspension(uow, suspension_id)
    require(proposal_reasons(words), Invalid)
    move(
        uow, actor, SUSPENSION, "propose", CertificateSuspension.state, facts.id, facts.state, remark=words.strip(),
        changes={
            "verdict": verdict, "words": words.strip(), "proposed_by": actor.person_id, "proposed_at": uow.now,
        },
        certificate_id=facts.certificate_id, verdict=verdict,
    )  # fmt: skip


def hand_back(uow: UnitOfWork, actor: Actor, suspension_id: str, words: str) -> None:
    """Refuse a proposal, so that another may be made. The caller has checked the scope."""
    facts = get_suspension(uow, suspension_id)
    require(proposal_reasons(words), Invalid)
    move(
        uow, actor, SUSPENSION, "hand_back", CertificateSuspension.state, facts.id, facts.state,
        remark=words.strip(),
        changes={"verdict": None, "words": "", "proposed_by": None, "proposed_at": None},
        certificate_id=facts.certificate_id,
    )  # fmt: skip


def decide(uow: UnitOfWork, actor: Actor, suspension_id: str) -> Verdict:
    """Carry out what another person proposed; return what it was. The caller has checked the scope.

    A registry entry that stands on the certificate is the caller's to revoke. Raises Refusal for the proposer.
    """
    facts = get_suspension(uow, suspension_id)
    if facts.state is not SuspensionState.PROPOSED or facts.verdict is None:
        raise stale()
    require(second_person_reasons(facts.proposed_by, actor.person_id), Refusal)
    verb = "keep" if facts.verdict is Verdict.KEEP else "revoke"
    move(
        uow, actor, SUSPENSION, verb, CertificateSuspension.state, facts.id, facts.state, remark=facts.words,
        changes={"decided_by": actor.person_id, "decided_at": uow.now}, certificate_id=facts.certificate_id,
    )  # fmt: skip
    certificate = get_certificate(uow, facts.certificate_id)
    if facts.verdict is Verdict.KEEP:
        _resume(uow, actor, certificate, facts.words)
    else:
        service.revoke(uow, actor, certificate.id, facts.words)
    return facts.verdict


def _suspend(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> None:
    suspension_id = new_id()
    uow.session.add(
        CertificateSuspension(
            id=suspension_id, certificate_id=certificate.id, state=SUSPENSION.initial, opened_at=uow.now
        )
    )
    uow.session.flush()
    born(uow, actor, SUSPENSION, suspension_id, certificate_id=certificate.id)
    move(
        uow, actor, CERTIFICATE, "suspend", Certificate.state, certificate.id, certificate.state,
        suspension_id=suspension_id,
    )  # fmt: skip
    uow.record(CertificateSuspended(certificate.id))


def _lift(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> None:
    facts = standing_suspension(uow, certificate.id)
    if facts is None:
        return
    move(
        uow, actor, SUSPENSION, "lift", CertificateSuspension.state, facts.id, facts.state,
        certificate_id=certificate.id,
    )  # fmt: skip
    _resume(uow, actor, certificate, "")


def _resume(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts, remark: str) -> None:
    """Bring a certificate back to where it was: in force, or on its way to the printer."""
    is_printed = certificate.file_key is not None
    move(
        uow, actor, CERTIFICATE, "resume" if is_printed else "resume_unprinted", Certificate.state, certificate.id,
        certificate.state, remark=remark,
    )  # fmt: skip
    uow.record(CertificateResumed(certificate.id) if is_printed else CertificateNumbered(certificate.id))
