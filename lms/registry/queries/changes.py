"""Reading change requests: those about one's own entries, and those of a registrar's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation, Person, Profile
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.queries import page_of, within
from lms.certificates.numbers import normalise_number
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.changes import RegistryChange
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.changes import ChangeFacts, ChangeState
from lms.registry.policy.entries import EntryState
from lms.registry.queries.entries import READERS, EntryFacts, entries_of

PAGE_SIZE = 50
DECIDED = (ChangeState.ACCEPTED, ChangeState.REFUSED)

_Before = aliased(Organisation)
_After = aliased(Organisation)
_Named = aliased(Organisation)
_Decider = aliased(Person)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One request with what it is about, as lists and pages show it."""

    change: ChangeFacts
    holder_id: str
    holder_name: str
    certificate_number: str
    entry_state: EntryState
    present_id: str | None
    """What the entry names now."""
    issuer_name: str
    issuer_path: str
    before_name: str
    after_name: str
    asker_name: str
    decider_name: str

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.change.state is ChangeState.OPEN


def own_entry(uow: UnitOfWork, actor: Actor, entry_id: str) -> EntryFacts:
    """Return an entry of the actor himself. Raises NotFound, also for somebody else's (fault I2)."""
    for entry in entries_of(uow, actor.person_id or ""):
        if entry.id == entry_id:
            return entry
    raise NotFound


def own_changes(uow: UnitOfWork, person_id: str) -> dict[str, list[ChangeLine]]:
    """Return the requests about a person's entries by the entry's id, the newest first."""
    rows = uow.session.execute(
        _lines()
        .where(RegistryEntry.person_id == person_id)
        .order_by(RegistryChange.asked_at.desc(), RegistryChange.id)
    )
    found: dict[str, list[ChangeLine]] = {}
    for row in rows:
        found.setdefault(row[0].entry_id, []).append(_line(*row))
    return found


def own_change(uow: UnitOfWork, actor: Actor, change_id: str) -> ChangeFacts:
    """Return what the actor asked for himself. Raises NotFound, also for somebody else's (fault I2)."""
    row = uow.session.get(RegistryChange, change_id)
    if row is None or row.asked_by != actor.person_id:
        raise NotFound
    return _facts(row)


def get_change(uow: UnitOfWork, change_id: str) -> ChangeFacts:
    """Return a request. Raises NotFound."""
    row = uow.session.get(RegistryChange, change_id)
    if row is None:
        raise NotFound
    return _facts(row)


def open_change(uow: UnitOfWork, entry_id: str) -> ChangeFacts | None:
    """Return the request that waits about an entry, or None."""
    row = uow.session.scalar(
        select(RegistryChange).where(
            RegistryChange.entry_id == entry_id, RegistryChange.state == ChangeState.OPEN
        )
    )
    return _facts(row) if row else None


def changes_of(uow: UnitOfWork, entry_id: str) -> list[ChangeLine]:
    """Return the requests about an entry, the newest first; the caller has asked for the scope before."""
    rows = uow.session.execute(
        _lines()
        .where(RegistryChange.entry_id == entry_id)
        .order_by(RegistryChange.asked_at.desc(), RegistryChange.id)
    )
    return [_line(*row) for row in rows]


def change_in_scope(uow: UnitOfWork, actor: Actor, change_id: str, *roles: Role) -> ChangeLine:
    """Return a request about an entry that was issued within the actor's scope. Raises NotFound otherwise."""
    row = uow.session.execute(
        _scoped(actor, *(roles or READERS)).where(RegistryChange.id == change_id)
    ).first()
    if row is None:
        raise NotFound
    return _line(*row)


