"""A turnstile before work that keeps a processor busy: so many at once, so many who wait, and nobody else.

A web process has a few threads for everything. What is slow by intention, such as the hash of a password, may hold
some of them, never all: whoever finds the turnstile full is told so at once and comes again, while saved answers pass.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lms.core.errors import N_, Busy, Reason

TURN_SECONDS = 20.0
"""Longer than any queue that is let in; who waits longer waits behind something broken."""


class Turnstile:
    """Bounds how many work at once and how many threads wait for that."""

    def __init__(self, at_once: int, waiting: int, before_waiting: Callable[[], None] = lambda: None) -> None:
        """Let so many work and so many wait; whoever is let in does `before_waiting` first."""
        self._before_waiting = before_waiting
        self._most = at_once + waiting
        self._inside = 0
        self._count = threading.Lock()
        self._turns = threading.BoundedSemaphore(at_once)

    @property
    def inside(self) -> int:
        """How many work or wait for their turn."""
        return self._inside

    def require_room(self) -> None:
        """Raise Busy when one more would be turned away: asked before anything else is done for him."""
        if self._inside >= self._most:
            raise crowded()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it. Raises Busy at once when too many wait already."""
        with self._count:
            self.require_room()
            self._inside += 1
        try:
            self._before_waiting()
            if not self._turns.acquire(timeout=TURN_SECONDS):
                raise crowded()
            try:
                yield
            finally:
                self._turns.release()
        finally:
            with self._count:
                self._inside -= 1


def crowded() -> Busy:
    """Build the refusal for somebody before a full turnstile."""
    return Busy(
        Reason(
            "crowded", N_("密码要一个一个核对，同时核对的人数有限"), N_("现在人很多，还没有轮到您，这一次不算"),
            N_("请过几秒再试一次"),
        )
    )  # fmt: skip
