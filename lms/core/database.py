"""The database: one declarative base, two lanes, two engines.

SQLite (WAL, synchronous=FULL) and PostgreSQL run the same code. Instants are stored as whole
milliseconds since 1970, so that rules and invariants are the same integer arithmetic on both.
"""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import BigInteger, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

from lms.core.clock import from_ms, host_ms, to_ms
from lms.core.write_lane import LANE_TIMEOUT_SECONDS, WriteLane

BUSY_TIMEOUT_MS = 8_000
# A network that is cut answers nothing at all; without a limit a request would hang for minutes (fault N3).
CONNECT_TIMEOUT_SECONDS = 5
LANE_OPTION = "lms_lane"
TRUSTED_SECONDS = 1.0
"""A connection that was in use so shortly ago is taken to be there still, and not asked first."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL, not NORMAL: only FULL survives a power cut (reliability.md, c).
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    # Reads look into the system's own cache instead of copying each page into 2 MB of their own.
    "PRAGMA mmap_size=134217728",
)


class Instant(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, milliseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - given
        """Store an aware datetime as milliseconds."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - given
        """Read milliseconds as an aware datetime."""
        return None if value is None else from_ms(value)


class Base(DeclarativeBase):
    """The base of every table; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant}  # noqa: RUF012 - SQLAlchemy reads this class attribute


def insert_new(
    session: Session, table: type[Base], *unique: InstrumentedAttribute[Any]
) -> sqlite.Insert | postgresql.Insert:
    """Start an INSERT that leaves an existing row alone when the unique columns are taken already.

    Without any columns each unique constraint of the table counts.
    """
    columns = [column.key for column in unique] or None
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=columns)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=columns)


def driver_trouble(connection: Connection, statement: str, error: Exception) -> DBAPIError:
    """Tell an error of the driver, met past SQLAlchemy, as SQLAlchemy tells its own; a dead connection is let go of."""
    is_dead = isinstance(error, psycopg.Error) and _is_dead(connection.connection.driver_connection)
    if is_dead:
        connection.invalidate(error)
    told = DBAPIError.instance(
        statement, None, error, connection.dialect.loaded_dbapi.Error, hide_parameters=True,
        connection_invalidated=is_dead, dialect=connection.dialect,
    )  # fmt: skip
    assert isinstance(told, DBAPIError), "what comes here is an error of the driver"
    return told


def is_trouble(error: DBAPIError, *, reading: bool = False) -> bool:
    """Tell trouble of the store (locked, full, gone, failing over) from a fault of our own statement.

    Trouble has no outcome or an unknown one, and repeating is safe; a fault of ours stays a fault.
    """
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    kind = getattr(error.orig, "sqlite_errorname", "")
    # SQLite says OperationalError for bad SQL too, and READONLY to a read that tries to write.
    return kind != "SQLITE_ERROR" and not (reading and kind == "SQLITE_READONLY")


def is_duplicate(error: DBAPIError) -> bool:
    """Tell whether a unique constraint turned the statement down."""
    if not isinstance(error, IntegrityError):
        return False
    kind = getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", "")
    return kind in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}


class Database:
    """The engine, its read and write lanes, and the database's own time."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.url = url
        if self.is_sqlite:
            self.engine = create_engine(
                url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, pool_size=20, hide_parameters=True
            )
            _declare_lanes_to_sqlite(self.engine)
        else:
            self.engine = create_engine(
                url, pool_size=10, max_overflow=20, pool_timeout=LANE_TIMEOUT_SECONDS,
                hide_parameters=True,  # messages of errors reach the log, the values in them must not (fault G1)
                # At every rollback, so after every read, the driver would make the server forget all that is prepared.
                connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS, "prepare_threshold": None},
            )  # fmt: skip
            _declare_lanes_to_postgresql(self.engine)
            _look_after_idle_connections(self.engine)
        self._lane = WriteLane(_lane_file(self.engine)) if self.is_sqlite else None
        self.reading = self.engine.execution_options(**{LANE_OPTION: "read"})
        self.writing = self.engine.execution_options(**{LANE_OPTION: "write"})

    def time_ms(self) -> int:
        """Return the database's time in milliseconds: PostgreSQL's own clock, or this host's for SQLite."""
        if self.is_sqlite:
            return host_ms()
        with self.engine.connect() as connection:
            stamp = connection.exec_driver_sql(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            )
            return int(cast("int", stamp.scalar_one()))

    def turn_to_write(self) -> AbstractContextManager[None]:
        """Return a writer's turn: SQLite's writers come one after the other; PostgreSQL locks rows, nobody waits here.

        Entering it raises Busy when no turn comes in time.
        """
        return nullcontext() if self._lane is None else self._lane.turn()

    def dispose(self) -> None:
        """Close pooled connections; a forked child calls this before its first query."""
        self.engine.dispose()
        if self._lane is not None:
            self._lane.close()


def _lane_file(engine: Engine) -> Path | None:
    """Return where writers of a database file queue; a database in memory is one process's own."""
    file = engine.url.database
    return Path(f"{file}-lane") if file and file != ":memory:" else None


def _declare_lanes_to_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: we say BEGIN or BEGIN IMMEDIATE.
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        lane = connection.get_execution_options().get(LANE_OPTION)
        # On the driver: these two cannot fail, and past it they cost every page as much as a question of its own.
        driver: Any = connection.connection.driver_connection
        # A read that tries to write fails at once instead of upgrading its lock.
        driver.execute(f"PRAGMA query_only={'ON' if lane == 'read' else 'OFF'}")
        if lane == "write":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            driver.execute("BEGIN")


_BEGINNINGS: Mapping[str | None, bytes] = {
    # One moment for a whole read, as SQLite gives it: what is computed from several statements fits together.
    "read": b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "write": b"BEGIN",
}


def _declare_lanes_to_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        words = _BEGINNINGS.get(connection.get_execution_options().get(LANE_OPTION))
        if words is None:
            return  # the driver begins by itself with the first statement
        driver: Any = connection.connection.driver_connection
        result = driver.pgconn.exec_(words)
        if result.status != ExecStatus.COMMAND_OK:
            raise driver_trouble(
                connection, words.decode(), psycopg.OperationalError("the connection is gone")
            )


def _look_after_idle_connections(engine: Engine) -> None:
    """Ask a connection whether it is there still, if it has been idle or another one was just found dead.

    As SQLAlchemy's `pool_pre_ping`, which asks every time and makes three changes of mode for it.
    """
    doubted_at = [0.0]

    @event.listens_for(engine, "invalidate")
    def _doubt(_driver: Any, _record: Any, _error: Any) -> None:
        doubted_at[0] = time.monotonic()

    @event.listens_for(engine, "checkin")
    def _note(_driver: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _look(driver: Any, record: Any, _proxy: Any) -> None:
        used_at = record.info.get("used_at", 0.0)
        if driver.closed:
            raise DisconnectionError
        if used_at > max(doubted_at[0], time.monotonic() - TRUSTED_SECONDS):
            return
        driver.pgconn.exec_(b"")
        if _is_dead(driver):
            raise DisconnectionError


def _is_dead(driver: Any) -> bool:
    return driver is None or driver.closed
