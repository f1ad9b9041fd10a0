"""The writer of hot writes on SQLite: what waits goes into one transaction, and one refused write hurts nobody else.

Nearly every batch consists of writes that either change rows and succeed, or are refused before they changed any.
Such a batch runs without savepoints, which cost more than the writes. A batch in which a write failed half-way is
undone and run once more, then with a savepoint around each write, so that only the failing one is lost.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from lms.core.database import BUSY_TIMEOUT_MS, SQLITE_PRAGMAS, Database
from lms.core.errors import Busy, busy
from lms.core.group_writer import GroupWriter, Waiting
from lms.core.hot_statements import HotConnection, SqliteHot

# Without a pause the other processes never get SQLite's lock and starve (seen); half a millisecond suffices.
PAUSE_SECONDS = 0.0005
# The rows of tens of thousands who study at once: read again from the file, they would cost more than the write.
WRITER_CACHE = "PRAGMA cache_size=-65536"
CONNECT_PAUSE_SECONDS = 0.05
CONNECT_TRIES = int(BUSY_TIMEOUT_MS / 1000 / CONNECT_PAUSE_SECONDS)

HotWrite = Callable[[HotConnection], Any]

log = logging.getLogger(__name__)


class SqliteWriter(GroupWriter[HotWrite]):
    """Runs hot writes one after the other on one connection."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def open(self) -> None:
        """Connect; the switch to a write-ahead log waits for other writers."""
        self._connection = sqlite3.connect(
            self._database.engine.url.database or "", timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        for pragma in (*SQLITE_PRAGMAS, WRITER_CACHE):
            _run_patiently(self._connection, pragma)
        self._hot = SqliteHot(self._connection)

    def keep(self, batch: list[Waiting[HotWrite]]) -> None:
        """Run a batch in one transaction."""
        connection, hot = self._connection, self._hot
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

    def rest(self) -> None:
        """Leave SQLite's lock to the other processes for a moment."""
        time.sleep(PAUSE_SECONDS)


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


def _attempt(hot: HotConnection, waiting: Waiting[HotWrite]) -> bool:
    """Run one write and keep its result, or the error that concerns its sender alone; tell whether it succeeded."""
    try:
        waiting.result = waiting.what(hot)
    except sqlite3.Error as error:
        if not isinstance(error, _SENDERS_FAULTS):
            raise
        waiting.error = error
    except Exception as error:  # noqa: BLE001 - a number too large, a lone surrogate, a refusal
        waiting.error = error
    return waiting.error is None


def _write_plainly(
    connection: sqlite3.Connection, hot: HotConnection, batch: Sequence[Waiting[HotWrite]]
) -> bool:
    """Run the writes of a batch one after the other; False when one failed after it had changed something."""
    for waiting in batch:
        before = connection.total_changes
        if not _attempt(hot, waiting) and connection.total_changes != before:
            return False
    return True


def _write_guarded(connection: sqlite3.Connection, hot: HotConnection, waiting: Waiting[HotWrite]) -> None:
    """Run a write so that its failure undoes what it has changed, and nothing else."""
    waiting.result = waiting.error = None
    connection.execute("SAVEPOINT hot")
    if not _attempt(hot, waiting):
        connection.execute("ROLLBACK TO hot")
    connection.execute("RELEASE hot")
