"""What a hot write may ask of a database: a few prepared statements, on the driver itself.

On PostgreSQL they go through libpq's prepared statements. The driver's cursors look at every value and every type of
every call anew; a beat would spend more time in them than in the server.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

_NAMED = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
_BOOL, _BYTEA, _BIGINT, _SMALLINT, _INTEGER, _DATE = 16, 17, 20, 21, 23, 1082
_ANY = 0
"""The server finds out by the place."""
_TYPES: Mapping[type, int] = {
    bool: _BOOL, bytes: _BYTEA, int: _BIGINT, date: _DATE, str: _ANY, type(None): _ANY,
}  # fmt: skip
Row = tuple[Any, ...]
Parameters = Mapping[str, Any]

Collided = psycopg.errors.UniqueViolation
"""A row with the same unique key is there already: on PostgreSQL a write may run beside others."""


class HotStatement:
    """One SQL text for both databases, with ``:name`` places.

    `postgresql` is another text for that database, where a statement needs its row locks. `many` is the text that
    does the same for many at once on SQLite: it reads
    their values ``FROM v``, a row for each.
    """

    def __init__(self, sql: str, postgresql: str | None = None, *, many: str | None = None) -> None:
        text = postgresql or sql
        self.placed = _taker(_NAMED.findall(sql))
        """Returns the values in the order of the places of the SQLite text."""
        # Values by place are taken over by SQLite in half the time of values by name.
        self.sqlite = _NAMED.sub("?", sql)
        self.names = tuple(dict.fromkeys(_NAMED.findall(text)))
        """The places of the PostgreSQL text, in the order of their numbers."""
        self.postgresql = _NAMED.sub(lambda place: f"${self.names.index(place[1]) + 1}", text).encode()
        self._columns = tuple(dict.fromkeys(_NAMED.findall(many or "")))
        self._row = _taker(self._columns)
        # A table of values calls its columns so. (As a WITH before the statement the driver would not count its rows.)
        self._many = (
            _NAMED.sub(lambda place: f"v.column{self._columns.index(place[1]) + 1}", many) if many else None
        )
        self._many_of: dict[int, str] = {}

    @property
    def takes_many(self) -> bool:
        """Whether there is a text for many at once."""
        return self._many is not None

    def for_many(self, every: Sequence[Parameters]) -> tuple[str, list[Any]]:
        """Return the text for so many at once on SQLite, and their values in its order."""
        text = self._many_of.get(len(every))
        if text is None:
            row = f"({', '.join('?' * len(self._columns))})"
            text = str(self._many).replace("FROM v", f"FROM (VALUES {', '.join([row] * len(every))}) v")
            self._many_of[len(every)] = text
        return text, list(chain.from_iterable(map(self._row, every)))


def _taker(names: Sequence[str]) -> Callable[[Parameters], tuple[Any, ...]]:
    """Return what takes the values of these names out of parameters, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: tuple(parameters[name] for name in names)


Step = tuple[HotStatement, Parameters]
"""A statement and its values."""


class HotConnection(Protocol):
    """The few calls a hot write may make."""

    is_sqlite: bool

    def rows(self, statement: HotStatement, parameters: Parameters) -> Sequence[Row]:
        """Run a statement that returns rows."""

    def run(self, statement: HotStatement, parameters: Parameters) -> int:
        """Run a statement and return how many rows it changed."""


def run_if(hot: HotConnection, steps: Sequence[Step]) -> bool:
    """Run the first statement, and the others if it changed a row; return whether it did."""
    statement, parameters = steps[0]
    if not hot.run(statement, parameters):
        return False
    for statement, parameters in steps[1:]:
        hot.run(statement, parameters)
    return True


