"""A clock that stands still until it is told to go on: an hour of study passes in a second."""

import threading
from pathlib import Path

from lms.core.clock import Clock


class VirtualClock(Clock):
    """Tells the time it was set to. Rules cannot tell it from the real one: they only ever ask for the moment."""

    def __init__(self, start_ms: int) -> None:
        super().__init__()
        self._now_ms = start_ms
        self._moving = threading.Lock()

    def now_ms(self) -> int:
        """Return the present moment in milliseconds since 1970 (UTC)."""
        return self._now_ms

    def advance_ms(self, milliseconds: int) -> None:
        """Go on by so much."""
        if milliseconds < 0:
            raise ValueError("time does not run backwards here")
        with self._moving:
            self._now_ms += milliseconds

    def advance_to(self, moment_ms: int) -> None:
        """Go on to a moment; a moment that has passed already changes nothing."""
        with self._moving:
            self._now_ms = max(self._now_ms, moment_ms)


class StillClock(Clock):
    """A clock that stands still but for its own test offset: every process that reads the file sees the same moment."""

    def __init__(self, start_ms: int, offset_file: Path) -> None:
        super().__init__(offset_file=offset_file)
        self._start_ms = start_ms

    def now_ms(self) -> int:
        """Return the start and the offset in milliseconds since 1970 (UTC)."""
        return self._start_ms + self._offset_ms()
