"""What stands above the list: how many entries stand how, and which occupations there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, select

from lms.accounts.models import Organisation
from lms.accounts.queries import within
from lms.certificates.policy.certificates import EXPIRING_WITHIN, local_day
from lms.core.actors import EVERYWHERE, Actor
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import RegistryTally
from lms.registry.policy.entries import EntryStanding, EntryState
from lms.registry.queries.entries import READERS
from lms.registry.queries.search import at_least

TALLIED_FROM = 20_000
"""From so many entries in reach on, how many stand how is what the sweeper counted last."""


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """How many entries of a scope there are, and how many stand how."""

    all: int
    by_standing: dict[EntryStanding, int]
    counted_at: datetime | None
    """When the sweeper counted, or nothing for what was counted just now."""

    @property
    def valid(self) -> int:
        """How many are valid for longer than the time in which they count as expiring."""
        return self.by_standing.get(EntryStanding.VALID, 0)

    @property
    def expiring(self) -> int:
        """How many end soon."""
        return self.by_standing.get(EntryStanding.EXPIRING, 0)


def counts(uow: UnitOfWork, actor: Actor) -> EntryCounts:
    """Return how many entries of the actor's scope stand how: counted now, or by the sweeper when they are many."""
    scopes = actor.scope_paths(*READERS)
    tallied = _tallied(uow, scopes)
    if tallied is not None and tallied.all >= TALLIED_FROM:
        return tallied
    found: dict[EntryStanding, int] = {}
    for _organisation, standing, some in standings(uow, scopes):
        found[standing] = found.get(standing, 0) + some
    return EntryCounts(sum(found.values()), found, None)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries of each organisation stand how, by (issuing organisation, standing), at a moment."""

    counts: dict[tuple[str, str], int]
    counted_at: datetime


def tally(uow: UnitOfWork) -> Tally:
    """Count all entries. It takes seconds where there are a million: never inside a transaction that writes."""
    counted: dict[tuple[str, str], int] = {}
    for issuer, standing, some in standings(uow, (EVERYWHERE,)):
        counted[issuer, standing.value] = counted.get((issuer, standing.value), 0) + some
    return Tally(counted, uow.now)


def _reach(scopes: Sequence[str]) -> list[ColumnElement[bool]]:
    """Build the condition of a scope for what is counted."""
    if EVERYWHERE in scopes:
        return []
    covered = select(Organisation.id).where(within(Organisation.path, scopes))
    return [RegistryEntry.issuing_organisation_id.in_(covered)]


def _tallied(uow: UnitOfWork, scopes: Sequence[str]) -> EntryCounts | None:
    rows = uow.session.execute(
        select(RegistryTally.standing, func.sum(RegistryTally.count), func.min(RegistryTally.counted_at))
        .join(Organisation, Organisation.id == RegistryTally.issuing_organisation_id)
        .where(within(Organisation.path, scopes))
        .group_by(RegistryTally.standing)
    ).all()
    if not rows:
        return None
    found = {EntryStanding(standing): int(some) for standing, some, _at in rows}
    return EntryCounts(sum(found.values()), found, min(at for _standing, _some, at in rows))


def standings(uow: UnitOfWork, scopes: Sequence[str]) -> list[tuple[str, EntryStanding, int]]:
    """Count the entries of some scopes by issuing organisation and standing, today."""
    today, until = local_day(uow.now), RegistryEntry.valid_until
    age = case((until < today, 0), (until < today + EXPIRING_WITHIN, 1), else_=2)
    rows = uow.session.execute(
        select(RegistryEntry.issuing_organisation_id, RegistryEntry.state, age, func.count())
        .where(RegistryEntry.state != EntryState.MERGED, *_reach(scopes))
        .group_by(RegistryEntry.issuing_organisation_id, RegistryEntry.state, age)
    )
    return [(issuer, _standing(EntryState(state), aged), some) for issuer, state, aged, some in rows]


def _standing(state: EntryState, aged: int) -> EntryStanding:
    if state is EntryState.REVOKED:
        return EntryStanding.REVOKED
    if state is EntryState.EXPIRED or aged == 0:
        return EntryStanding.EXPIRED
    if state is EntryState.SUSPENDED:
        return EntryStanding.SUSPENDED
    return EntryStanding.EXPIRING if aged == 1 else EntryStanding.VALID


def is_many(uow: UnitOfWork) -> bool:
    """Tell whether anybody may see so many entries that they are tallied."""
    return at_least(uow, select(literal(1)).select_from(RegistryEntry), TALLIED_FROM)


def occupations(uow: UnitOfWork, actor: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the occupations in the actor's scope, for the filter; the name as registered last.

    A list of a hundred thousand holds a few dozen occupations: the statement steps from one code to the next in the
    index instead of reading all rows. The order of the name's search is the index's, too: without it PostgreSQL reads
    the table from its beginning until it meets the code, all of it for one that is rare or ends the steps.
    """
    code = RegistryEntry.occupation_code
    steps = select(func.min(code).label("code")).cte("steps", recursive=True)
    following = select(func.min(code)).where(code > steps.c.code).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.code.is_not(None)))
    scope = _reach(actor.scope_paths(*READERS))
    of_this = select(RegistryEntry.occupation_name).where(code == steps.c.code, *scope)
    name = (
        of_this.order_by(RegistryEntry.registered_at.desc(), RegistryEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = uow.session.execute(
        select(steps.c.code, name).where(steps.c.code.is_not(None)).order_by(steps.c.code)
    )
    return [(found, words) for found, words in rows if words is not None]
