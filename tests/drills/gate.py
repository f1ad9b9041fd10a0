"""Many requests in one moment, over several web processes."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.drills.line import Line, Reply

Result = TypeVar("Result")
Request = Callable[[Line], Reply | None]


class Gate:
    """So many connections, in turn to each of the servers; all requests of a call leave together."""

    def __init__(self, ports: Sequence[int], size: int) -> None:
        self.done = threading.Event()
        self.complaints: list[str] = []
        self.lines = [
            Line(ports[number % len(ports)], self.done, complaints=self.complaints) for number in range(size)
        ]
        self._pool = ThreadPoolExecutor(size)

    def at_once(self, requests: Sequence[Request]) -> list[Reply | None]:
        """Send requests in the same moment, each over a connection of its own; return the replies in order."""
        barrier = threading.Barrier(len(requests))

        def send(number: int) -> Reply | None:
            barrier.wait()
            return requests[number](self.lines[number])

        return list(self._pool.map(send, range(len(requests))))

    def in_time(self, actions: Sequence[tuple[float, Request]]) -> list[Reply | None]:
        """Send requests each at its moment of the monotonic clock; return the replies in the order given."""
        free = list(self.lines)
        lock = threading.Lock()
        replies: list[Reply | None] = [None] * len(actions)

        def send(number: int) -> None:
            moment, request = actions[number]
            time.sleep(max(0.0, moment - time.monotonic()))
            with lock:
                line = free.pop()
            try:
                replies[number] = request(line)
            finally:
                with lock:
                    free.append(line)

        # Those whose moment comes first take the threads first.
        order = sorted(range(len(actions)), key=lambda number: actions[number][0])
        for sent in [self._pool.submit(send, number) for number in order]:
            sent.result()
        return replies

    def close(self) -> None:
        """Close all connections."""
        self.done.set()
        self._pool.shutdown()
        for line in self.lines:
            line.drop()
