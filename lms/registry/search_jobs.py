"""Periodic work behind the search: grams that are missing, and the tally of many entries."""

from lms.core.unit_of_work import Runtime
from lms.registry import search_service as service
from lms.registry.count_queries import is_many, tally
from lms.registry.search_queries import unsearched

FILLED_AT_ONCE = 500
"""Entries per transaction: short enough that nobody waits for the write lane."""


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
