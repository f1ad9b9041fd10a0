"""Periodic work behind the search: grams that are missing, and the tally of many entries."""

from lms.core.unit_of_work import Runtime
from lms.registry.queries.counts import is_many, tally
from lms.registry.queries.grams import entries_after, grams_after, superfluous, unsearched
from lms.registry.service import search as service

FILLED_AT_ONCE = 500
"""Entries per transaction: short enough that nobody waits for the write lane."""
PRUNED_AT_ONCE = 2_000
"""Grams that are compared at once with the entries they lead to."""


def fill_search(runtime: Runtime, *, is_changed: bool = False) -> int:
    """Write the grams of entries that have none, a bounded batch at a time; return how many entries had none.

    The services write them with the entry. What was there before there were grams, or after all were taken away, is
    filled here; killed anywhere, it goes on where it was.
    """
    filled = 0
    while True:
        with runtime.read() as uow:
            waiting = unsearched(uow, FILLED_AT_ONCE, is_changed=is_changed)
        if not waiting:
            return filled
        with runtime.write() as uow:
            done = service.index_entries(uow, waiting)
        if not done:
            # Entries that nothing can be written of are no reason to go round in circles.
            return filled
        filled += done


def rebuild_search(runtime: Runtime) -> tuple[int, int]:
    """Write anew what every entry is found by; return how many entries there were, and how many grams led nowhere.

    The search goes on meanwhile: an entry has its new grams before it loses old ones, and every write is short. Killed
    anywhere, it is simply begun again.
    """
    written, after = 0, ""
    while True:
        with runtime.write() as uow:
            some = entries_after(uow, after, FILLED_AT_ONCE)
            written += service.reindex_entries(uow, some)
        if len(some) < FILLED_AT_ONCE:
            return written, prune_grams(runtime)
        after = some[-1]


def prune_grams(runtime: Runtime) -> int:
    """Take grams away that lead to an entry which is not to be found by them; return how many they were."""
    pruned, after = 0, None
    while True:
        with runtime.read() as uow:
            some = grams_after(uow, after, PRUNED_AT_ONCE)
            wrong = superfluous(uow, some)
        if wrong:
            with runtime.write() as uow:
                # Asked once more: an entry may just have been given such a name.
                pruned += service.drop_grams(uow, wrong)
        if len(some) < PRUNED_AT_ONCE:
            return pruned
        after = some[-1]


def sweep_search(runtime: Runtime) -> None:
    """Fill in the grams of entries that have none yet."""
    fill_search(runtime)


def sweep_changed(runtime: Runtime) -> None:
    """Write the grams anew of entries whose name or number changed past the services."""
    fill_search(runtime, is_changed=True)


def sweep_tally(runtime: Runtime) -> None:
    """Count anew how many entries stand how, where there are too many to count for each page."""
    with runtime.read() as uow:
        if not is_many(uow):
            return
        counted = tally(uow)
    with runtime.write() as uow:
        service.keep_tally(uow, counted)
