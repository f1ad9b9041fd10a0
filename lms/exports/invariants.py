"""What must always hold of exports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.core.invariants import Invariant, by_sql
from lms.core.storage import MissingFile
from lms.core.unit_of_work import UnitOfWork
from lms.exports.models import Export

_HOUR = 3_600_000
_KEPT = 8 * 24 * _HOUR


def _files_missing(uow: UnitOfWork) -> Sequence[tuple[Any, ...]]:
    rows = uow.session.execute(select(Export.id, Export.file_key).where(Export.file_key.is_not(None)))
    return [(export_id,) for export_id, key in rows if not _is_there(uow, key)]


def _is_there(uow: UnitOfWork, key: str | None) -> bool:
    try:
        return key is not None and uow.storage.size(key) > 0
    except MissingFile:
        return False


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("X1", "every finished export has its file", _files_missing),
    by_sql(
        "X2", "no exported file is kept longer than a week and a day",
        "SELECT id FROM export WHERE file_key IS NOT NULL AND finished_at < :now - " + str(_KEPT),
    ),
    by_sql(
        "X3", "no export is worked on for an hour without getting on",
        "SELECT id FROM export WHERE state IN ('waiting', 'running') AND touched_at < :now - " + str(_HOUR),
    ),
)  # fmt: skip
