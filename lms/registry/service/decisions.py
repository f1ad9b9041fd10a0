"""What two registrars decide about the certificate of an entry, one after the other; the entry goes with it."""

from lms.accounts.policy import Role
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.decisions import DecisionFacts, Verdict, still_suspended
from lms.certificates.queries.certificates import get_certificate
from lms.certificates.queries.decisions import get_decision
from lms.certificates.service import decisions
from lms.core.actors import Actor
from lms.core.errors import NotFound, require
from lms.core.unit_of_work import UnitOfWork
from lms.registry.errors import NotMovable
from lms.registry.policy.entries import ENTRY, move_reasons
from lms.registry.queries.entries import EntryFacts, get_entry
from lms.registry.service.entries import FOLLOWER, act_on, follow_certificate


def propose_revocation(uow: UnitOfWork, actor: Actor, entry_id: str, reason: str) -> str:
    """Propose that an entry and its certificate be revoked; return the decision's id.

    Raises NotFound outside the registrar's scope, NotMovable in the wrong state, without a reason or while the lost
    pass of the certificate waits for a decision, Conflict while another proposal stands.
    """
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    require(move_reasons("revoke", entry.state, reason), NotMovable)
    if get_certificate(uow, entry.certificate_id).state is CertificateState.SUSPENDED:
        raise NotMovable(still_suspended())
    return decisions.ask(uow, actor, entry.certificate_id, Verdict.REVOKE, reason)


def propose_restoration(uow: UnitOfWork, actor: Actor, entry_id: str, reason: str) -> str:
    """Propose that a wrongly revoked entry and certificate come back; return the decision's id. Raises as above."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    require(move_reasons("restore", entry.state, reason), NotMovable)
    return decisions.ask(uow, actor, entry.certificate_id, Verdict.RESTORE, reason)


def propose(
    uow: UnitOfWork, actor: Actor, entry_id: str, decision_id: str, verdict: Verdict, words: str
) -> None:
    """Propose what is to become of the certificate of an entry whose pass was taken back."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    decisions.propose(uow, actor, _decision_of(uow, entry, decision_id).id, verdict, words)


def hand_back(uow: UnitOfWork, actor: Actor, entry_id: str, decision_id: str, words: str) -> None:
    """Refuse what was proposed for the certificate of an entry."""
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    decisions.hand_back(uow, actor, _decision_of(uow, entry, decision_id).id, words)


def decide(uow: UnitOfWork, actor: Actor, entry_id: str, decision_id: str) -> Verdict:
    """Carry out what another registrar proposed for the certificate of an entry; the entry goes with it.

    A restored entry comes back with the new version of its certificate, as soon as that is printed.
    """
    entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    decision = _decision_of(uow, entry, decision_id)
    verdict = decisions.decide(uow, actor, decision.id)
    if verdict is Verdict.KEEP:
        follow_certificate(uow, FOLLOWER, entry.certificate_id)
    elif verdict is Verdict.REVOKE and ENTRY.allows("revoke", entry.state):
        act_on(uow, actor, entry_id, "revoke", decision.words)
    return verdict


def _decision_of(uow: UnitOfWork, entry: EntryFacts, decision_id: str) -> DecisionFacts:
    found = get_decision(uow, decision_id)
    if found.certificate_id != entry.certificate_id:
        raise NotFound
    return found
