"""How a move is written down: the subject's new state, its line in the state log, and the audit event of that line.

On SQLite these are three statements, which cost it no trip. On PostgreSQL they are one, for a move is waited for by
everybody who hands in: the event and the line are only written for a subject that was moved.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CTE, BindParameter, Insert, Table, bindparam, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lms.audit.models import AuditEvent, StateLog
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork

Values = Mapping[str, Any]

# As plain tables: rows of the ORM take three times as long, and these are written at every act of the house.
EVENTS, LOG = cast(Table, AuditEvent.__table__), cast(Table, StateLog.__table__)
_EVENT_COLUMNS = ("at", "actor_id", "actor_label", "tag", "subject_id", "fields")
_LOG_COLUMNS = (
    "machine", "subject_id", "verb", "from_state", "to_state", "actor_id", "at", "remark", "detail",
)  # fmt: skip
_ADD_EVENT = ReadyStatement(insert(EVENTS).returning(EVENTS.c.id))
_ADD_LINE = ReadyStatement(insert(LOG))


def add_event(uow: UnitOfWork, event: Values) -> int:
    """Write one audit event, given by its columns, and return its id."""
    event_id: int = _ADD_EVENT.scalar(uow.session, event)
    return event_id


def add_line(uow: UnitOfWork, event: Values, line: Values) -> None:
    """Write a line of the state log with its audit event, both given by their columns."""
    if _has_trips(uow):
        _LINE_IN_ONE.run(uow.session, _named(event, line))
    else:
        _ADD_LINE.run(uow.session, {**line, "audit_event_id": add_event(uow, event)})


def move_row(
    uow: UnitOfWork,
    column: InstrumentedAttribute[Any],
    subject_id: str,
    state: str,
    changes: Values,
    event: Values,
    line: Values,
) -> bool:
    """Change a subject's columns if `column` holds `state` still, and write that down; return whether it did."""
    found_by = {
        "found_id": subject_id,
        "found_state": state,
        **{f"set_{name}": value for name, value in changes.items()},
    }
    moving, moving_in_one = _moving(column, tuple(changes))
    if _has_trips(uow):
        return moving_in_one.run(uow.session, {**found_by, **_named(event, line)}) == 1
    if moving.run(uow.session, found_by) != 1:
        return False
    add_line(uow, event, line)
    return True


def _has_trips(uow: UnitOfWork) -> bool:
    return uow.session.get_bind().dialect.name != "sqlite"


def _named(event: Values, line: Values) -> dict[str, Any]:
    return {
        **{f"event_{name}": event[name] for name in _EVENT_COLUMNS},
        **{f"line_{name}": line[name] for name in _LOG_COLUMNS},
    }


def _places(table: Table, names: tuple[str, ...], prefix: str) -> list[BindParameter[Any]]:
    return [bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names]


def _event_and_line(moved: CTE | None = None) -> Insert:
    """Build the line of the log with its event; with `moved`, for what was moved only."""
    values = select(*_places(EVENTS, _EVENT_COLUMNS, "event"))
    if moved is not None:
        values = values.select_from(moved)
    event = insert(EVENTS).from_select(_EVENT_COLUMNS, values).returning(EVENTS.c.id).cte("event")
    return insert(LOG).from_select(
        (*_LOG_COLUMNS, "audit_event_id"), select(*_places(LOG, _LOG_COLUMNS, "line"), event.c.id)
    )


_LINE_IN_ONE = ReadyStatement(_event_and_line())


@lru_cache(maxsize=256)
def _moving(
    column: InstrumentedAttribute[Any], changed: tuple[str, ...]
) -> tuple[ReadyStatement, ReadyStatement]:
    """Make the move of a table's subjects ready, alone and with what is written of it."""
    table: Table = cast(Any, column.class_).__table__
    moving = (
        update(table)
        .where(table.c.id == bindparam("found_id"), table.c[column.key] == bindparam("found_state"))
        .values({name: bindparam(f"set_{name}", type_=table.c[name].type) for name in changed})
    )
    return ReadyStatement(moving), ReadyStatement(_event_and_line(moving.returning(table.c.id).cte("moved")))
