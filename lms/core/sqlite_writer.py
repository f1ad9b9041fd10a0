"""The writer of hot writes on SQLite: what waits goes into one transaction, and one refused write hurts nobody else.

Nearly every batch consists of writes that either change rows and succeed, or are refused before they changed any.
Such a batch runs without savepoints, which cost more than the writes. A batch in which a write failed half-way is
undone and run once more, then with a savepoint around each write, so that only the failing one is lost.

Writes given as steps are taken many at once where their statements can: every statement lets go of the interpreter's
lock, for which a dozen requests wait, and a batch of beats is one statement instead of a dozen.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from lms.core.database import BUSY_TIMEOUT_MS, SQLITE_PRAGMAS, Database
from lms.core.errors import Busy, busy
from lms.core.group_writer import GroupWriter, Waiting
from lms.core.hot_statements import HotConnection, HotStatement, SqliteHot, Step, run_if

# Without a pause the other processes never get SQLite's lock and starve (seen); half a millisecond suffices.
PAUSE_SECONDS = 0.0005
# The rows of tens of thousands who study at once: read again from the file, they would cost more than the write.
WRITER_CACHE = "PRAGMA cache_size=-65536"
# What a statement changes is kept aside so that it alone can be undone. Beyond 64 KB SQLite makes a file for that, and
# nearly every batch was beyond it (seen): opened, written page by page, removed. It is no part of what is durable.
ASIDE_IN_MEMORY = "PRAGMA temp_store=MEMORY"
CONNECT_PAUSE_SECONDS = 0.05
CONNECT_TRIES = int(BUSY_TIMEOUT_MS / 1000 / CONNECT_PAUSE_SECONDS)

MOST_TOGETHER = 32
"""A statement for many is prepared once for each number of them."""

HotWrite = Callable[[HotConnection], Any]
Work = HotWrite | Sequence[Step]
"""Code to run, or steps of which the first says whether the others are run."""

log = logging.getLogger(__name__)


class SqliteWriter(GroupWriter[Work]):
    """Runs hot writes one after the other on one connection."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def open(self) -> None:
        """Connect; the switch to a write-ahead log waits for other writers."""
        self._connection = sqlite3.connect(
            self._database.engine.url.database or "", timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None,
            check_same_thread=False, cached_statements=4 * MOST_TOGETHER,
        )  # fmt: skip
        for pragma in (*SQLITE_PRAGMAS, WRITER_CACHE, ASIDE_IN_MEMORY):
            _run_patiently(self._connection, pragma)
        self._hot = SqliteHot(self._connection)

    def keep(self, batch: list[Waiting[Work]]) -> None:
        """Run a batch in one transaction."""
        connection, hot = self._connection, self._hot
        try:
            with self._database.turn_to_write():
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

    def release(self) -> None:
        """Close the connection."""
        self._connection.close()


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


def _attempt(hot: SqliteHot, waiting: Waiting[Work]) -> bool:
    """Run one write and keep its result, or the error that concerns its sender alone; tell whether it succeeded."""
    work = waiting.what
    try:
        waiting.result = work(hot) if callable(work) else run_if(hot, work)
    except sqlite3.Error as error:
        if not isinstance(error, _SENDERS_FAULTS):
            raise
        waiting.error = error
    except Exception as error:  # noqa: BLE001 - a number too large, a lone surrogate, a refusal
        waiting.error = error
    return waiting.error is None


def _write_plainly(connection: sqlite3.Connection, hot: SqliteHot, batch: Sequence[Waiting[Work]]) -> bool:
    """Run the writes of a batch; False when something was changed that cannot stay so."""
    alone: list[Waiting[Work]] = []
    together: dict[HotStatement, list[Waiting[Work]]] = {}
    for waiting in batch:
        work = waiting.what
        if callable(work) or not all(statement.takes_many for statement, _ in work):
            alone.append(waiting)
        else:
            together.setdefault(work[0][0], []).append(waiting)
    for alike in together.values():
        for start in range(0, len(alike), MOST_TOGETHER):
            if not _write_together(hot, alike[start : start + MOST_TOGETHER]):
                return False
    for waiting in alone:
        before = connection.total_changes
        if not _attempt(hot, waiting) and connection.total_changes != before:
            return False
    return True


def _write_together(hot: SqliteHot, alike: Sequence[Waiting[Work]]) -> bool:
    """Run steps that begin with the same statement; False unless each of them changed its row."""
    every = [waiting.what for waiting in alike if not callable(waiting.what)]
    try:
        if hot.run_many(every[0][0][0], [steps[0][1] for steps in every]) != len(every):
            return False
        following = sorted((steps[1:] for steps in every), key=_names)
        for _, same in groupby(following, key=_names):
            for column in zip(*same, strict=True):
                hot.run_many(column[0][0], [parameters for _, parameters in column])
    except sqlite3.Error as error:
        if not isinstance(error, _SENDERS_FAULTS):
            raise
        return False
    except Exception:  # noqa: BLE001 - somebody's hostile value: each is told of its own when it goes by itself
        return False
    for waiting in alike:
        waiting.result = True
    return True


def _names(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return what steps must have in common to be run together."""
    return tuple(statement.sqlite for statement, _ in steps)


def _write_guarded(connection: sqlite3.Connection, hot: SqliteHot, waiting: Waiting[Work]) -> None:
    """Run a write so that its failure undoes what it has changed, and nothing else."""
    waiting.result = waiting.error = None
    connection.execute("SAVEPOINT hot")
    if not _attempt(hot, waiting):
        connection.execute("ROLLBACK TO hot")
    connection.execute("RELEASE hot")
