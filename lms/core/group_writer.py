"""A thread that writes what others hand in: it gathers what waits, commits once, wakes each with its own result."""

import logging
import os
import queue
import threading
from typing import Any, Generic, TypeVar

from lms.core.errors import busy

WAIT_SECONDS = 10.0
BATCH = 256
QUEUE_LIMIT = 4096

log = logging.getLogger(__name__)

What = TypeVar("What")


class Waiting(Generic[What]):
    """A write in the queue. Its sender sleeps on a plain lock: an Event costs three times as much."""

    __slots__ = ("abandoned", "error", "is_done", "result", "what")

    def __init__(self, what: What) -> None:
        self.what = what
        self.result: Any = None
        self.error: BaseException | None = None
        self.abandoned = False
        self.is_done = threading.Lock()
        self.is_done.acquire()


class GroupWriter(Generic[What]):
    """One thread with a connection of its own. A database says how it opens one, and how a batch is kept."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Waiting[What]] = queue.SimpleQueue()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Prepare the thread's connection. Called by the thread, before its first batch."""
        raise NotImplementedError

    def keep(self, batch: list[Waiting[What]]) -> None:
        """Write a batch and commit it; put into each the result or the error that its sender gets."""
        raise NotImplementedError

    def rest(self) -> None:
        """Let others work between two batches, where that is needed."""

    def submit(self, what: What) -> Any:
        """Hand in a write and return its result once it is on disk.

        Raises Busy when it could not be kept in time (repeating is safe), or the write's own error.
        """
        if self._thread is None:
            self._start()
        if self._queue.qsize() > QUEUE_LIMIT:
            raise busy()
        waiting = Waiting(what)
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
                thread = threading.Thread(target=self._keep_writing, name=type(self).__name__, daemon=True)
                thread.start()
                self._thread = thread

    def _keep_writing(self) -> None:
        try:
            self.open()
            while True:
                batch = self._gather()
                if batch:
                    self.keep(batch)
                for waiting in batch:
                    waiting.is_done.release()
                self.rest()
        except BaseException:
            # Requests would wait for nothing; a restarted process serves them within a second.
            log.exception("the writer of hot writes died; this process ends")
            os._exit(70)

    def _gather(self) -> list[Waiting[What]]:
        batch = [self._queue.get()]
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return [waiting for waiting in batch if not waiting.abandoned]
