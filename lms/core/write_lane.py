"""The single file in which writers queue for SQLite's one write lock: threads of a process, and processes of a host.

SQLite itself lets a writer who found the lock taken sleep for up to a tenth of a second, while the threads of the other
process hand it on among themselves: with two web processes one of them starved, and two fifths of both cores lay idle
in the second in which five hundred started their exam (seen). So processes queue at a file beside the database, by two
of its bytes. Who writes holds the second one. Who comes next holds the first one, and nobody goes past him.

This is an order of courtesy. Whoever does not know it, or cannot open the file, writes as well: SQLite's own lock keeps
writers apart. The kernel gives back what a killed process held.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.core.errors import busy

LANE_TIMEOUT_SECONDS = 8.0
LOOK_SECONDS = 0.0002
"""How often the one thread of a process that may come next looks whether its turn has come."""

_NEXT, _WRITES = 0, 1

log = logging.getLogger(__name__)


class WriteLane:
    """The lane of one database. Without a file of its own it is for the threads of this process alone."""

    def __init__(self, file: Path | None = None) -> None:
        """Take the file beside the database, which is made when it is first needed."""
        self._file = file
        self._lock = threading.Lock()
        self._handle: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the lane. Raises Busy when no turn comes in time."""
        last_look = time.monotonic() + LANE_TIMEOUT_SECONDS
        if not self._lock.acquire(timeout=LANE_TIMEOUT_SECONDS):
            raise busy()
        try:
            handle = self._open()
            if handle is None:
                yield
                return
            _wait_for(handle, _NEXT, last_look)
            try:
                _wait_for(handle, _WRITES, last_look)
            finally:
                _give_back(handle, _NEXT)
            try:
                yield
            finally:
                _give_back(handle, _WRITES)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the file; the next turn opens it again."""
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                os.close(handle)

    def _open(self) -> int | None:
        if self._handle is None and self._file is not None:
            try:
                self._handle = _open_as_owner(self._file)
            except OSError as error:
                log.warning("writers of several processes do not queue in order: %s", error.strerror)
                self._file = None
        return self._handle


def _open_as_owner(file: Path) -> int:
    """Open the file of a lane, and make it the property of the folder's owner: a command may be run by root."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = file.parent.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


def _wait_for(handle: int, byte: int, last_look: float) -> None:
    """Hold a byte of the file. Raises Busy when it is not given back in time."""
    # A lock that the kernel waits for would come sooner, but nobody could give up waiting for a process that hangs.
    while True:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except BlockingIOError:
            if time.monotonic() > last_look:
                raise busy() from None
            time.sleep(LOOK_SECONDS)
        else:
            return


def _give_back(handle: int, byte: int) -> None:
    fcntl.lockf(handle, fcntl.LOCK_UN, 1, byte)
