"""The certificates an entry has stood on, with all their versions and who had each made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Organisation
from lms.accounts.queries import names_of, within
from lms.audit.queries import history
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState
from lms.certificates.policy.decisions import DecisionState, Verdict
from lms.certificates.queries.certificates import CertificateFacts, certificates_of, get_certificate
from lms.certificates.queries.decisions import carries_nobody
from lms.certificates.queries.versions import successor_of
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryState
from lms.registry.queries.entries import EntryFacts
from lms.registry.queries.merges import merged_into


@dataclass(frozen=True, slots=True)
class Link:
    """One version of one certificate, and who had it made and ended it; "" says the house by itself."""

    certificate: CertificateFacts
    made_by: str
    ended_by: str
    ended_because: str
    merged_from: str = ""
    """The merged entry through which it came here, or "" for the entry's own."""
    replaced_by: CertificateFacts | None = None
    """The certificate under another number that took its place."""


def chain_of_entry(uow: UnitOfWork, entry: EntryFacts) -> list[Link]:
    """Return every version of every certificate of an entry's person, occupation and level, the newest first.

    Those of duplicates that were merged into it follow, as they stand.
    """
    found: list[CertificateFacts] = []
    merged: dict[str, str] = {}
    for source in (entry, *merged_into(uow, entry.id)):
        for one in certificates_of(uow, get_certificate(uow, source.certificate_id).person_id):
            is_same = (one.occupation_edition, one.occupation_code, one.level) == (
                entry.occupation_edition, entry.occupation_code, entry.level,
            )  # fmt: skip
            if is_same and one.id not in merged:
                merged[one.id] = "" if source.id == entry.id else source.id
                found.append(one)
    logs = {one.id: history(uow, CERTIFICATE.name, one.id) for one in found}
    names = names_of(uow, {move.actor_id for moves in logs.values() for move in moves if move.actor_id})
    links = []
    for one in found:
        made = next(
            (names.get(move.actor_id or "", "") for move in logs[one.id] if move.verb == "create"), ""
        )
        end = next((move for move in logs[one.id] if move.verb in ("revoke", "drop")), None)
        links.append(
            Link(
                one, made, names.get(end.actor_id or "", "") if end else "", end.remark if end else "",
                merged[one.id], successor_of(uow, one.number) if _was_last(one, found) else None,
            )
        )  # fmt: skip
    return links


def _was_last(one: CertificateFacts, found: Sequence[CertificateFacts]) -> bool:
    """Tell whether a superseded version was the last of its number that was ever issued."""
    later = [other for other in found if other.number == one.number and other.version > one.version]
    return one.state is CertificateState.SUPERSEDED and not any(other.issued_at for other in later)


@dataclass(frozen=True, slots=True)
class WaitingDecision:
    """A proposal about a certificate that waits for its second person."""

    entry_id: str
    holder_name: str
    number: str
    verdict: Verdict
    words: str
    proposed_by: str | None
    proposer: str
    proposed_at: datetime


def waiting_decisions(uow: UnitOfWork, scopes: Sequence[str], limit: int = 100) -> list[WaitingDecision]:
    """Return the proposals within some scopes that wait for a second person, the oldest first."""
    rows = uow.session.execute(
        select(CertificateDecision, RegistryEntry)
        .join(RegistryEntry, RegistryEntry.certificate_id == CertificateDecision.certificate_id)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .where(CertificateDecision.state == DecisionState.PROPOSED, within(Organisation.path, scopes))
        .order_by(CertificateDecision.proposed_at)
        .limit(limit)
    ).all()
    names = names_of(uow, {one.proposed_by for one, _ in rows if one.proposed_by})
    return [
        WaitingDecision(
            entry.id, entry.holder_name, entry.certificate_number, Verdict(one.verdict or Verdict.REVOKE), one.words,
            one.proposed_by, names.get(one.proposed_by or "", ""), one.proposed_at or one.opened_at,
        )
        for one, entry in rows
    ]  # fmt: skip


def active_without_certificate(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return (entry, certificate) of active entries whose certificate does not carry them (invariant R2).

    An expiry counts once the sweeper has had a day to write it.
    """
    rows = uow.session.execute(
        select(RegistryEntry.id, Certificate.id)
        .join(Certificate, Certificate.id == RegistryEntry.certificate_id)
        .where(RegistryEntry.state == EntryState.ACTIVE, carries_nobody(uow.now))
    )
    return [(entry_id, certificate_id) for entry_id, certificate_id in rows]