def changes_in_scope(
    uow: UnitOfWork, actor: Actor, state: str = "", words: str = "", number: int = 1
) -> tuple[list[ChangeLine], Page]:
    """Return one page of the requests of the actor's scopes: the open ones first, the oldest of them first.

    `words` are a part of the holder's name, or the beginning of his certificate's number.
    """
    wanted = _scoped(actor, *READERS)
    if state in set(ChangeState):
        wanted = wanted.where(RegistryChange.state == state)
    if words.strip():
        wanted = wanted.where(
            or_(
                RegistryEntry.holder_name.contains(words.strip(), autoescape=True),
                RegistryEntry.certificate_number.startswith(normalise_number(words), autoescape=True),
            )
        )
    shown, page = page_of(uow, wanted, number, PAGE_SIZE)
    is_open = RegistryChange.state == ChangeState.OPEN
    rows = uow.session.execute(
        shown.order_by(
            case((is_open, 0), else_=1), case((is_open, RegistryChange.asked_at)), RegistryChange.decided_at.desc(),
            RegistryChange.id,
        )
    )  # fmt: skip
    return [_line(*row) for row in rows], page


def open_count(uow: UnitOfWork, actor: Actor) -> int:
    """Return how many requests wait in the actor's scopes."""
    return uow.session.execute(
        select(func.count())
        .select_from(RegistryChange)
        .join(RegistryEntry, RegistryEntry.id == RegistryChange.entry_id)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .where(
            RegistryChange.state == ChangeState.OPEN, within(Organisation.path, actor.scope_paths(*READERS))
        )
    ).scalar_one()


def fresh_decisions(uow: UnitOfWork, person_id: str, since: datetime) -> list[ChangeLine]:
    """Return what was decided of a person's requests since a moment, the newest first."""
    rows = uow.session.execute(
        _lines()
        .where(
            RegistryChange.asked_by == person_id,
            RegistryChange.state.in_(DECIDED),
            RegistryChange.decided_at >= since,
        )
        .order_by(RegistryChange.decided_at.desc(), RegistryChange.id)
    )
    return [_line(*row) for row in rows]


def is_institution(uow: UnitOfWork, organisation_id: str) -> bool:
    """Tell whether an id is that of an institution, where people can work (A5)."""
    found = uow.session.get(Organisation, organisation_id)
    return found is not None and found.kind == OrganisationKind.INSTITUTION


def workplace_in_profile(uow: UnitOfWork, person_id: str) -> tuple[str | None, str]:
    """Return id and name of the workplace that a person's own profile names now; (None, "") when it names none."""
    row = uow.session.execute(
        select(_Named.id, _Named.name)
        .join(Profile, Profile.employer_id == _Named.id)
        .where(Profile.person_id == person_id)
    ).first()
    return (row[0], row[1]) if row else (None, "")


def _lines() -> Select[RegistryChange, RegistryEntry, Organisation, str, str, str, str]:
    return (
        select(
            RegistryChange, RegistryEntry, Organisation, func.coalesce(_Before.name, ""), _After.name,
            Person.display_name, func.coalesce(_Decider.display_name, ""),
        )
        .join(RegistryEntry, RegistryEntry.id == RegistryChange.entry_id)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .join(_After, _After.id == RegistryChange.after_organisation_id)
        .join(Person, Person.id == RegistryChange.asked_by)
        .outerjoin(_Before, _Before.id == RegistryChange.before_organisation_id)
        .outerjoin(_Decider, _Decider.id == RegistryChange.decided_by)
    )  # fmt: skip


def _scoped(
    actor: Actor, *roles: Role
) -> Select[RegistryChange, RegistryEntry, Organisation, str, str, str, str]:
    scopes: Sequence[str] = actor.scope_paths(*roles)
    return _lines().where(within(Organisation.path, scopes))


def _line(
    row: RegistryChange,
    entry: RegistryEntry,
    issuer: Organisation,
    before: str,
    after: str,
    asker: str,
    decider: str,
) -> ChangeLine:
    return ChangeLine(
        _facts(row), entry.person_id, entry.holder_name, entry.certificate_number, EntryState(entry.state),
        entry.employer_organisation_id, issuer.name, issuer.path, before, after, asker, decider,
    )  # fmt: skip


def _facts(row: RegistryChange) -> ChangeFacts:
    return ChangeFacts(
        row.id, row.entry_id, ChangeState(row.state), row.before_organisation_id, row.after_organisation_id, row.words,
        row.asked_by, row.asked_at, row.answer, row.decided_by, row.decided_at,
    )  # fmt: skip
