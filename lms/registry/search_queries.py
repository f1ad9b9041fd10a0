"""The list of entries: what narrows it, its pages, and what stands above it.

A page must not cost more because a million entries lie around it: what is searched for is a stretch of the gram table,
what narrows is an index in the order of the list, and counting ends at `MOST_LISTED`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, not_, or_, select

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.certificates.models import Certificate
from lms.certificates.policy import EXPIRING_WITHIN, CertificateState, local_day
from lms.core.actors import EVERYWHERE, Actor
from lms.core.errors import N_
from lms.core.paging import Page, page_count
from lms.core.unit_of_work import UnitOfWork
from lms.plans.policy import LEVEL_NAMES
from lms.registry.models import RegistryEntry
from lms.registry.policy import PAGE_SIZE, STANDING_NAMES, EntryStanding, EntryState, month_of
from lms.registry.queries import READERS, EntryFacts, ends_between, entries_by_id
from lms.registry.search_models import RegistryGram, RegistryTally
from lms.registry.search_policy import AFTER_ALL, beginnings, day_of
from question_bank.phrases import Phrase, phrase

MOST_LISTED = 1_000
"""So many hits can be leafed through; who has more narrows further, or exports. Counting ends here too."""
TALLIED_FROM = 20_000
"""From so many entries in reach on, how many stand how is what the sweeper counted last."""
TAKEN_AT_ONCE = 5_000
FILLED_WITHIN = timedelta(minutes=10)
"""So long the sweeper has to write the grams of what something else than a service changed."""


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


@dataclass(frozen=True, slots=True)
class SearchedEntry:
    """What an entry is found by: its holder's name and the numbers of all its certificates."""

    id: str
    name: str
    number: str
    before: str
    """What its grams were made from, or nothing when it has none."""
    numbers: frozenset[str]

    @property
    def words(self) -> str:
        """What its grams are made from now, as `SEARCHED` says it in SQL."""
        return f"{self.name}|{self.number}"


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


def entries(uow: UnitOfWork, actor: Actor, wanted: EntryFilter, number: int = 1) -> EntryPage:
    """Return one page of the entries the actor may see; of many hits the first `MOST_LISTED` can be reached."""
    scopes = actor.scope_paths(*READERS)
    found = list(_ids(uow, scopes, wanted, MOST_LISTED + 1))
    total = min(len(found), MOST_LISTED)
    page = Page(
        max(1, min(number, page_count(total, PAGE_SIZE))), PAGE_SIZE, total, is_more=len(found) > total
    )
    first = (page.number - 1) * PAGE_SIZE
    return EntryPage(tuple(entries_by_id(uow, found[:total][first : first + PAGE_SIZE])), page)


def matching_ids(uow: UnitOfWork, actor: Actor, wanted: EntryFilter) -> list[str]:
    """Return the ids of all entries that a registrar may take out as a list, in the order of the page."""
    return list(_ids(uow, actor.scope_paths(Role.REGISTRAR), wanted, None))


def _ids(uow: UnitOfWork, scopes: Sequence[str], wanted: EntryFilter, most: int | None) -> Iterator[str]:
    """Give the ids of the entries that fit, each once, in the order of the list."""
    narrowing = [*_in_scope(scopes), *_narrowing(uow, wanted)]
    if not wanted.words.strip():
        listed = select(RegistryEntry.id).where(*narrowing).order_by(*_order(wanted)).limit(most)
        yield from uow.session.scalars(listed)
        return
    seen: set[str] = set()
    for beginning in beginnings(wanted.words):
        key = (RegistryGram.gram, RegistryGram.position, RegistryGram.entry_id)
        hits = select(RegistryGram.entry_id).where(
            RegistryGram.gram >= beginning, RegistryGram.gram < beginning + AFTER_ALL
        )
        if narrowing:
            hits = hits.join(RegistryEntry, RegistryEntry.id == RegistryGram.entry_id).where(*narrowing)
        hits = hits.order_by(*key).limit(most or TAKEN_AT_ONCE)
        for start in count(0, most or TAKEN_AT_ONCE):
            some = uow.session.scalars(hits.offset(start)).all()
            for entry_id in some:
                # 王丽丽 is found by 丽 twice, and 单 by each of its readings.
                if entry_id not in seen:
                    seen.add(entry_id)
                    yield entry_id
            if most is not None and len(seen) >= most:
                return
            if len(some) < (most or TAKEN_AT_ONCE):
                break


