"""The journal: the lane of hot writes (beats and saved answers).

At exam time thousands of small writes arrive together, and each must be on disk before its reply.
On SQLite one writer thread with its own connection gathers what is waiting into one transaction
(one refused write hurts nobody else), commits once and wakes each
request with its own result. On PostgreSQL the server groups commits itself, so each hot write is
its own short transaction on a connection kept by the thread; a write of one statement needs not even that.

Nearly every batch consists of writes that either change rows and succeed, or are refused before they changed any.
Such a batch runs without savepoints, which cost more than the writes. A batch in which a write failed half-way is
undone and run once more, then with a savepoint around each write, so that only the failing one is lost.

A request must end its own session before it waits here, else the pool starves the writer.
"""

import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from lms.core.database import BUSY_TIMEOUT_MS, CONNECT_TIMEOUT_SECONDS, SQLITE_PRAGMAS, Database
from lms.core.errors import Busy, busy
from lms.core.hot_statements import HotConnection, PostgresqlHot, SqliteHot

WAIT_SECONDS = 10.0
BATCH = 256
QUEUE_LIMIT = 4096
# Without a pause the other processes never get SQLite's lock and starve (seen); half a millisecond suffices.
PAUSE_SECONDS = 0.0005
# The rows of tens of thousands who study at once: read again from the file, they would cost more than the write.
WRITER_CACHE = "PRAGMA cache_size=-65536"
# Every hot statement finds its rows by their keys, whatever the values: planned once, and never by a scan that was
# cheap while a table was small.
KEYED_PLANS = (
    "-c plan_cache_mode=force_generic_plan"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
)
CONNECT_PAUSE_SECONDS = 0.05
CONNECT_TRIES = int(BUSY_TIMEOUT_MS / 1000 / CONNECT_PAUSE_SECONDS)

log = logging.getLogger(__name__)


HotWrite = Callable[[HotConnection], Any]


class _Waiting:
    """A write in the queue. Its sender sleeps on a plain lock: an Event costs three times as much."""

    __slots__ = ("abandoned", "error", "is_done", "result", "write")

    def __init__(self, write: HotWrite) -> None:
        self.write = write
        self.result: Any = None
        self.error: BaseException | None = None
        self.abandoned = False
        self.is_done = threading.Lock()
        self.is_done.acquire()


