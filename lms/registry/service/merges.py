"""Merging duplicates, and undoing it: one registrar proposes, another decides; nothing is ever deleted."""

from sqlalchemy import select

from lms.accounts.policy import Role
from lms.audit.service import born, move
from lms.certificates.queries.certificates import get_certificate
from lms.certificates.service.versions import hold_number
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.registry.errors import NotMergeable
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.merges import (
    MERGE,
    SETTLED,
    SPLIT_VERBS,
    MergeFacts,
    MergeKind,
    MergeState,
    decider_reasons,
    ended_by_merge,
    merge_reasons,
    split_reasons,
    waits_already,
    words_reasons,
)
from lms.registry.queries.changes import open_change
from lms.registry.queries.entries import EntryFacts, get_entry
from lms.registry.queries.merges import both_sides, is_asked, side_of, state_before, taken_by
from lms.registry.service import changes
from lms.registry.service.search import reindex_entries, unindex_entries


def propose_merge(uow: UnitOfWork, actor: Actor, entry_id: str, into_id: str, words: str) -> str:
    """Propose that an entry end as a duplicate of another; return the proposal's id. Nothing changes before that.

    Raises NotFound unless both entries lie in the registrar's scope, Invalid without a written ground, Conflict while
    another proposal about them stands, NotMergeable when it could not be carried out.
    """
    ends = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    stays = get_entry(uow, actor, into_id, Role.REGISTRAR)
    require(words_reasons(words), Invalid)
    ends, stays = _hold(uow, actor, ends, stays)
    require(merge_reasons(side_of(uow, ends), side_of(uow, stays)), NotMergeable)
    return _propose(uow, actor, MergeKind.MERGE, ends, stays, words)


def propose_split(uow: UnitOfWork, actor: Actor, entry_id: str, words: str) -> str:
    """Propose that a merged entry come back as it stood; return the proposal's id. Raises as above."""
    ends = get_entry(uow, actor, entry_id, Role.REGISTRAR)
    require(words_reasons(words), Invalid)
    require(split_reasons(ends.state, taken_by(uow, ends)), NotMergeable)
    stays = get_entry(uow, actor, ends.merged_into_id or "", Role.REGISTRAR)
    ends, stays = _hold(uow, actor, ends, stays)
    return _propose(uow, actor, MergeKind.SPLIT, ends, stays, words)


def decide(uow: UnitOfWork, actor: Actor, merge_id: str) -> MergeFacts:
    """Carry out what another registrar proposed; return the proposal as it was.

    Raises NotFound outside the scope, Conflict when it was decided already, Refusal for the proposer, NotMergeable
    when the entries have changed so that it cannot be carried out any more.
    """
    facts, ends, stays = both_sides(uow, actor, merge_id, Role.REGISTRAR)
    if facts.state is not MergeState.PROPOSED:
        raise stale()
    require(decider_reasons(facts, actor.person_id), Refusal)
    ends, stays = _hold(uow, actor, ends, stays)
    if facts.kind is MergeKind.MERGE:
        _merge(uow, actor, facts, ends, stays)
    else:
        _split(uow, actor, facts, ends, stays)
    return facts


def refuse(uow: UnitOfWork, actor: Actor, merge_id: str, words: str) -> MergeFacts:
    """End a proposal without carrying it out; who proposed it may take it back so. Raises as `decide` does."""
    facts, _ends, _stays = both_sides(uow, actor, merge_id, Role.REGISTRAR)
    require(words_reasons(words), Invalid)
    move(
        uow, actor, MERGE, "refuse", RegistryMerge.state, facts.id, facts.state, remark=words.strip(),
        entry_id=facts.entry_id, into_id=facts.into_id, kind=facts.kind,
    )  # fmt: skip
    return facts


