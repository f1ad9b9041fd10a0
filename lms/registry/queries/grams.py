"""What entries must be found by, and what the gram table says instead: for sweepers, a rebuild and invariant R8."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, not_, or_, select, tuple_
from sqlalchemy.orm import aliased

from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.queries.certificates import same_standing
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import GRAM_KEY, RegistryGram
from lms.registry.policy.entries import EntryState
from lms.registry.policy.search import grams_of

FILLED_WITHIN = timedelta(minutes=10)
"""So long the sweeper has to write the grams of what something else than a service changed."""

GramKey = tuple[str, int, str]
"""Gram, position and id of the entry: a row of the table."""


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


SEARCHED: ColumnElement[str] = RegistryEntry.holder_name + "|" + RegistryEntry.certificate_number
"""What an entry's grams must have been made from; `searched_as` says what they were made from."""


def unsearched(uow: UnitOfWork, limit: int, *, is_changed: bool = False) -> list[str]:
    """Return ids of entries that have no grams yet; with `is_changed`, of those that have those of other words."""
    stale = RegistryEntry.searched_as.is_(None) if not is_changed else RegistryEntry.searched_as != SEARCHED
    standing = RegistryEntry.state != EntryState.MERGED
    return list(uow.session.scalars(select(RegistryEntry.id).where(stale, standing).limit(limit)))


def searched_rows(uow: UnitOfWork, entry_ids: Sequence[str]) -> list[SearchedEntry]:
    """Return what some entries are found by, and were."""
    last, held = Certificate, aliased(Certificate)
    rows = uow.session.execute(
        select(
            RegistryEntry.id, RegistryEntry.holder_name, RegistryEntry.certificate_number, RegistryEntry.searched_as,
            held.number,
        )
        .join(last, last.id == RegistryEntry.certificate_id)
        .join(held, same_standing(held, last))
        .where(
            RegistryEntry.id.in_(entry_ids), RegistryEntry.state != EntryState.MERGED,
            held.state != CertificateState.PENDING,
        )
    )  # fmt: skip
    found: dict[str, SearchedEntry] = {}
    for entry_id, name, number, before, one in rows:
        known = found.get(entry_id) or SearchedEntry(
            entry_id, name, number, before or "", frozenset({number})
        )
        found[entry_id] = replace(known, numbers=known.numbers | {one})
    for entry_id, one in _merged_numbers(uow, list(found)):
        found[entry_id] = replace(found[entry_id], numbers=found[entry_id].numbers | {one})
    return list(found.values())


def _merged_numbers(uow: UnitOfWork, entry_ids: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return (entry that stays, number) of the duplicates that were merged into some entries."""
    last, held = Certificate, aliased(Certificate)
    rows = uow.session.execute(
        select(RegistryEntry.merged_into_id, held.number)
        .join(last, last.id == RegistryEntry.certificate_id)
        .join(held, same_standing(held, last))
        .where(RegistryEntry.merged_into_id.in_(entry_ids), held.state != CertificateState.PENDING)
        .distinct()
    )
    return [(str(entry_id), number) for entry_id, number in rows]


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
            RegistryEntry.state != EntryState.MERGED,
            or_(
                RegistryEntry.searched_as.is_(None), RegistryEntry.searched_as != SEARCHED,
                not_(by_number.exists()),
            ),
        )
    )  # fmt: skip
    return [(entry_id,) for (entry_id,) in rows]


def entries_after(uow: UnitOfWork, entry_id: str, limit: int) -> Sequence[str]:
    """Return the ids of the entries behind one, in the order of their ids."""
    behind = select(RegistryEntry.id).where(RegistryEntry.id > entry_id)
    return uow.session.scalars(behind.order_by(RegistryEntry.id).limit(limit)).all()


def grams_after(uow: UnitOfWork, key: GramKey | None, limit: int) -> list[GramKey]:
    """Return the rows of the gram table behind one, or the first, in the order of its key."""
    behind = select(*GRAM_KEY).order_by(*GRAM_KEY).limit(limit)
    if key is not None:
        behind = behind.where(tuple_(*GRAM_KEY) > tuple_(*key))
    return [(row.gram, row.position, row.entry_id) for row in uow.session.execute(behind)]


def superfluous(uow: UnitOfWork, keys: Collection[GramKey]) -> list[GramKey]:
    """Return those of some rows by which their entries are not to be found."""
    wanted = {
        (*gram, one.id)
        for one in searched_rows(uow, sorted({entry_id for _gram, _position, entry_id in keys}))
        for gram in grams_of(one.name, one.numbers)
    }
    return [key for key in keys if key not in wanted]
