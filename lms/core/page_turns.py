"""Turns at the interpreter: so many pages are worked at in one moment by one process, and the others wait a little.

The threads of a process share one interpreter. A page asks the store a dozen questions, and at each it lets go of the
interpreter; with sixteen pages in work at once it comes back behind fifteen others, each time, and whoever holds the
store's write lock meanwhile keeps all writers waiting. Five hundred who start in one second had their pages a quarter
later than when two are worked at and fourteen wait (docs/decisions/0081).

Nobody is turned away here. Who waited for `COURTESY_SECONDS` goes in all the same: behind a page that takes long, such
as a large export, others are late by that at most.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
COURTESY_SECONDS = 0.25
"""Longer than a full house of common pages takes, and short for whoever waits behind an uncommon one."""


class PageTurns:
    """The turns of one process."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Let so many work at once."""
        self._turns = threading.Semaphore(at_once)
        self._own = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, as long as courtesy asks, and hold it until the end or until `leave`."""
        self._own.holds = self._turns.acquire(timeout=COURTESY_SECONDS)
        try:
            yield
        finally:
            self.leave()

    @property
    def is_held(self) -> bool:
        """Whether this thread holds a turn."""
        return getattr(self._own, "holds", False)

    def leave(self) -> None:
        """Give this thread's turn back before the end, because it is going to wait for something else.

        Does nothing for a thread that holds none.
        """
        if self.is_held:
            self._own.holds = False
            self._turns.release()
