"""The writer of single statements on PostgreSQL: what is waiting goes down the wire together and is committed once.

A statement that says by its row count whether it did its work needs no trip of its own. libpq sends a batch of them in
one go (its pipeline); the server takes all up to the end of the batch as one transaction and answers them together.
When one of them fails, nothing of the batch was kept, and each is run again by itself.
"""

import logging
import select
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from lms.core.errors import busy
from lms.core.group_writer import GroupWriter, Waiting
from lms.core.hot_statements import PostgresqlHot, Step

Connect = Callable[[], psycopg.Connection[tuple[Any, ...]]]
REPLY_SECONDS = 8.0
"""How long a batch is waited for: less than its senders wait."""

log = logging.getLogger(__name__)


class PostgresqlWriter(GroupWriter[Step]):
    """Sends single statements in batches; each sender gets the number of rows that its own changed."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._connect = connect
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def open(self) -> None:
        """Connect with the first batch: the server may be away for a moment."""

    def keep(self, batch: list[Waiting[Step]]) -> None:
        """Send a batch; when it fails for one of its statements, send each by itself."""
        try:
            if not self._keep_together(batch):
                for waiting in batch:
                    self._keep_alone(waiting)
        except psycopg.OperationalError as error:
            # The outcome is unknown or none; hot writes carry a sequence, so repeating is safe.
            log.warning("a batch of %d hot writes was not kept: %s", len(batch), type(error).__name__)
            self._hang_up()
            for waiting in batch:
                waiting.result, waiting.error = None, busy()

    def release(self) -> None:
        """Close the connection, if there is one."""
        self._hang_up()

    def _hot(self) -> PostgresqlHot:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._on_it = PostgresqlHot(self._connection)
        return self._on_it

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep_together(self, batch: list[Waiting[Step]]) -> bool:
        hot = self._hot()
        try:
            ready = [hot.made_ready(*waiting.what) for waiting in batch]
        except psycopg.OperationalError:
            raise
        except Exception:  # noqa: BLE001 - a hostile value: its sender is told so when each goes by itself
            return False
        pgconn = hot.pgconn
        pgconn.enter_pipeline_mode()
        for name, values, formats in ready:
            pgconn.send_query_prepared(name, values, formats)
        pgconn.pipeline_sync()
        while pgconn.flush():
            self._wait(pgconn, is_sending=True)
        is_kept = True
        for waiting in batch:
            result = self._next_result(pgconn)
            if result is not None and result.status == ExecStatus.COMMAND_OK:
                waiting.result = result.command_tuples or 0
            else:
                is_kept = False
            while result is not None:  # an empty one ends the results of each statement
                result = self._next_result(pgconn)
        end = self._next_result(pgconn)
        while end is not None and end.status != ExecStatus.PIPELINE_SYNC:
            is_kept = False  # the commit itself failed
            end = self._next_result(pgconn)
        pgconn.exit_pipeline_mode()
        return is_kept

    def _next_result(self, pgconn: PGconn) -> PGresult | None:
        """Return the next result, or None where libpq marks the end of a statement's; other threads go on meanwhile."""
        while pgconn.is_busy():
            self._wait(pgconn, is_sending=False)
        if pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError("the connection is gone")
        return pgconn.get_result()

    @staticmethod
    def _wait(pgconn: PGconn, *, is_sending: bool) -> None:
        """Wait until the server has said something, or takes more."""
        waiter = select.poll()  # not select(), which takes no file number above 1023
        waiter.register(pgconn.socket, select.POLLIN | (select.POLLOUT if is_sending else 0))
        heard = waiter.poll(REPLY_SECONDS * 1000)
        if not heard:
            raise psycopg.OperationalError("the server did not answer in time")
        if heard[0][1] & ~select.POLLOUT:
            pgconn.consume_input()

    def _keep_alone(self, waiting: Waiting[Step]) -> None:
        waiting.result = waiting.error = None
        try:
            waiting.result = self._hot().run(*waiting.what)
        except psycopg.OperationalError as error:
            if self._connection is None or self._connection.closed or not _is_senders_wait(error):
                raise
            waiting.error = busy()
        except Exception as error:  # noqa: BLE001 - a number too large, a lone surrogate, a broken constraint
            waiting.error = error


def _is_senders_wait(error: psycopg.OperationalError) -> bool:
    """Tell whether a statement only waited too long for somebody's lock, or met him crosswise."""
    return isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)
