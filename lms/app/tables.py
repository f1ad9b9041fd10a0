"""Every table of the house, whatever else a process has imported."""

import pkgutil
from importlib import import_module

from sqlalchemy import MetaData

import lms
from lms.core.database import Base

CORE_TABLES = ("lms.core.outbox", "lms.core.periodic")


def all_tables() -> MetaData:
    """Return the tables of all rooms: each keeps its own in `models` or `…_models`, the core beside what uses them."""
    for room in pkgutil.iter_modules(lms.__path__, "lms."):
        if not room.ispkg:
            continue
        for part in pkgutil.iter_modules(import_module(room.name).__path__, f"{room.name}."):
            if part.name.endswith((".models", "_models")):
                import_module(part.name)
    for name in CORE_TABLES:
        import_module(name)
    return Base.metadata
