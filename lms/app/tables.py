"""Every table of the house, whatever else a process has imported."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

import lms
from lms.core.database import Base

CORE_TABLES = ("lms.core.outbox", "lms.core.periodic")


def all_tables() -> MetaData:
    """Return the tables of all rooms: each keeps its own in `models`, the core beside what uses them."""
    for room in pkgutil.iter_modules(lms.__path__, "lms."):
        if room.ispkg and find_spec(f"{room.name}.models"):
            import_module(f"{room.name}.models")
    for name in CORE_TABLES:
        import_module(name)
    return Base.metadata
