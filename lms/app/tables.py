"""Every table of the house, whatever else a process has imported."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from sqlalchemy import MetaData

import lms
from lms.core.database import Base

CORE_TABLES = ("lms.core.outbox", "lms.core.periodic")


def all_tables() -> MetaData:
    """Return the tables of all rooms: each keeps its own in `models` or `…_models`, the core beside what uses them."""
    for room in _parts(lms.__name__):
        for part in _parts(room.name) if room.ispkg else ():
            if part.name.endswith((".models", "_models")):
                import_module(part.name)
                for noun in _parts(part.name) if part.ispkg else ():
                    import_module(noun.name)
    for name in CORE_TABLES:
        import_module(name)
    return Base.metadata


def _parts(package: str) -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(import_module(package).__path__, f"{package}.")
