"""One program of a site in a session of its own: for benches and drills that pin, rest and kill it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from lms.core.settings import ROOT

STOP_SECONDS = 10.0
WAKING_SECONDS = 0.1
"""What processes take to be at work again: a server that is asked to end at the moment it wakes may miss it."""


class Running(Protocol):
    """A process that was started."""

    pid: int
    returncode: int | Any

    def poll(self) -> int | None:
        """Return the exit status if it has ended."""

    def wait(self, timeout: float = ...) -> int:
        """Wait for its end. Raises TimeoutExpired."""


class Program:
    """A program that can be started again after it was killed; its output goes to a log."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path = ROOT
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._log = log
        self._folder = folder
        self._process: Running | None = None
        self._rests = False

    @property
    def pid(self) -> int | None:
        """The process id of the last start."""
        return None if self._process is None else self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it does not run: never started, or ended by whatever cause."""
        return self._process is None or self._process.poll() is not None

    @property
    def status(self) -> int | None:
        """The exit status of the last start; None while it runs, and before."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start it without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill it and its workers at once, as `kill -9` does: nothing is finished, nothing is said."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def rest(self) -> None:
        """Stop its processes where they stand, so that they cost another program nothing."""
        self._signal(signal.SIGSTOP)
        self._rests = True

    def wake(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)
        self._rests = False

    def stop(self) -> None:
        """Ask it to end and wait for it; use force only when it does not."""
        if self._process is None or self.has_ended:
            return
        if self._rests:
            self.wake()
            time.sleep(WAKING_SECONDS)
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have taken so far."""
        assert self._process is not None
        group, ticks = os.getpgid(self._process.pid), 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def last_lines(self, count: int = 30) -> str:
        """Return what it said last."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-count:])

    def _signal(self, number: signal.Signals) -> None:
        # The group is its own, so nobody else can be hit; it is gone only when all of it has ended.
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, number)
