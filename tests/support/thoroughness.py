"""How much of what takes long is run: a part of it by default, all of it when LMS_THOROUGH is set."""

import os

from tests.bench.rig import DATABASES

IS_THOROUGH = bool(os.environ.get("LMS_THOROUGH"))
"""Whether every walk is taken in every view; else each view is seen by some of the walks."""


def on(database: str) -> tuple[str, ...]:
    """Return the database on which a drill or bench runs in its short form, or both.

    Each starts servers of its own and takes a minute on a slow machine; the plain tests run on both anyway.
    """
    return DATABASES if IS_THOROUGH else (database,)
