"""Keeping what the search looks through, and how many entries stand how. All of it is derived."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, tuple_, update

from lms.core.database import insert_new
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import GRAM_KEY, RegistryGram, RegistryTally
from lms.registry.policy.search import grams_of, name_grams
from lms.registry.queries.counts import Tally
from lms.registry.queries.grams import GramKey, searched_rows, superfluous

DELETED_AT_ONCE = 200


def index_entries(uow: UnitOfWork, entry_ids: Sequence[str]) -> int:
    """Write the grams of some entries as they are now; return how many entries had others. Idempotent.

    Numbers of earlier certificates stay, so that an entry is found by whatever card its holder has kept.
    """
    stale = [one for one in searched_rows(uow, entry_ids) if one.before != one.words]
    gone: list[tuple[str, int, str]] = []
    rows: list[tuple[str, int, str]] = []
    for one in stale:
        wanted = grams_of(one.name, one.numbers)
        gone += [(*gram, one.id) for gram in name_grams(one.before.rpartition("|")[0]) - wanted]
        rows += [(*gram, one.id) for gram in wanted]
    _delete(uow, gone)
    if rows:
        uow.session.execute(
            insert_new(uow.session, RegistryGram, *GRAM_KEY),
            [
                {"gram": gram, "position": place, "entry_id": entry_id}
                for gram, place, entry_id in sorted(rows)
            ],
        )
        uow.session.execute(
            update(RegistryEntry), [{"id": one.id, "searched_as": one.words} for one in stale]
        )
    return len(stale)


def reindex_entries(uow: UnitOfWork, entry_ids: Sequence[str]) -> int:
    """Write all grams of some entries, because other words lead to them than before; return how many entries those are.

    What led to them before and does not now stays: see `drop_grams`.
    """
    uow.session.execute(
        update(RegistryEntry)
        .where(RegistryEntry.id.in_(entry_ids))
        .values(searched_as=None)
        .execution_options(synchronize_session=False)
    )
    return index_entries(uow, entry_ids)


def unindex_entries(uow: UnitOfWork, entry_ids: Sequence[str]) -> None:
    """Take all grams of some entries away; whoever changes what they are found by calls this before."""
    gone = [
        (*gram, one.id)
        for one in searched_rows(uow, entry_ids)
        for gram in grams_of(one.name, one.numbers) | name_grams(one.before.rpartition("|")[0])
    ]
    _delete(uow, gone)


def _delete(uow: UnitOfWork, gone: Sequence[tuple[str, int, str]]) -> None:
    for start in range(0, len(gone), DELETED_AT_ONCE):
        some = gone[start : start + DELETED_AT_ONCE]
        uow.session.execute(
            delete(RegistryGram)
            .where(tuple_(*GRAM_KEY).in_(some))
            .execution_options(synchronize_session=False)
        )


def drop_grams(uow: UnitOfWork, keys: Collection[GramKey]) -> int:
    """Take those of some rows away by which their entries are not to be found; return how many they were."""
    gone = superfluous(uow, keys)
    _delete(uow, gone)
    return len(gone)


def keep_tally(uow: UnitOfWork, tally: Tally) -> None:
    """Write down how many entries of each organisation stood how when they were counted."""
    uow.session.execute(delete(RegistryTally))
    rows = [
        {"issuing_organisation_id": issuer, "standing": standing, "count": count, "counted_at": tally.counted_at}
        for (issuer, standing), count in tally.counts.items()
    ]  # fmt: skip
    if rows:
        uow.session.execute(insert(RegistryTally), rows)
