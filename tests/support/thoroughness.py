"""How much of what takes long is run: a part of it by default, all of it when LMS_THOROUGH is set."""

import os

from tests.bench.rig import DATABASES

IS_THOROUGH = bool(os.environ.get("LMS_THOROUGH"))
"""Whether every walk is taken in every view; else each view is seen by some of the walks."""


def on(database: str) -> tuple[str, ...]:
    """Return the database on which something long runs, or both when all of it is run.

    It is for drills and benches, which start servers of their own, and for walks of the whole site that tell of pages
    and rules. What is kept and found in a database is tested on both.
    """
    return DATABASES if IS_THOROUGH else (database,)
