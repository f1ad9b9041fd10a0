"""The one clock of the house.

The database's time is the anchor, so that several hosts agree; between anchors the monotonic
clock carries it, so that a host whose wall clock is stepped gives no wrong deadline (fault P1).
This is the only module that may ask the machine for the time.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

REANCHOR_SECONDS = 5.0
_RETRY_SECONDS = 1.0
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
        self._skew_ms = 0.0

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
            before = time.monotonic()
            try:
                anchored = self._anchor()
            except Exception:
                if self._anchored_at == float("-inf"):
                    raise
                # The old anchor still tells the time well; the page that says "busy" needs it too.
                log.warning("the database gave no time; the last anchor carries on")
                self._anchored_at = monotonic - REANCHOR_SECONDS + _RETRY_SECONDS
                return
            middle = (before + time.monotonic()) / 2
            self._skew_ms = anchored - middle * 1000
            self._anchored_at = monotonic
        finally:
            self._lock.release()

    def _offset_ms(self) -> int:
        if self._offset_file is None:
            return 0
        try:
            return int(self._offset_file.read_text() or 0)
        except FileNotFoundError:
            return 0