class _Kept:
    """A thread's own connection; it is closed when the thread ends."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.connection = connection
        self.hot = PostgresqlHot(connection)

    def __del__(self) -> None:
        self.connection.close()


class Journal:
    """Takes hot writes and returns each one's result once it is on disk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._local = threading.local()

    @property
    def is_many_trips(self) -> bool:
        """Whether each statement is a trip to another process, so that fewer statements are worth a second look."""
        return not self._database.is_sqlite

    def submit(self, write: HotWrite, *, is_single: bool = False) -> Any:
        """Run a hot write durably and return its result.

        `is_single` says that at most one statement of the write changes anything, so that PostgreSQL can take it
        without a transaction around it. The write may be run twice (the first run is undone), so it must not change
        anything but the database. Raises Busy when it could not be kept in time (repeating is safe), or whatever
        refusal the write itself raised.
        """
        if not self._database.is_sqlite:
            return self._submit_to_postgresql(write, is_single=is_single)
        if self._thread is None:
            self._start()
        if self._queue.qsize() > QUEUE_LIMIT:
            raise busy()
        waiting = _Waiting(write)
        self._queue.put(waiting)
        if not waiting.is_done.acquire(timeout=WAIT_SECONDS):
            waiting.abandoned = True
            raise busy()
        if waiting.error is not None:
            raise waiting.error
        return waiting.result

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None:
                thread = threading.Thread(target=self._keep_writing, name="journal", daemon=True)
                thread.start()
                self._thread = thread

    def _keep_writing(self) -> None:
        try:
            connection = self._connect_sqlite()
            hot = SqliteHot(connection)
            while True:
                batch = self._gather()
                self._write_batch(connection, hot, batch)
                time.sleep(PAUSE_SECONDS)
        except BaseException:
            # Requests would wait for nothing; a restarted process serves them within a second.
            log.exception("the journal's writer died; this process ends")
            os._exit(70)

    def _gather(self) -> list[_Waiting]:
        batch = [self._queue.get()]
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return [waiting for waiting in batch if not waiting.abandoned]

    def _write_batch(self, connection: sqlite3.Connection, hot: HotConnection, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            with self._database.lane.turn():
                connection.execute("BEGIN IMMEDIATE")
                if not _write_plainly(connection, hot, batch):
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN IMMEDIATE")
                    for waiting in batch:
                        _write_guarded(connection, hot, waiting)
                connection.execute("COMMIT")
        except (sqlite3.OperationalError, Busy) as error:
            log.warning("a batch of %d hot writes was not kept: %s", len(batch), type(error).__name__)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for waiting in batch:
                waiting.error = busy()
        for waiting in batch:
            waiting.is_done.release()

    def _connect_sqlite(self) -> sqlite3.Connection:
        path = self._database.engine.url.database
        connection = sqlite3.connect(
            path or "", timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        for pragma in (*SQLITE_PRAGMAS, WRITER_CACHE):
            _run_patiently(connection, pragma)
        return connection

    def _submit_to_postgresql(self, write: HotWrite, *, is_single: bool) -> Any:
        try:
            kept = self._postgresql_connection()
            if is_single:
                return write(kept.hot)
            with kept.connection.transaction():
                return write(kept.hot)
        except psycopg.OperationalError as error:
            # The outcome is unknown or none; hot writes carry a sequence, so repeating is safe.
            self._local.kept = None
            raise busy() from error

    def _postgresql_connection(self) -> _Kept:
        kept: _Kept | None = getattr(self._local, "kept", None)
        if kept is None or kept.connection.closed:
            url = self._database.engine.url.set(drivername="postgresql")
            connection = psycopg.connect(
                url.render_as_string(hide_password=False), autocommit=True, prepare_threshold=2,
                connect_timeout=CONNECT_TIMEOUT_SECONDS, options=KEYED_PLANS,
            )  # fmt: skip
            kept = _Kept(connection)
            self._local.kept = kept
        return kept


def _run_patiently(connection: sqlite3.Connection, pragma: str) -> None:
    """Run a pragma, waiting for other writers: the switch to WAL gives up at once instead of waiting (seen)."""
    for _ in range(CONNECT_TRIES):
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError:
            time.sleep(CONNECT_PAUSE_SECONDS)
        else:
            return
    connection.execute(pragma)


# What a hostile value causes is its sender's alone; whatever else the driver says concerns the store itself.
_SENDERS_FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)


def _write_plainly(connection: sqlite3.Connection, hot: HotConnection, batch: Sequence[_Waiting]) -> bool:
    """Run the writes of a batch one after the other; False when one failed after it had changed something."""
    for waiting in batch:
        before = connection.total_changes
        try:
            waiting.result = waiting.write(hot)
        except sqlite3.Error as error:
            if not isinstance(error, _SENDERS_FAULTS):
                raise
            waiting.error = error
        except Exception as error:  # noqa: BLE001 - a number too large, a lone surrogate, a refusal
            waiting.error = error
        if waiting.error is not None and connection.total_changes != before:
            return False
    return True


def _write_guarded(connection: sqlite3.Connection, hot: HotConnection, waiting: _Waiting) -> None:
    """Run a write so that its failure undoes what it has changed, and nothing else."""
    waiting.result = waiting.error = None
    connection.execute("SAVEPOINT hot")
    try:
        waiting.result = waiting.write(hot)
    except sqlite3.Error as error:
        if not isinstance(error, _SENDERS_FAULTS):
            raise
        waiting.error = error
    except Exception as error:  # noqa: BLE001 - as above
        waiting.error = error
    if waiting.error is not None:
        connection.execute("ROLLBACK TO hot")
    connection.execute("RELEASE hot")
