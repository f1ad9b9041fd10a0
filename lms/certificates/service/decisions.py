"""Deciding about a certificate by two persons, and suspending one whose pass was taken back until they have."""

from lms.audit.service import born, move
from lms.certificates.errors import NotReissuable, NotRevocable
from lms.certificates.events import CertificateNumbered, CertificateResumed, CertificateSuspended
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState, local_day, revoke_reasons
from lms.certificates.policy.decisions import (
    DECISION,
    DecisionFacts,
    DecisionState,
    Ground,
    Verdict,
    proposal_reasons,
    second_person_reasons,
    waits_for_second,
)
from lms.certificates.policy.versions import VersionCause, restore_reasons
from lms.certificates.queries.certificates import CertificateFacts, find_by_application, get_certificate
from lms.certificates.queries.decisions import get_decision, standing_decision, was_kept
from lms.certificates.queries.versions import chain_of, rival_number, still_passed
from lms.certificates.service import certificates as service
from lms.certificates.service.versions import add_version, drop_unprinted, hold_number
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import application_facts
from lms.enrolment.service import reinstate

_SETTLED = (Outcome.COMPLETED, Outcome.ANNULLED)
_VERBS = {Verdict.KEEP: "keep", Verdict.REVOKE: "revoke", Verdict.RESTORE: "restore"}


def follow_application(uow: UnitOfWork, actor: Actor, application_id: str) -> None:
    """Let a certificate stand as its application does now; may run twice, and late.

    It is suspended when the pass was taken back, and resumed when the pass has come back before anybody decided.
    What two persons decided stays as they decided it.
    """
    certificate = find_by_application(uow, application_id)
    if certificate is None:
        return
    outcome = application_facts(uow, application_id).outcome
    if outcome is Outcome.COMPLETED and certificate.state is CertificateState.SUSPENDED:
        _lift(uow, actor, certificate)
    stands = certificate.state in (CertificateState.PENDING, CertificateState.ISSUED)
    if outcome not in _SETTLED and stands and not was_kept(uow, application_id):
        _suspend(uow, actor, certificate)


def ask(uow: UnitOfWork, actor: Actor, certificate_id: str, verdict: Verdict, words: str) -> str:
    """Propose that a certificate in force be revoked, or a revoked one restored; return the decision's id.

    Nothing changes before another person has agreed. The caller has checked the scope. Raises Invalid without
    written words, and NotRevocable, NotReissuable or Conflict where it could not be carried out.
    """
    hold_number(uow, get_certificate(uow, certificate_id).number)
    certificate = get_certificate(uow, certificate_id)
    require(proposal_reasons(Ground.REGISTRAR, verdict, words), Invalid)
    if standing_decision(uow, certificate_id) is not None:
        raise Conflict(waits_for_second())
    _require_possible(uow, certificate, verdict, words)
    decision_id = _open(uow, actor, certificate, Ground.REGISTRAR)
    propose(uow, actor, decision_id, verdict, words)
    return decision_id


def propose(uow: UnitOfWork, actor: Actor, decision_id: str, verdict: Verdict, words: str) -> None:
    """Propose an answer to an open question. The caller has checked the scope."""
    facts = get_decision(uow, decision_id)
    require(proposal_reasons(facts.ground, verdict, words), Invalid)
    move(
        uow, actor, DECISION, "propose", CertificateDecision.state, facts.id, facts.state, remark=words.strip(),
        changes={
            "verdict": verdict, "words": words.strip(), "proposed_by": actor.person_id, "proposed_at": uow.now,
        },
        certificate_id=facts.certificate_id, verdict=verdict,
    )  # fmt: skip


def hand_back(uow: UnitOfWork, actor: Actor, decision_id: str, words: str) -> None:
    """Refuse a proposal. A question of the house stays open for another one; a registrar's own ends with it.

    The one who proposed may take it back in this way himself. The caller has checked the scope.
    """
    facts = get_decision(uow, decision_id)
    require(proposal_reasons(facts.ground, facts.verdict or Verdict.REVOKE, words), Invalid)
    if facts.ground is Ground.REGISTRAR:
        _move(uow, actor, "refuse", facts, words)
        return
    _move(
        uow, actor, "hand_back", facts, words,
        changes={"verdict": None, "words": "", "proposed_by": None, "proposed_at": None},
    )  # fmt: skip