def _order(wanted: EntryFilter) -> tuple[Any, ...]:
    """The newest entry first; who looks at a time of expiry gets the first to end first."""
    if wanted.standing == EntryStanding.EXPIRING or wanted.ends or wanted.ends_from or wanted.ends_to:
        return RegistryEntry.valid_until, RegistryEntry.id
    return RegistryEntry.registered_at.desc(), RegistryEntry.id.desc()


def _in_scope(scopes: Sequence[str]) -> list[ColumnElement[bool]]:
    """Build the condition of a scope; the whole province needs none."""
    return [] if EVERYWHERE in scopes else [_issued_within(scopes)]


def _issued_within(scopes: Sequence[str]) -> ColumnElement[bool]:
    covered = select(Organisation.id).where(within(Organisation.path, scopes))
    return RegistryEntry.issuing_organisation_id.in_(covered)


def _narrowing(uow: UnitOfWork, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    today = local_day(uow.now)
    conditions: list[ColumnElement[bool]] = []
    if wanted.occupation:
        conditions.append(RegistryEntry.occupation_code == wanted.occupation)
    if wanted.level:
        conditions.append(RegistryEntry.level == wanted.level)
    if wanted.employer:
        named = select(Organisation.id).where(Organisation.name == wanted.employer)
        conditions.append(RegistryEntry.employer_organisation_id.in_(named))
    if wanted.region:
        region = uow.session.get(Organisation, wanted.region)
        conditions.append(_issued_within([region.path] if region else []))
    if wanted.standing in list(EntryStanding):
        conditions.extend(_stands(EntryStanding(wanted.standing), today))
    if month := month_of(wanted.ends):
        conditions.extend(ends_between(max(month.first, today), month.after))
    if first := day_of(wanted.ends_from):
        conditions.append(RegistryEntry.valid_until >= first)
    if last := day_of(wanted.ends_to):
        conditions.append(RegistryEntry.valid_until <= last)
    return conditions


def _stands(standing: EntryStanding, today: date) -> list[ColumnElement[bool]]:
    """Build the condition under which `entry_standing` gives a standing."""
    until = RegistryEntry.valid_until
    match standing:
        case EntryStanding.REVOKED:
            return [RegistryEntry.state == EntryState.REVOKED]
        case EntryStanding.EXPIRED:
            return [
                RegistryEntry.state != EntryState.REVOKED,
                or_(RegistryEntry.state == EntryState.EXPIRED, until < today),
            ]
        case EntryStanding.SUSPENDED:
            return [RegistryEntry.state == EntryState.SUSPENDED, until >= today]
        case EntryStanding.EXPIRING:
            return [RegistryEntry.state == EntryState.ACTIVE, until >= today, until < today + EXPIRING_WITHIN]
        case EntryStanding.VALID:
            return [RegistryEntry.state == EntryState.ACTIVE, until >= today + EXPIRING_WITHIN]


def counts(uow: UnitOfWork, actor: Actor) -> EntryCounts:
    """Return how many entries of the actor's scope stand how: counted now, or by the sweeper when they are many."""
    scopes = actor.scope_paths(*READERS)
    in_reach = select(literal(1)).select_from(RegistryEntry).where(*_in_scope(scopes)).limit(TALLIED_FROM)
    few = uow.session.execute(select(func.count()).select_from(in_reach.subquery())).scalar_one()
    if few >= TALLIED_FROM and (tallied := _tallied(uow, scopes)):
        return tallied
    found: dict[EntryStanding, int] = {}
    for _organisation, standing, some in standings(uow, scopes):
        found[standing] = found.get(standing, 0) + some
    return EntryCounts(sum(found.values()), found, None)


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
        .where(*_in_scope(scopes))
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
    some = select(literal(1)).select_from(RegistryEntry).limit(TALLIED_FROM).subquery()
    return uow.session.execute(select(func.count()).select_from(some)).scalar_one() >= TALLIED_FROM


def occupations(uow: UnitOfWork, actor: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the occupations in the actor's scope, for the filter.

    A list of a hundred thousand holds a few dozen occupations: the statement steps from one code to the next in the
    index instead of reading all rows.
    """
    code = RegistryEntry.occupation_code
    steps = select(func.min(code).label("code")).cte("steps", recursive=True)
    following = select(func.min(code)).where(code > steps.c.code).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.code.is_not(None)))
    scope = _in_scope(actor.scope_paths(*READERS))
    of_this = select(RegistryEntry.occupation_name).where(code == steps.c.code, *scope).limit(1)
    name = of_this.scalar_subquery()
    rows = uow.session.execute(select(steps.c.code, name).where(name.is_not(None)).order_by(steps.c.code))
    return [(found, words) for found, words in rows]


SEARCHED: ColumnElement[str] = RegistryEntry.holder_name + "|" + RegistryEntry.certificate_number
"""What an entry's grams must have been made from; `searched_as` says what they were made from."""


def unsearched(uow: UnitOfWork, limit: int, *, is_changed: bool = False) -> list[str]:
    """Return ids of entries that have no grams yet; with `is_changed`, of those that have those of other words."""
    stale = RegistryEntry.searched_as.is_(None) if not is_changed else RegistryEntry.searched_as != SEARCHED
    return list(uow.session.scalars(select(RegistryEntry.id).where(stale).limit(limit)))


def searched_rows(uow: UnitOfWork, entry_ids: Sequence[str]) -> list[SearchedEntry]:
    """Return what some entries are found by, and were."""
    rows = uow.session.execute(
        select(
            RegistryEntry.id, RegistryEntry.holder_name, RegistryEntry.certificate_number, RegistryEntry.searched_as,
            Certificate.number,
        )
        .join(
            Certificate,
            (Certificate.id_number_index == RegistryEntry.id_number_index)
            & (Certificate.occupation_edition == RegistryEntry.occupation_edition)
            & (Certificate.occupation_code == RegistryEntry.occupation_code)
            & (Certificate.level == RegistryEntry.level),
        )
        .where(RegistryEntry.id.in_(entry_ids), Certificate.state != CertificateState.PENDING)
    )  # fmt: skip
    found: dict[str, SearchedEntry] = {}
    for entry_id, name, number, before, one in rows:
        known = found.get(entry_id) or SearchedEntry(
            entry_id, name, number, before or "", frozenset({number})
        )
        found[entry_id] = replace(known, numbers=known.numbers | {one})
    return list(found.values())


def not_found_by_number(uow: UnitOfWork) -> list[tuple[str]]:
    """Return entries that no search finds, or that are found by what they no longer are (invariant R8)."""
    by_number = select(RegistryGram.entry_id).where(
        RegistryGram.gram == RegistryEntry.certificate_number, RegistryGram.position == 0,
        RegistryGram.entry_id == RegistryEntry.id,
    )  # fmt: skip
    old = RegistryEntry.changed_at < uow.now - FILLED_WITHIN
    rows = uow.session.execute(
        select(RegistryEntry.id).where(
            old,
            or_(
                RegistryEntry.searched_as.is_(None), RegistryEntry.searched_as != SEARCHED,
                not_(by_number.exists()),
            ),
        )
    )  # fmt: skip
    return [(entry_id,) for (entry_id,) in rows]
