"""The certificates an entry has stood on, with all their versions and who had each made."""

from dataclasses import dataclass

from lms.accounts.queries import names_of
from lms.audit.queries import history
from lms.certificates.policy import CERTIFICATE
from lms.certificates.queries import CertificateFacts, certificates_of
from lms.core.unit_of_work import UnitOfWork
from lms.registry.queries import EntryFacts


@dataclass(frozen=True, slots=True)
class Link:
    """One version of one certificate, and who had it made and ended it; "" says the house by itself."""

    certificate: CertificateFacts
    made_by: str
    ended_by: str
    ended_because: str


def chain_of_entry(uow: UnitOfWork, entry: EntryFacts) -> list[Link]:
    """Return every version of every certificate of an entry's person, occupation and level, the newest first."""
    found = [
        one
        for one in certificates_of(uow, entry.person_id)
        if (one.occupation_edition, one.occupation_code, one.level)
        == (entry.occupation_edition, entry.occupation_code, entry.level)
    ]
    logs = {one.id: history(uow, CERTIFICATE.name, one.id) for one in found}
    names = names_of(uow, {move.actor_id for moves in logs.values() for move in moves if move.actor_id})
    links = []
    for one in found:
        made = next(
            (names.get(move.actor_id or "", "") for move in logs[one.id] if move.verb == "create"), ""
        )
        end = next((move for move in logs[one.id] if move.verb in ("revoke", "drop")), None)
        links.append(
            Link(one, made, names.get(end.actor_id or "", "") if end else "", end.remark if end else "")
        )
    return links
