"""A statement that is written out once, and asked on the database's driver from then on.

For the few statements that hundreds of people ask in the same minute: to find the words of a known statement again,
to prepare its values and to wrap its rows takes SQLAlchemy several times as long as SQLite needs for the answer, and
as long as PostgreSQL does (docs/decisions/0082). It is still SQLAlchemy that writes it, from the models, and it is
asked within the transaction of a session.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Delete, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import Column, ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from lms.core.database import Base, driver_trouble
from lms.core.hot_statements import HotConnection, HotStatement, PostgresqlHot, SqliteHot

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Answer = TypeVar("Answer")
_NONE: Values = MappingProxyType({})
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    # The base of them all: it leaves nothing to a driver, as hot statements read texts and numbers only.
    "postgresql": PGDialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


class ReadyStatement:
    """One statement for both databases; its rows are named tuples with the names of its columns.

    `postgresql` is another one for that database. An INSERT or an UPDATE sets the columns that values are given for;
    a column with a plain default may be left out of an INSERT. A list of unknown length has no place in a statement.
    """

    def __init__(self, statement: Statement, postgresql: Statement | None = None) -> None:
        self._statements = {
            "sqlite": statement,
            "postgresql": statement if postgresql is None else postgresql,
        }
        self._has_columns_given = isinstance(statement, Insert | Update)
        self._written: dict[tuple[str, ...], _Written] = {}

    def rows(self, session: Session, values: Values = _NONE) -> list[Any]:
        """Ask in the session's transaction and return the rows. Raises DBAPIError."""
        return self._ask(session, values, _Written.rows)

    def first(self, session: Session, values: Values = _NONE) -> Any:
        """Ask and return the first row, or None."""
        rows = self.rows(session, values)
        return rows[0] if rows else None

    def scalar(self, session: Session, values: Values = _NONE) -> Any:
        """Ask and return the first value of the first row, or None."""
        rows = self.rows(session, values)
        return rows[0][0] if rows else None

    def run(self, session: Session, values: Values = _NONE) -> int:
        """Run it in the session's transaction and return how many rows it changed. Raises DBAPIError."""
        return self._ask(session, values, _Written.run)

    def _ask(
        self, session: Session, values: Values, ask: Callable[["_Written", HotConnection, Values], Answer]
    ) -> Answer:
        if session.autoflush:
            session.flush()
        connection = session.connection()
        dialect = connection.dialect.name
        key = (dialect, *values) if self._has_columns_given else (dialect,)
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = _Written(
                self._statements[dialect], _DIALECTS[dialect], list(values)
            )
        try:
            return ask(written, _hot_on(connection), values)
        except connection.dialect.loaded_dbapi.Error as error:
            raise driver_trouble(connection, written.text, error) from error


def ready_new_row(
    model: type[Base], returned: InstrumentedAttribute[Any], *unique: InstrumentedAttribute[Any]
) -> ReadyStatement:
    """Make an INSERT of one row ready that leaves a row alone when the unique columns are taken already.

    Without any columns each unique constraint of the table counts. It returns one column of a row that was made.
    """
    table = cast(Table, model.__table__)
    column, taken = table.c[returned.key], [one.key for one in unique] or None
    return ReadyStatement(
        sqlite.insert(table).on_conflict_do_nothing(index_elements=taken).returning(column),
        postgresql.insert(table).on_conflict_do_nothing(index_elements=taken).returning(column),
    )


class _Written:
    """A statement in the words of one database, and how its values go in and come out."""

    def __init__(self, statement: Statement, dialect: Dialect, given: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(given))
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        if "POSTCOMPILE" in self.text:
            raise TypeError(f"a list of unknown length cannot be made ready: {self.text}")
        self._hot = HotStatement(self.text)
        self._fixed: dict[str, Any] = {}
        self._given: list[tuple[str, Callable[[Any], Any]]] = []
        defaults = {column.key: _plain_default(column) for column in compiled.insert_prefetch}
        for name in self._hot.names:
            place = compiled.binds[name]
            enter = _entering(place.type, dialect)
            if name in defaults:
                self._fixed[name] = enter(defaults[name])
            elif place.required:
                self._given.append((name, enter))
            else:
                self._fixed[name] = enter(place.effective_value)
        columns = list(statement.exported_columns)
        row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024 - only the statement knows its columns
        self._row = row._make
        self._leaving = [
            (index, process)
            for index, column in enumerate(columns)
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def rows(self, hot: HotConnection, values: Values) -> list[Any]:
        """Ask, and return rows as the models would give their columns."""
        found = hot.rows(self._hot, self._parameters(values))
        if not self._leaving:
            return list(map(self._row, found))
        rows = []
        for one in found:
            cells = list(one)
            for index, process in self._leaving:
                cells[index] = process(cells[index])
            rows.append(self._row(cells))
        return rows

    def run(self, hot: HotConnection, values: Values) -> int:
        """Run it and return how many rows it changed."""
        return hot.run(self._hot, self._parameters(values))

    def _parameters(self, values: Values) -> dict[str, Any]:
        parameters = self._fixed.copy()
        for name, enter in self._given:
            parameters[name] = enter(values[name])
        return parameters


def _plain_default(column: Column[Any]) -> Any:
    if not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"a value for {column} must be given")
    return column.default.arg


def _entering(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """Return what turns a value of the house into one that the driver takes."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is not None:
        return process
    return _plain


def _plain(value: Any) -> Any:
    """Take the text out of a word of a code list: a driver knows texts by their very type."""
    return str(value) if isinstance(value, str) else value


def _hot_on(connection: Connection) -> HotConnection:
    """Return a connection as hot statements know it; what is prepared on it stays as long as it is open."""
    kept: HotConnection | None = connection.info.get("hot")
    if kept is None:
        driver: Any = connection.connection.driver_connection
        kept = SqliteHot(driver) if connection.dialect.name == "sqlite" else PostgresqlHot(driver)
        connection.info["hot"] = kept
    return kept
