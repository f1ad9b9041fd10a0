"""How much of what takes long is run: a part of it by default, all of it when LMS_THOROUGH is set."""

import os
import zlib
from collections.abc import Sequence

import pytest

from tests.bench.rig import DATABASES

IS_THOROUGH = bool(os.environ.get("LMS_THOROUGH"))
"""Whether every walk is taken in every view; else each view is seen by some of the walks."""


def on(database: str) -> tuple[str, ...]:
    """Return the database on which something long runs, or both when all of it is run.

    It is for drills and benches, which start servers of their own, and for walks of the whole site that tell of pages
    and rules. What is kept and found in a database is tested on both.
    """
    return DATABASES if IS_THOROUGH else (database,)


PAGE_FIXTURES = frozenset({"app", "address", "browser", "client", "signed_in"})
"""A test that asks for one of these goes through pages."""


def left_to_a_thorough_run(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests of pages that have a twin on the other database, one of each two; none when all is run.

    Rules, services, jobs and invariants are tested on both databases, and so are journeys. A page calls those services;
    its own tests are dealt out to the two databases by their names, evenly and always alike. `both_databases` marks
    tests of pages that keep both: those in front of the hot path. `one_database` marks others that need not.
    """
    if IS_THOROUGH:
        return []
    twins: dict[str, dict[str, pytest.Item]] = {}
    for item in items:
        database = getattr(getattr(item, "callspec", None), "params", {}).get("site")
        if database in DATABASES and _needs_one(item):
            twins.setdefault(item.nodeid.replace(database, "", 1), {})[database] = item
    return [
        pair[DATABASES[zlib.crc32(name.encode()) % 2]]
        for name, pair in twins.items()
        if len(pair) == len(DATABASES)
    ]


def _needs_one(item: pytest.Item) -> bool:
    if item.get_closest_marker("both_databases"):
        return False
    is_page = not PAGE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
    return is_page or item.get_closest_marker("one_database") is not None
