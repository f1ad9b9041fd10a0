"""Reading merges: what is proposed, what was decided, and what the rules look at of two entries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import names_of, within
from lms.certificates.models.certificates import Certificate
from lms.certificates.numbers import CertificateNumber, normalise_number
from lms.certificates.policy.certificates import CertificateState, local_day
from lms.certificates.queries.certificates import get_certificate, same_standing
from lms.certificates.queries.decisions import standing_decision
from lms.certificates.queries.versions import live_number
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.merges import MergeFacts, MergeKind, MergeState, Side
from lms.registry.queries.entries import EntryFacts, entries_by_id, get_entry
from lms.registry.queries.search import EntryFilter, entries

IS_STANDING = RegistryMerge.state == MergeState.PROPOSED


def get_merge(uow: UnitOfWork, merge_id: str) -> MergeFacts:
    """Return a proposal for a caller that checks the scope. Raises NotFound."""
    row = uow.session.get(RegistryMerge, merge_id)
    if row is None:
        raise NotFound
    return _facts(row)


def side_of(uow: UnitOfWork, entry: EntryFacts) -> Side:
    """Return what the rules look at of an entry. An expiry counts before the sweeper has written it."""
    today = local_day(uow.now)
    place = get_certificate(uow, entry.certificate_id)
    live = live_number(
        uow, place.id_number_index, entry.occupation_edition, entry.occupation_code, entry.level, still_valid_on=today
    )  # fmt: skip
    is_over = entry.valid_until < today and ENTRY.allows("expire", entry.state)
    held = select(RegistryEntry.id).where(RegistryEntry.merged_into_id == entry.id).limit(1)
    return Side(
        entry.id, EntryState.EXPIRED if is_over else entry.state, entry.occupation_edition, entry.occupation_code,
        entry.level, live, standing_decision(uow, entry.certificate_id) is not None,
        uow.session.scalar(held) is not None,
    )  # fmt: skip


def taken_by(uow: UnitOfWork, entry: EntryFacts) -> str:
    """Return the number of another entry that holds the place which a merged entry would come back to, or ""."""
    place = get_certificate(uow, entry.certificate_id)
    found = uow.session.scalar(
        select(RegistryEntry.certificate_number).where(
            RegistryEntry.id_number_index == place.id_number_index, RegistryEntry.id != entry.id,
            RegistryEntry.occupation_edition == entry.occupation_edition,
            RegistryEntry.occupation_code == entry.occupation_code, RegistryEntry.level == entry.level,
        )
    )  # fmt: skip
    return found or ""


def state_before(uow: UnitOfWork, entry: EntryFacts) -> EntryState:
    """Return how a merged entry stood before it was merged. Raises NotFound for any other."""
    found = uow.session.scalar(
        select(RegistryMerge.state_before)
        .where(
            RegistryMerge.entry_id == entry.id, RegistryMerge.kind == MergeKind.MERGE,
            RegistryMerge.state == MergeState.ACCEPTED,
        )
        .order_by(RegistryMerge.decided_at.desc())
        .limit(1)
    )  # fmt: skip
    if found is None:
        raise NotFound
    return EntryState(found)


def is_asked(uow: UnitOfWork, ends_id: str, stays_id: str) -> bool:
    """Tell whether a proposal stands that one about these two would contradict. Several may end in the same entry."""
    found = select(RegistryMerge.id).where(
        IS_STANDING, or_(RegistryMerge.entry_id.in_((ends_id, stays_id)), RegistryMerge.into_id == ends_id)
    )
    return uow.session.scalar(found.limit(1)) is not None


def merges_about(uow: UnitOfWork, entry_id: str) -> list[MergeFacts]:
    """Return all proposals about an entry on either side, the newest first."""
    rows = uow.session.scalars(
        select(RegistryMerge)
        .where(or_(RegistryMerge.entry_id == entry_id, RegistryMerge.into_id == entry_id))
        .order_by(RegistryMerge.proposed_at.desc(), RegistryMerge.id)
    )
    return [_facts(row) for row in rows]


def merged_into(uow: UnitOfWork, entry_id: str) -> list[EntryFacts]:
    """Return the entries that were merged into one."""
    found = (
        select(RegistryEntry.id).where(RegistryEntry.merged_into_id == entry_id).order_by(RegistryEntry.id)
    )
    return entries_by_id(uow, list(uow.session.scalars(found)))


def merged_on(uow: UnitOfWork, number: str) -> str | None:
    """Return the merged entry whose certificate bears a number, or None."""
    return uow.session.scalar(
        select(RegistryEntry.id).where(
            RegistryEntry.certificate_number == number, RegistryEntry.state == EntryState.MERGED
        )
    )


def merged_certificates(uow: UnitOfWork, id_number_index: str) -> Collection[str]:
    """Return the ids of certificates of merged entries under an ID number: they belong to somebody else."""
    last, one = Certificate, aliased(Certificate)
    return uow.session.scalars(
        select(one.id)
        .join(last, same_standing(one, last))
        .join(RegistryEntry, RegistryEntry.certificate_id == last.id)
        .where(last.id_number_index == id_number_index, RegistryEntry.state == EntryState.MERGED)
    ).all()


def find_by_whole_number(uow: UnitOfWork, actor: Actor, number: str) -> EntryFacts | None:
    """Return the entry in the actor's scope that any of its numbers leads to, or None. A part of one finds nothing."""
    if CertificateNumber.parse(number) is None:
        return None
    found = entries(uow, actor, EntryFilter(words=normalise_number(number))).entries
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Taken:
    """A merge, or its undoing, as the history of the entry that stays tells it."""

    kind: MergeKind
    number: str
    at: datetime
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class MergeLines:
    """What an entry's page says of merges."""

    standing: MergeFacts | None
    """The proposal that waits for its second person, whichever side the entry is on."""
    stays: EntryFacts | None
    """The entry that stays, where this one was merged."""
    held: tuple[EntryFacts, ...]
    """The entries that were merged into this one."""
    taken: tuple[Taken, ...]
    """What was decided with this entry as the one that stays."""