def decide(uow: UnitOfWork, actor: Actor, decision_id: str) -> Verdict:
    """Carry out what another person proposed; return what it was. The caller has checked the scope.

    A registry entry that stands on the certificate is the caller's to revoke; a restored one comes back with the
    new version. Raises Refusal for the proposer, and where it cannot be carried out any more.
    """
    facts = get_decision(uow, decision_id)
    if facts.state is not DecisionState.PROPOSED or facts.verdict is None:
        raise stale()
    require(second_person_reasons(facts.proposed_by, actor.person_id), Refusal)
    hold_number(uow, get_certificate(uow, facts.certificate_id).number)
    certificate = get_certificate(uow, facts.certificate_id)
    _move(
        uow, actor, _VERBS[facts.verdict], facts, facts.words,
        changes={"decided_by": actor.person_id, "decided_at": uow.now},
    )  # fmt: skip
    if facts.verdict is Verdict.KEEP:
        _resume(uow, actor, certificate, facts.words)
        return facts.verdict
    if facts.verdict is Verdict.REVOKE:
        service.revoke(uow, actor, certificate.id, facts.words)
        return facts.verdict
    _require_possible(uow, certificate, facts.verdict, facts.words)
    if certificate.application_id is not None:
        reinstate(uow, actor, certificate.application_id, facts.words)
    add_version(uow, actor, certificate.number, VersionCause.RESTORED, facts.words)
    return facts.verdict


def _require_possible(uow: UnitOfWork, certificate: CertificateFacts, verdict: Verdict, words: str) -> None:
    if verdict is Verdict.REVOKE:
        require(revoke_reasons(certificate.state, words), NotRevocable)
        return
    reasons = restore_reasons(
        chain_of(uow, certificate.number), local_day(uow.now), is_passed=still_passed(uow, certificate),
        rival_number=rival_number(uow, certificate),
    )  # fmt: skip
    require(reasons, NotReissuable)


def _open(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts, ground: Ground) -> str:
    decision_id = new_id()
    uow.session.add(
        CertificateDecision(
            id=decision_id, certificate_id=certificate.id, ground=ground, state=DECISION.initial, opened_at=uow.now
        )
    )  # fmt: skip
    uow.session.flush()
    born(uow, actor, DECISION, decision_id, certificate_id=certificate.id, ground=ground)
    return decision_id


def _suspend(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> None:
    """Suspend; a registrar's standing proposal is overtaken by the new question, a later version given up."""
    if (standing := standing_decision(uow, certificate.id)) is not None:
        _move(uow, actor, "lift", standing)
    drop_unprinted(uow, actor, certificate.number)
    decision_id = _open(uow, actor, certificate, Ground.CORRECTION)
    move(
        uow, actor, CERTIFICATE, "suspend", Certificate.state, certificate.id, certificate.state,
        decision_id=decision_id,
    )  # fmt: skip
    uow.record(CertificateSuspended(certificate.id))


def _lift(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts) -> None:
    facts = standing_decision(uow, certificate.id)
    if facts is None:
        return
    _move(uow, actor, "lift", facts)
    _resume(uow, actor, certificate, "")


def _move(
    uow: UnitOfWork,
    actor: Actor,
    verb: str,
    facts: DecisionFacts,
    words: str = "",
    *,
    changes: dict[str, object] | None = None,
) -> None:
    move(
        uow, actor, DECISION, verb, CertificateDecision.state, facts.id, facts.state, remark=words.strip(),
        changes=changes, certificate_id=facts.certificate_id,
    )  # fmt: skip


def _resume(uow: UnitOfWork, actor: Actor, certificate: CertificateFacts, remark: str) -> None:
    """Bring a certificate back to where it was: in force, or on its way to the printer."""
    is_printed = certificate.file_key is not None
    move(
        uow, actor, CERTIFICATE, "resume" if is_printed else "resume_unprinted", Certificate.state, certificate.id,
        certificate.state, remark=remark,
    )  # fmt: skip
    uow.record(CertificateResumed(certificate.id) if is_printed else CertificateNumbered(certificate.id))
