"""The one clock of the house.

The database's time is the anchor, so that several hosts agree; between anchors the monotonic
clock carries it, so that a host whose wall clock is stepped gives no wrong deadline (fault P1). An answer of the
database that was long on its way tells the time badly, and is taken only once the last anchor has become worse.
This is the only module that may ask the machine for the time.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

REANCHOR_SECONDS = 5.0
DRIFT = 0.0005
"""A host's monotonic clock goes wrong by no more than this share of the time that passes: so fast a clock is slewed."""
_RETRY_SECONDS = 1.0
_DOUBTFUL_MS = 25.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)


def from_ms(milliseconds: int) -> datetime:
    """Turn milliseconds since 1970 into an aware UTC datetime."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def to_ms(instant: datetime) -> int:
    """Turn an aware datetime into whole milliseconds since 1970 (floor). Naive times are refused."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place in this house")
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def ms_left(until: datetime, now: datetime) -> int:
    """Return how many whole milliseconds are left until a moment, 0 when it is over.

    Not by way of seconds as a fraction: that is one millisecond short now and then.
    """
    return max(0, (until - now) // timedelta(milliseconds=1))


def host_ms() -> int:
    """Return this host's wall clock in milliseconds: the anchor for a database that shares the host."""
    return time.time_ns() // 1_000_000


class Clock:
    """Tells the time for every rule.

    `anchor` returns the database's time in milliseconds. `offset_file`, for tests only, names a
    file with milliseconds to add; it is read on each call so that all processes move together.
    """

    def __init__(self, anchor: Callable[[], int] = host_ms, offset_file: Path | None = None) -> None:
        self._anchor = anchor
        self._offset_file = offset_file
        self._lock = threading.Lock()
        self._anchored_at = float("-inf")
        """When the anchor was taken or confirmed last, by the monotonic clock."""
        self._taken_at = 0.0
        self._skew_ms = 0.0
        self._doubt_ms = 0.0
        """By how much the anchor may have been wrong when it was taken."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime, to the millisecond."""
        return from_ms(self.now_ms())

    def now_ms(self) -> int:
        """Return the present moment in milliseconds since 1970 (UTC)."""
        monotonic = time.monotonic()
        if monotonic - self._anchored_at > REANCHOR_SECONDS:
            self._reanchor(monotonic)
        return int(time.monotonic() * 1000 + self._skew_ms) + self._offset_ms()

    def sleep(self, seconds: float) -> None:
        """Wait in real time; rules never wait, only loops of workers do."""
        time.sleep(seconds)

    def _reanchor(self, monotonic: float) -> None:
        if not self._lock.acquire(blocking=self._anchored_at == float("-inf")):
            return  # another thread is asking; the old anchor is good for a moment longer
        try:
            if time.monotonic() - self._anchored_at <= REANCHOR_SECONDS:
                return
            try:
                skew_ms, doubt_ms = self._ask()
                if self._anchored_at == float("-inf") and doubt_ms > _DOUBTFUL_MS:
                    # The connection was made first, which took its time.
                    skew_ms, doubt_ms = self._ask()
            except Exception:
                if self._anchored_at == float("-inf"):
                    raise
                # The old anchor still tells the time well; the page that says "busy" needs it too.
                log.warning("the database gave no time; the last anchor carries on")
                self._anchored_at = monotonic - REANCHOR_SECONDS + _RETRY_SECONDS
                return
            if self._anchored_at == float("-inf") or doubt_ms <= self._doubt_now_ms(monotonic):
                self._skew_ms, self._doubt_ms, self._taken_at = skew_ms, doubt_ms, monotonic
                self._anchored_at = monotonic
            else:
                # Under load an answer may be seconds on its way; the anchor we have is the better one.
                self._anchored_at = monotonic - REANCHOR_SECONDS + _RETRY_SECONDS
        finally:
            self._lock.release()

    def _ask(self) -> tuple[float, float]:
        """Return how far the database's clock is ahead of the monotonic one, and by how much that may be wrong."""
        before = time.monotonic()
        anchored = self._anchor()
        after = time.monotonic()
        return anchored - (before + after) * 500, (after - before) * 500

    def _doubt_now_ms(self, monotonic: float) -> float:
        return self._doubt_ms + (monotonic - self._taken_at) * 1000 * DRIFT

    def _offset_ms(self) -> int:
        if self._offset_file is None:
            return 0
        try:
            return int(self._offset_file.read_text() or 0)
        except FileNotFoundError:
            return 0