def _propose(
    uow: UnitOfWork, actor: Actor, kind: MergeKind, ends: EntryFacts, stays: EntryFacts, words: str
) -> str:
    assert actor.person_id is not None, "only people propose"
    if is_asked(uow, ends.id, stays.id):
        raise Conflict(waits_already())
    merge_id = new_id()
    uow.session.add(
        RegistryMerge(
            id=merge_id, kind=kind, state=MERGE.initial, entry_id=ends.id, into_id=stays.id, words=words.strip(),
            proposed_by=actor.person_id, proposed_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    born(uow, actor, MERGE, merge_id, remark=words.strip(), entry_id=ends.id, into_id=stays.id, kind=kind)
    return merge_id


def _merge(uow: UnitOfWork, actor: Actor, facts: MergeFacts, ends: EntryFacts, stays: EntryFacts) -> None:
    """Let one entry end behind the other: it leaves its place and the search, and keeps all it says.

    A request of its holder that waits is answered: nothing of a merged entry is changed any more.
    """
    require(merge_reasons(side_of(uow, ends), side_of(uow, stays)), NotMergeable)
    state = ends.state
    if state not in SETTLED:
        # Its last day is over, and the sweeper has not come by yet.
        state = move(
            uow, actor, ENTRY, "expire", RegistryEntry.state, ends.id, state, changes={"changed_at": uow.now}
        )
    if (waiting := open_change(uow, ends.id)) is not None:
        changes.refuse(uow, actor, waiting.id, ended_by_merge(stays.certificate_number))
    _accept(uow, actor, facts, state)
    unindex_entries(uow, [ends.id])
    move(
        uow, actor, ENTRY, "merge", RegistryEntry.state, ends.id, state, remark=facts.words,
        changes={"merged_into_id": stays.id, "id_number_index": None, "changed_at": uow.now},
        merge_id=facts.id, into_id=stays.id, certificate_id=ends.certificate_id,
    )  # fmt: skip
    reindex_entries(uow, [stays.id])


def _split(uow: UnitOfWork, actor: Actor, facts: MergeFacts, ends: EntryFacts, stays: EntryFacts) -> None:
    """Bring a merged entry back to its place and to how it stood; its numbers lead to itself again."""
    require(split_reasons(ends.state, taken_by(uow, ends)), NotMergeable)
    before = state_before(uow, ends)
    place = get_certificate(uow, ends.certificate_id)
    _accept(uow, actor, facts, None)
    unindex_entries(uow, [stays.id])
    move(
        uow, actor, ENTRY, SPLIT_VERBS[before], RegistryEntry.state, ends.id, EntryState.MERGED, remark=facts.words,
        changes={"merged_into_id": None, "id_number_index": place.id_number_index, "changed_at": uow.now},
        merge_id=facts.id, into_id=stays.id, certificate_id=ends.certificate_id,
    )  # fmt: skip
    reindex_entries(uow, [ends.id, stays.id])


def _accept(uow: UnitOfWork, actor: Actor, facts: MergeFacts, before: EntryState | None) -> None:
    move(
        uow, actor, MERGE, "accept", RegistryMerge.state, facts.id, facts.state, remark=facts.words,
        changes={"decided_by": actor.person_id, "decided_at": uow.now, "state_before": before},
        entry_id=facts.entry_id, into_id=facts.into_id, kind=facts.kind,
    )  # fmt: skip


def _hold(
    uow: UnitOfWork, actor: Actor, ends: EntryFacts, stays: EntryFacts
) -> tuple[EntryFacts, EntryFacts]:
    """Let nobody else end, renew or merge two entries until the end of the transaction; return them as they are now.

    Numbers first, then entries, each in one order: as those do who decide about a certificate. SQLite has one writer.
    """
    for number in sorted({ends.certificate_number, stays.certificate_number}):
        hold_number(uow, number)
    wanted = select(RegistryEntry.id).where(RegistryEntry.id.in_((ends.id, stays.id)))
    uow.session.execute(wanted.order_by(RegistryEntry.id).with_for_update())
    uow.session.expire_all()
    return get_entry(uow, actor, ends.id, Role.REGISTRAR), get_entry(uow, actor, stays.id, Role.REGISTRAR)