def merge_lines(uow: UnitOfWork, entry: EntryFacts) -> MergeLines:
    """Return what the page of an entry says of merges; the caller has checked the scope of the entry."""
    about = merges_about(uow, entry.id)
    taken = [one for one in about if one.into_id == entry.id and one.state is MergeState.ACCEPTED]
    others = {one.id: one for one in entries_by_id(uow, [one.entry_id for one in taken])}
    stays = entries_by_id(uow, [entry.merged_into_id]) if entry.merged_into_id else []
    names = names_of(uow, {one.decided_by for one in taken if one.decided_by})
    return MergeLines(
        next((one for one in about if one.state is MergeState.PROPOSED), None), next(iter(stays), None),
        tuple(one for one in others.values() if one.merged_into_id == entry.id),
        tuple(
            Taken(
                one.kind, others[one.entry_id].certificate_number, one.decided_at or one.proposed_at, one.words,
                names.get(one.decided_by or "", ""),
            )
            for one in taken
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaitingMerge:
    """A proposal that waits for its second person."""

    id: str
    kind: MergeKind
    holder_name: str
    number: str
    into_number: str
    words: str
    proposed_by: str
    proposer: str
    proposed_at: datetime


def waiting_merges(uow: UnitOfWork, scopes: Sequence[str], limit: int = 100) -> list[WaitingMerge]:
    """Return the proposals whose two entries lie within some scopes, the oldest first."""
    ends, stays, ends_at, stays_at = (
        aliased(RegistryEntry), aliased(RegistryEntry), aliased(Organisation), aliased(Organisation),
    )  # fmt: skip
    rows = uow.session.execute(
        select(RegistryMerge, ends.holder_name, ends.certificate_number, stays.certificate_number)
        .join(ends, ends.id == RegistryMerge.entry_id)
        .join(stays, stays.id == RegistryMerge.into_id)
        .join(ends_at, ends_at.id == ends.issuing_organisation_id)
        .join(stays_at, stays_at.id == stays.issuing_organisation_id)
        .where(IS_STANDING, within(ends_at.path, scopes), within(stays_at.path, scopes))
        .order_by(RegistryMerge.proposed_at)
        .limit(limit)
    ).all()
    names = names_of(uow, {row[0].proposed_by for row in rows})
    return [
        WaitingMerge(
            one.id, MergeKind(one.kind), name, number, into, one.words, one.proposed_by,
            names.get(one.proposed_by, ""), one.proposed_at,
        )
        for one, name, number, into in rows
    ]  # fmt: skip


def both_sides(
    uow: UnitOfWork, actor: Actor, merge_id: str, *roles: Role
) -> tuple[MergeFacts, EntryFacts, EntryFacts]:
    """Return a proposal with its two entries. Raises NotFound unless both lie within the scope of one of the roles."""
    facts = get_merge(uow, merge_id)
    return facts, get_entry(uow, actor, facts.entry_id, *roles), get_entry(uow, actor, facts.into_id, *roles)


def merged_in_force(uow: UnitOfWork) -> list[tuple[str]]:
    """Return merged entries whose certificate is in force, suspended or on its way (invariant R11)."""
    rows = uow.session.execute(
        select(RegistryEntry.id)
        .join(Certificate, Certificate.id == RegistryEntry.certificate_id)
        .where(
            RegistryEntry.state == EntryState.MERGED,
            or_(
                Certificate.state.in_((CertificateState.PENDING, CertificateState.SUSPENDED)),
                (Certificate.state == CertificateState.ISSUED)
                & (Certificate.valid_until >= local_day(uow.now)),
            ),
        )
    )
    return [(entry_id,) for (entry_id,) in rows]


def _facts(row: RegistryMerge) -> MergeFacts:
    return MergeFacts(
        row.id, MergeKind(row.kind), MergeState(row.state), row.entry_id, row.into_id, row.words, row.proposed_by,
        row.proposed_at, row.decided_by, row.decided_at,
    )  # fmt: skip
