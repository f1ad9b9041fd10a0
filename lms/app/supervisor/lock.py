"""The claim of one supervisor on an instance folder."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lms.app.supervisor.children import CannotRun

PREDECESSOR_WAIT_SECONDS = 10.0
"""How long the parts of a killed supervisor may take to end before a new one gives up."""
_POLL_SECONDS = 0.1


class InstanceLock:
    """An advisory lock on `supervisor.lock`; the file names its holder for people and tools.

    The kernel gives it free when the last process that holds `descriptor` has ended, so neither a
    crash nor a power cut leaves a stale one behind.
    """

    def __init__(self, instance_dir: Path) -> None:
        self._path = instance_dir / "supervisor.lock"
        self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> None:
        """Take the lock. Raises CannotRun, naming the holder, when the site already runs here."""
        deadline = time.monotonic() + PREDECESSOR_WAIT_SECONDS
        while not self._try_take():
            holder = self._holder()
            pid = holder.get("pid", "?")
            # The parts of a killed supervisor hold the lock while they end; that is worth a moment.
            if _is_alive(pid) or time.monotonic() > deadline:
                address = holder.get("address", "address unknown")
                raise CannotRun(
                    f"the site is already running here: process {pid}, {address}; "
                    f"to stop it: kill {pid}\n平台已经在运行（进程 {pid}）；如需停止，请执行 kill {pid}"
                )
            time.sleep(_POLL_SECONDS)

    def note(self, address: str, parts: Mapping[str, int | None]) -> None:
        """Write down who holds the lock, where the site answers, and the process of each part."""
        text = json.dumps({"pid": os.getpid(), "address": address, "parts": dict(parts)}).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text, 0)

    def release(self) -> None:
        """Give the folder free. The file stays: removing it could let two supervisors in."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)

    def _try_take(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> dict[str, Any]:
        try:
            holder = json.loads(self._path.read_text() or "{}")
        except ValueError:  # it is being written this very moment
            return {}
        return holder if isinstance(holder, dict) else {}


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