class SqliteHot:
    """Hot statements on SQLite."""

    is_sqlite = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def rows(self, statement: HotStatement, parameters: Parameters) -> Sequence[Row]:
        """Run a statement that returns rows."""
        return self._execute(statement.sqlite, statement.placed(parameters)).fetchall()

    def run(self, statement: HotStatement, parameters: Parameters) -> int:
        """Run a statement and return how many rows it changed."""
        return self._execute(statement.sqlite, statement.placed(parameters)).rowcount

    def run_many(self, statement: HotStatement, every: Sequence[Parameters]) -> int:
        """Run a statement for many at once and return how many rows that changed."""
        return self._execute(*statement.for_many(every)).rowcount


class PostgresqlHot:
    """Hot statements on PostgreSQL. Each is prepared once per connection and kinds of values."""

    is_sqlite = False

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self.pgconn: PGconn = connection.pgconn
        self._prepared: dict[tuple[HotStatement, tuple[type, ...]], tuple[bytes, list[Format]]] = {}

    def rows(self, statement: HotStatement, parameters: Parameters) -> Sequence[Row]:
        """Run a statement that returns rows."""
        result = self._ask(statement, parameters)
        readers = [_READERS.get(result.ftype(column), bytes.decode) for column in range(result.nfields)]
        get = result.get_value
        return [
            tuple([
                None if (value := get(row, column)) is None else read(value)
                for column, read in enumerate(readers)
            ])
            for row in range(result.ntuples)
        ]  # fmt: skip

    def run(self, statement: HotStatement, parameters: Parameters) -> int:
        """Run a statement and return how many rows it changed. Raises Collided."""
        return self._ask(statement, parameters).command_tuples or 0

    def made_ready(
        self, statement: HotStatement, parameters: Parameters
    ) -> tuple[bytes, list[Any], list[Format]]:
        """Prepare a statement if it is not yet, and return its name, its values as libpq takes them, and their formats.

        Raises DataError for a value that cannot be sent.
        """
        values = [parameters[name] for name in statement.names]
        kinds = tuple(map(type, values))
        prepared = self._prepared.get((statement, kinds))
        if prepared is None:
            prepared = self._prepare(statement, kinds)
        name, formats = prepared
        return name, [_wire(value) for value in values], formats

    def _ask(self, statement: HotStatement, parameters: Parameters) -> PGresult:
        result = self.pgconn.exec_prepared(*self.made_ready(statement, parameters))
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise _trouble(result)
        return result

    def _prepare(self, statement: HotStatement, kinds: tuple[type, ...]) -> tuple[bytes, list[Format]]:
        name = f"hot{len(self._prepared)}".encode()
        result = self.pgconn.prepare(name, statement.postgresql, [_TYPES[kind] for kind in kinds])
        if result.status != ExecStatus.COMMAND_OK:
            raise _trouble(result)
        formats = [Format.BINARY if kind is bytes else Format.TEXT for kind in kinds]
        self._prepared[statement, kinds] = (name, formats)
        return name, formats


def _trouble(result: PGresult) -> psycopg.Error:
    """Return the error of a statement; what has no code was not said by the server: the connection is gone."""
    if result.error_field(DiagnosticField.SQLSTATE) is None:
        return psycopg.OperationalError(result.error_message.decode(errors="replace"))
    return psycopg.errors.error_from_result(result)


def _wire(value: Any) -> bytes | None:
    """Write a value as libpq takes it: numbers, days and texts in plain words, bytes as they are."""
    if isinstance(value, str):
        if "\x00" in value:  # libpq would end the text there
            raise psycopg.DataError("a text holds no NUL")
        return value.encode()
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, date):
        return value.isoformat().encode()
    return b"%d" % value


def _bytes_of(shown: bytes) -> bytes:
    """Read bytes shown in hexadecimal after two signs that say so, as the server does."""
    return bytes.fromhex(shown[2:].decode())


def _date_of(shown: bytes) -> date:
    return date.fromisoformat(shown.decode())


_READERS: Mapping[int, Any] = {
    _BIGINT: int, _SMALLINT: int, _INTEGER: int, _BYTEA: _bytes_of, _BOOL: b"t".__eq__,
    _DATE: _date_of,
}  # fmt: skip
