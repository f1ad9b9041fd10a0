"""The list of entries: what narrows it, its pages, and what stands above it.

A page must not cost more because a million entries lie around it: what is searched for is a stretch of the gram table,
what narrows is an index in the order of the list, and counting ends at `MOST_LISTED`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.operators import custom_op

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.certificates.policy.certificates import EXPIRING_WITHIN, local_day
from lms.core.actors import EVERYWHERE, Actor
from lms.core.errors import N_
from lms.core.paging import Page, page_count
from lms.core.unit_of_work import UnitOfWork
from lms.plans.policy import LEVEL_NAMES
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import GRAM_KEY, RegistryGram, RegistryTally
from lms.registry.policy.entries import LISTED, PAGE_SIZE, STANDING_NAMES, EntryStanding, EntryState, month_of
from lms.registry.policy.search import AFTER_ALL, beginnings, day_of, fold, name_grams
from lms.registry.queries.entries import READERS, EntryFacts, ends_between, entries_by_id
from question_bank.phrases import Phrase, phrase

MOST_LISTED = 1_000
"""So many hits can be leafed through; who has more narrows further, or exports. Counting ends here too."""
MOST_NARROWED = 150
"""The same where one thing is asked beside another, and each hit of the one has to be looked at."""
HOT = 2_000
"""A word with so many hits is looked for among the few who fit the rest, if they are few."""
MOST_READ = 10_000
"""So many are few."""
MOST_SORTED = 20_000
"""So many entries are sorted for a page; of more, those that fit are picked out in the order of the list."""
TAKEN_AT_ONCE = 5_000


Conditions = Sequence[ColumnElement[bool]]
_PLUS: custom_op[Any] = custom_op("+")
_MERGED = aliased(RegistryEntry)
# The few that were merged are read once from their own index; asking each entry for its state would read its row.
_NOT_MERGED = RegistryEntry.id.not_in(select(_MERGED.id).where(_MERGED.merged_into_id.is_not(None)))


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What the list is narrowed to; empty fields do not narrow."""

    words: str = ""
    """A part of a name, syllables or initials of it, or the beginning or end of a certificate's number."""
    occupation: str = ""
    level: str = ""
    standing: str = ""
    employer: str = ""
    """The whole name of the holder's institution."""
    ends: str = ""
    """A month (2027-03) in which the last valid day of a valid or suspended entry lies, from today on."""
    region: str = ""
    """The id of a city centre or institution: what it issued, and what those below it did."""
    ends_from: str = ""
    """The first day (2027-03-31) on which the last valid day may lie, whatever the state."""
    ends_to: str = ""
    """The last such day."""

    def described(self) -> tuple[Phrase, ...]:
        """Say what it narrows to; nothing when it does not."""
        level = next((name for code, name in LEVEL_NAMES.items() if code == self.level), "")
        standing = next((name for code, name in STANDING_NAMES.items() if code == self.standing), "")
        said: tuple[tuple[str, str | Phrase], ...] = (
            (N_("姓名、拼音或证书编号"), self.words), (N_("职业（工种）"), self.occupation),
            (N_("单位"), self.employer), (N_("发证地区或机构"), self.region),
            (N_("级别"), level and Phrase(level)), (N_("状态"), standing and Phrase(standing)),
            (N_("到期月份"), self.ends), (N_("有效期至（起）"), self.ends_from), (N_("有效期至（止）"), self.ends_to),
        )  # fmt: skip
        return tuple(
            phrase(N_("%(name)s：%(value)s"), name=Phrase(name), value=value) for name, value in said if value
        )


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of the list."""

    entries: tuple[EntryFacts, ...]
    page: Page


def entries(uow: UnitOfWork, actor: Actor, wanted: EntryFilter, number: int = 1) -> EntryPage:
    """Return one page of the entries the actor may see; of many hits the first can be reached, and are counted."""
    scopes = _reach(uow, actor.scope_paths(*READERS), wanted)
    conditions = _narrowing(uow, scopes, wanted)
    most = MOST_LISTED if len(conditions) + bool(wanted.words.strip()) <= 1 else MOST_NARROWED
    found = list(_ids(uow, scopes, conditions, wanted, most + 1))
    total = min(len(found), most)
    page = Page(
        max(1, min(number, page_count(total, PAGE_SIZE))), PAGE_SIZE, total, is_more=len(found) > total
    )
    first = (page.number - 1) * PAGE_SIZE
    return EntryPage(tuple(entries_by_id(uow, found[:total][first : first + PAGE_SIZE])), page)


def matching_ids(uow: UnitOfWork, actor: Actor, wanted: EntryFilter) -> list[str]:
    """Return the ids of all entries that a registrar may take out as a list, in the order of the page."""
    scopes = _reach(uow, actor.scope_paths(Role.REGISTRAR), wanted)
    return list(_ids(uow, scopes, _narrowing(uow, scopes, wanted), wanted, None))


def _ids(
    uow: UnitOfWork, scopes: Sequence[str], conditions: Conditions, wanted: EntryFilter, most: int | None
) -> Iterable[str]:
    """Give the ids of the entries that fit, each once, in the order of the list."""
    if not wanted.words.strip():
        listed = (
            select(RegistryEntry.id).where(_NOT_MERGED, *conditions).order_by(*_order(wanted)).limit(most)
        )
        return _column(uow, listed)
    sought = beginnings(wanted.words)
    is_name = bool(sought) and not sought[0].isdigit()
    is_walk_long = most is not None and bool(conditions) and is_name and _is_hot(uow, sought)
    if is_walk_long and not _are_tallied_as_many(uow, scopes, wanted):
        few = (
            select(RegistryEntry.id, RegistryEntry.holder_name)
            .where(*conditions, _NOT_MERGED)
            .limit(MOST_READ + 1)
        )
        people = uow.session.connection().execute(few).all()
        if len(people) <= MOST_READ:
            return _among([(entry_id, name) for entry_id, name in people], sought)[:most]
    return _by_grams(uow, conditions, sought, most)


def _by_grams(
    uow: UnitOfWork, conditions: Conditions, sought: Sequence[str], most: int | None
) -> Iterator[str]:
    """Walk through the stretches of the gram table, and ask of each hit whether it fits the rest."""
    seen: set[str] = set()
    at_once = most or TAKEN_AT_ONCE
    for beginning in sought:
        hits = select(RegistryGram.entry_id).where(_begins(beginning)).order_by(*GRAM_KEY)
        if conditions:
            hits = hits.join(RegistryEntry, RegistryEntry.id == RegistryGram.entry_id).where(*conditions)
        for start in count(0, at_once):
            some = _column(uow, hits.limit(at_once).offset(start))
            for entry_id in some:
                # 王丽丽 is found by 丽 twice, and 单 by each of its readings.
                if entry_id not in seen:
                    seen.add(entry_id)
                    yield entry_id
            if most is not None and len(seen) >= most:
                return
            if len(some) < at_once:
                break


def _is_hot(uow: UnitOfWork, sought: Sequence[str]) -> bool:
    """Tell whether some beginning has so many hits that they should not be walked through for a few."""
    return any(at_least(uow, select(literal(1)).where(_begins(one)), HOT) for one in sought)


def _are_tallied_as_many(uow: UnitOfWork, scopes: Sequence[str], wanted: EntryFilter) -> bool:
    """Tell by the tally that too many fit to be read, where only place and standing are asked beside the words.

    Reading up to `MOST_READ` only to find that there are more would cost as much as the walk that follows.
    """
    other = (wanted.occupation, wanted.level, wanted.employer, wanted.ends, wanted.ends_from, wanted.ends_to)
    if any(other):
        return False
    tallied = (
        select(func.sum(RegistryTally.count))
        .join(Organisation, Organisation.id == RegistryTally.issuing_organisation_id)
        .where(within(Organisation.path, scopes))
    )
    if wanted.standing in LISTED:
        tallied = tallied.where(RegistryTally.standing == wanted.standing)
    return (uow.session.scalar(tallied) or 0) > MOST_READ


def _among(people: Sequence[tuple[str, str]], sought: Sequence[str]) -> list[str]:
    """Return the ids of those few who are found by one of the beginnings, in the order of the gram table."""
    found: dict[str, tuple[int, str, int, str]] = {}
    # Only letters are looked for among readings.
    is_plain = len(sought) == 1
    for entry_id, name in people:
        if is_plain and sought[0] not in fold(name):
            continue
        for gram, place in name_grams(name):
            for rank, beginning in enumerate(sought):
                if gram.startswith(beginning):
                    key = (rank, gram, place, entry_id)
                    found[entry_id] = min(found.get(entry_id, key), key)
    return sorted(found, key=found.__getitem__)


def _begins(beginning: str) -> ColumnElement[bool]:
    return and_(RegistryGram.gram >= beginning, RegistryGram.gram < beginning + AFTER_ALL)


def at_least(uow: UnitOfWork, wanted: Select[Any], count: int) -> bool:
    """Tell whether a statement has so many rows; nobody counts the rest."""
    some = select(func.count()).select_from(wanted.limit(count).subquery())
    return bool(_column(uow, some)[0] >= count)


def _column(uow: UnitOfWork, wanted: Select[Any]) -> Sequence[Any]:
    """Read one column past the ORM, which costs more than the database does here."""
    return uow.session.connection().execute(wanted).scalars().all()


def _order(wanted: EntryFilter) -> tuple[Any, ...]:
    """The newest entry first; who looks at a time of expiry gets the first to end first."""
    if wanted.standing == EntryStanding.EXPIRING or wanted.ends or wanted.ends_from or wanted.ends_to:
        return RegistryEntry.valid_until, RegistryEntry.id
    return RegistryEntry.registered_at.desc(), RegistryEntry.id.desc()


def _narrowing(uow: UnitOfWork, scopes: Sequence[str], wanted: EntryFilter) -> Conditions:
    """Build the conditions of a list besides its words, within some paths; the whole province needs none for that.

    SQLite takes an index for a condition that has one, however many rows fit it. What fits many is therefore written
    so that no index serves it (`_loose`): the list is then walked in its order, and is full soon.
    """
    today = local_day(uow.now)
    conditions: list[ColumnElement[bool]] = []
    if EVERYWHERE not in scopes:
        conditions.append(issued_within(uow, scopes))
    if wanted.occupation:
        conditions.append(RegistryEntry.occupation_code == wanted.occupation)
    if wanted.level:
        conditions.append(RegistryEntry.level == wanted.level)
    if wanted.employer:
        named = uow.session.scalar(select(Organisation.id).where(Organisation.name == wanted.employer))
        conditions.append(RegistryEntry.employer_organisation_id == (named or ""))
    if wanted.standing in LISTED:
        conditions.extend(_stands(uow, EntryStanding(wanted.standing), today))
    if month := month_of(wanted.ends):
        conditions.extend(ends_between(max(month.first, today), month.after))
    if first := day_of(wanted.ends_from):
        conditions.append(RegistryEntry.valid_until >= first)
    if last := day_of(wanted.ends_to):
        conditions.append(RegistryEntry.valid_until <= last)
    return conditions


def _reach(uow: UnitOfWork, scopes: Sequence[str], wanted: EntryFilter) -> Sequence[str]:
    """Return the paths that somebody may see of those he asks for."""
    if not wanted.region:
        return scopes
    region = uow.session.get(Organisation, wanted.region)
    return _overlap(scopes, region.path if region else None)


def _overlap(scopes: Sequence[str], path: str | None) -> list[str]:
    """Return where some scopes and a region meet: the narrower of each two, or nothing."""
    if path is None:
        return []
    if any(path.startswith(scope) for scope in scopes):
        return [path]
    return [scope for scope in scopes if scope.startswith(path)]


def issued_within(uow: UnitOfWork, scopes: Sequence[str]) -> ColumnElement[bool]:
    """Build the condition that an entry was issued within some paths, for an index if it was by few."""
    issuers = uow.session.scalars(select(Organisation.id).where(within(Organisation.path, scopes))).all()
    issuer = RegistryEntry.issuing_organisation_id
    if len(issuers) <= 1:
        return issuer == next(iter(issuers), "")
    is_many = at_least(uow, select(literal(1)).where(issuer.in_(issuers)), MOST_SORTED)
    return (_loose(uow, issuer) if is_many else issuer).in_(issuers)


def _loose(uow: UnitOfWork, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Return a column that no index of SQLite serves; PostgreSQL knows how many rows fit and needs no advice."""
    if uow.session.get_bind().dialect.name != "sqlite":
        return column.expression
    return UnaryExpression(column.expression, operator=_PLUS, type_=column.type)


def _stands(uow: UnitOfWork, standing: EntryStanding, today: date) -> list[ColumnElement[bool]]:
    """Build the condition under which `entry_standing` gives a standing."""
    until, state = RegistryEntry.valid_until, RegistryEntry.state
    match standing:
        case EntryStanding.REVOKED:
            return [state == EntryState.REVOKED]
        case EntryStanding.EXPIRED:
            late = _loose(uow, until) < today
            return [state != EntryState.REVOKED, or_(_loose(uow, state) == EntryState.EXPIRED, late)]
        case EntryStanding.SUSPENDED:
            return [state == EntryState.SUSPENDED, _loose(uow, until) >= today]
        case EntryStanding.EXPIRING:
            return [_loose(uow, state) == EntryState.ACTIVE, until >= today, until < today + EXPIRING_WITHIN]
        case EntryStanding.VALID:
            return [_loose(uow, state) == EntryState.ACTIVE, _loose(uow, until) >= today + EXPIRING_WITHIN]
        case EntryStanding.MERGED:
            return [state == EntryState.MERGED]
