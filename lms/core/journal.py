"""The journal: the lane of hot writes (beats and saved answers).

At exam time thousands of small writes arrive together, and each must be on disk before its reply. A group writer
gathers what is waiting, commits once and wakes each request with its own result: on SQLite it takes every hot write,
as that database has one writer anyway; on PostgreSQL those that are one statement. Any other hot write there is its own
short transaction on a connection kept by the thread.

A request must end its own session before it waits here, else the pool starves the writer.
"""

import itertools
import threading
import weakref
from collections.abc import Sequence
from typing import Any

import psycopg

from lms.core.database import CONNECT_TIMEOUT_SECONDS, Database
from lms.core.errors import busy
from lms.core.hot_statements import PostgresqlHot, Step, run_if
from lms.core.postgresql_writer import PostgresqlWriter
from lms.core.sqlite_writer import HotWrite, SqliteWriter

# Every hot statement finds its rows by their keys, whatever the values: planned once, and never by a scan that was
# cheap while a table was small. A batch waits behind nobody's lock for long.
SERVER_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c lock_timeout=3000"
)
# While one batch is with the server, the next one goes on its way: with one writer either side waits for the other.
WRITERS = 2


class _Kept:
    """A thread's own connection; it is closed when the thread ends.

    Not by `__del__`: the error of a refused write may hold both this and the connection in a circle, and the collector
    would let go of the open connection first.
    """

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.connection = connection
        self.hot = PostgresqlHot(connection)
        weakref.finalize(self, connection.close)


class Journal:
    """Takes hot writes and returns each one's result once it is on disk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sqlite = SqliteWriter(database)
        self._writers = tuple(PostgresqlWriter(self._connect) for _ in range(WRITERS))
        self._postgresql = itertools.cycle(self._writers)
        self._local = threading.local()

    @property
    def is_sqlite(self) -> bool:
        """Whether statements cost no trip to another process."""
        return self._database.is_sqlite

    def submit(self, write: HotWrite, *, is_reading: bool = False) -> Any:
        """Run a hot write durably and return its result.

        `is_reading` says that no two statements of it belong together, so that PostgreSQL can take it without a
        transaction around it. The write may be run twice (the first run is undone), so it must not change anything but
        the database. Raises Busy when it could not be kept in time (repeating is safe), or whatever refusal the write
        itself raised.
        """
        if self._database.is_sqlite:
            return self._sqlite.submit(write)
        try:
            kept = self._postgresql_connection()
            if is_reading:
                return write(kept.hot)
            with kept.connection.transaction():
                return write(kept.hot)
        except psycopg.OperationalError as error:
            # The outcome is unknown or none; hot writes carry a sequence, so repeating is safe.
            self._hang_up()
            raise busy() from error

    def write_if(self, steps: Sequence[Step]) -> bool:
        """Run the first statement durably, and the others if it changed a row; return whether it did.

        Raises Busy, or the driver's error for a value that it cannot take.
        """
        if self._database.is_sqlite:
            return bool(self._sqlite.submit(steps))
        if len(steps) > 1:
            return bool(self.submit(lambda hot: run_if(hot, steps)))
        return bool(next(self._postgresql).submit(steps[0]))

    def close(self) -> None:
        """End the writers when what waits is kept, and close every connection; a later write opens them anew."""
        self._sqlite.close()
        for writer in self._writers:
            writer.close()
        self._local = threading.local()

    def _hang_up(self) -> None:
        """Close this thread's own connection now: the error that is on its way up would hold it open."""
        kept: _Kept | None = getattr(self._local, "kept", None)
        if kept is not None:
            kept.connection.close()
            self._local.kept = None

    def _postgresql_connection(self) -> _Kept:
        kept: _Kept | None = getattr(self._local, "kept", None)
        if kept is None or kept.connection.closed:
            kept = _Kept(self._connect())
            self._local.kept = kept
        return kept

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        url = self._database.engine.url.set(drivername="postgresql")
        return psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True, prepare_threshold=2,
            connect_timeout=CONNECT_TIMEOUT_SECONDS, options=SERVER_OPTIONS,
        )  # fmt: skip
