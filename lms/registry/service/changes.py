"""Change requests: asking that an entry name another workplace, taking that back, and deciding it."""

from sqlalchemy import CursorResult, select, update

from lms.accounts.policy import Role
from lms.accounts.service import name_workplace
from lms.audit.service import born, move, record
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.registry.events import ChangeDecided
from lms.registry.models.changes import RegistryChange
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.changes import (
    CHANGE,
    ChangeFacts,
    ChangeState,
    accept_reasons,
    own_entry_reasons,
    seen_reasons,
    standing_reasons,
    wanted_reasons,
    words_reasons,
)
from lms.registry.queries.changes import (
    ChangeLine,
    change_in_scope,
    is_institution,
    open_change,
    own_change,
    own_entry,
)


def ask(uow: UnitOfWork, actor: Actor, entry_id: str, wanted: str, words: str, seen: str) -> str:
    """Ask that one's own entry name another workplace; return the request's id. The same form twice is one request.

    `wanted` is the id of an institution, `seen` that of the workplace the form showed, empty for none. Raises NotFound
    for somebody else's entry, Conflict while a request waits, for a revoked entry and for a form that is stale, Invalid
    with every fault at its field.
    """
    own_entry(uow, actor, entry_id)
    _hold(uow, entry_id)
    entry, words = own_entry(uow, actor, entry_id), words.strip()
    waiting = open_change(uow, entry_id)
    if waiting is not None and (waiting.after_id, waiting.words) == (wanted, words):
        return waiting.id
    require(standing_reasons(entry.state, has_open=waiting is not None), Conflict)
    require(seen_reasons(entry.employer_id, seen), Conflict)
    require(
        wanted_reasons(entry.employer_id, wanted, words, is_institution=is_institution(uow, wanted)), Invalid
    )
    assert actor.person_id is not None, "only people have entries"
    change_id = new_id()
    uow.session.add(
        RegistryChange(
            id=change_id, entry_id=entry_id, state=CHANGE.initial, before_organisation_id=entry.employer_id,
            after_organisation_id=wanted, words=words, asked_by=actor.person_id, asked_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    born(uow, actor, CHANGE, change_id, remark=words, entry_id=entry_id, fields=["workplace"])
    return change_id


def withdraw(uow: UnitOfWork, actor: Actor, change_id: str) -> None:
    """Take one's own request back; twice changes nothing. Raises NotFound, `stale` when it was decided meanwhile."""
    facts = own_change(uow, actor, change_id)
    if facts.state is ChangeState.WITHDRAWN:
        return
    move(
        uow, actor, CHANGE, "withdraw", RegistryChange.state, change_id, facts.state,
        changes={"decided_at": uow.now}, entry_id=facts.entry_id,
    )  # fmt: skip


def accept(uow: UnitOfWork, actor: Actor, change_id: str, words: str) -> None:
    """Let the entry name the workplace that was asked for, with a written answer; the same answer twice is one.

    The holder's profile follows if it still names the workplace that the entry named; who has written another one
    himself keeps it. Raises NotFound outside the registrar's scope, Invalid without words, Refusal for one's own entry,
    `stale` when it was decided or withdrawn meanwhile, Conflict when the entry has changed since.
    """
    line = _to_decide(uow, actor, change_id, words, ChangeState.ACCEPTED)
    if line is None:
        return
    change = line.change
    require(accept_reasons(line.entry_state, line.present_id, change.before_id), Conflict)
    result = uow.session.execute(
        # When it last changed its state stays: registrars see since when an entry is suspended.
        update(RegistryEntry)
        .where(
            RegistryEntry.id == change.entry_id,
            RegistryEntry.employer_organisation_id.is_not_distinct_from(change.before_id),
        )
        .values(employer_organisation_id=change.after_id)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise stale()
    record(uow, actor, "registry_entry:workplace", change.entry_id, change_id=change_id)
    name_workplace(uow, actor, line.holder_id, change.after_id, instead_of=change.before_id)
    _decide(uow, actor, "accept", change, words)


def refuse(uow: UnitOfWork, actor: Actor, change_id: str, words: str) -> None:
    """Leave the entry as it is, with a written answer; the same answer twice is one. Raises as `accept`."""
    line = _to_decide(uow, actor, change_id, words, ChangeState.REFUSED)
    if line is not None:
        _decide(uow, actor, "refuse", line.change, words)


def _to_decide(
    uow: UnitOfWork, actor: Actor, change_id: str, words: str, target: ChangeState
) -> ChangeLine | None:
    """Return what is to be decided, or None when the actor has decided just this already."""
    _hold(uow, change_in_scope(uow, actor, change_id, Role.REGISTRAR).change.entry_id)
    line = change_in_scope(uow, actor, change_id, Role.REGISTRAR)
    change = line.change
    require(own_entry_reasons(change.asked_by, line.holder_id, actor.person_id), Refusal)
    require(words_reasons(words), Invalid)
    if (change.state, change.decided_by, change.answer) == (target, actor.person_id, words.strip()):
        return None
    if change.state is not ChangeState.OPEN:
        raise stale()
    return line


def _decide(uow: UnitOfWork, actor: Actor, verb: str, change: ChangeFacts, words: str) -> None:
    move(
        uow, actor, CHANGE, verb, RegistryChange.state, change.id, change.state, remark=words.strip(),
        changes={"answer": words.strip(), "decided_by": actor.person_id, "decided_at": uow.now},
        entry_id=change.entry_id,
    )  # fmt: skip
    uow.record(ChangeDecided(change.id))


def _hold(uow: UnitOfWork, entry_id: str) -> None:
    """Hold an entry to the end of the transaction, so that acts about it queue up; forget what was read before."""
    uow.session.execute(select(RegistryEntry.id).where(RegistryEntry.id == entry_id).with_for_update())
    uow.session.expire_all()
