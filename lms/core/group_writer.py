"""A thread that writes what others hand in: it gathers what waits, commits once, wakes each with its own result."""

import logging
import os
import queue
import socket
import struct
import threading
from typing import Any, Generic, TypeVar

from lms.core.errors import busy

WAIT_SECONDS = 10.0
BATCH = 256
QUEUE_LIMIT = 4096

log = logging.getLogger(__name__)

What = TypeVar("What")


class Bell:
    """What a thread sleeps by until its write is kept: a pair of sockets of its own.

    Ringing lets go of the interpreter's lock while the kernel wakes the sleeper, who finds it free and goes on. Woken
    by a lock of `threading`, sixteen sleepers would each wake, find the interpreter taken by the one who woke them, and
    sleep again: more than half of all the time of a web process was seen to go there. The kernel keeps the time of a
    wait, too: every other call would let go of that lock once more, and queue for it again.
    """

    def __init__(self, seconds: float) -> None:
        """Make a bell that is waited for so long."""
        self._ear, self._rope = socket.socketpair()
        whole = int(seconds)
        self._ear.setsockopt(
            socket.SOL_SOCKET,
            socket.SO_RCVTIMEO,
            struct.pack("ll", whole, int((seconds - whole) * 1_000_000)),
        )

    def ring(self) -> None:
        """Wake the sleeper."""
        self._rope.send(b".")

    def wait(self) -> bool:
        """Sleep until the bell rings; False when it did not in its time."""
        try:
            return bool(self._ear.recv(1))
        except BlockingIOError:
            return False

    def __del__(self) -> None:
        self._ear.close()
        self._rope.close()


class Waiting(Generic[What]):
    """A write in the queue, with what comes of it."""

    __slots__ = ("abandoned", "bell", "error", "result", "what")

    def __init__(self, what: What, bell: Bell) -> None:
        self.what = what
        self.bell = bell
        self.result: Any = None
        self.error: BaseException | None = None
        self.abandoned = False


class GroupWriter(Generic[What]):
    """One thread with a connection of its own. A database says how it opens one, and how a batch is kept."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Waiting[What] | None] = queue.SimpleQueue()
        self._start_lock = threading.Lock()
        self._local = threading.local()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Prepare the thread's connection. Called by the thread, before its first batch."""
        raise NotImplementedError

    def keep(self, batch: list[Waiting[What]]) -> None:
        """Write a batch and commit it; put into each the result or the error that its sender gets."""
        raise NotImplementedError

    def rest(self) -> None:
        """Let others work between two batches, where that is needed."""

    def release(self) -> None:
        """Let go of the thread's connection. Called by the thread, as its last act."""

    def submit(self, what: What) -> Any:
        """Hand in a write and return its result once it is on disk.

        Raises Busy when it could not be kept in time (repeating is safe), or the write's own error.
        """
        if self._thread is None:
            self._start()
        if self._queue.qsize() > QUEUE_LIMIT:
            raise busy()
        bell: Bell | None = getattr(self._local, "bell", None)
        if bell is None:
            bell = self._local.bell = Bell(WAIT_SECONDS)
        waiting = Waiting(what, bell)
        self._queue.put(waiting)
        if not bell.wait():
            waiting.abandoned = True
            self._local.bell = None  # it may still ring for this one
            raise busy()
        if waiting.error is not None:
            raise waiting.error
        return waiting.result

    def close(self) -> None:
        """End the thread when what waits is kept, and wait for it; a later write begins another one."""
        with self._start_lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None:
                thread = threading.Thread(target=self._keep_writing, name=type(self).__name__, daemon=True)
                thread.start()
                self._thread = thread

    def _keep_writing(self) -> None:
        try:
            self.open()
            is_last = False
            while not is_last:
                batch, is_last = self._gather()
                if batch:
                    self.keep(batch)
                for waiting in batch:
                    waiting.bell.ring()
                self.rest()
            self.release()
        except BaseException:
            # Requests would wait for nothing; a restarted process serves them within a second.
            log.exception("the writer of hot writes died; this process ends")
            os._exit(70)

    def _gather(self) -> tuple[list[Waiting[What]], bool]:
        """Wait for a write and take what came with it; also tell whether the thread is to end after these."""
        batch: list[Waiting[What]] = []
        waiting = self._queue.get()
        while waiting is not None:
            if not waiting.abandoned:
                batch.append(waiting)
            if len(batch) >= BATCH:
                return batch, False
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True
