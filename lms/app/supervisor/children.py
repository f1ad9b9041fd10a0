"""One program of the site, and its running process."""

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lms.app.supervisor.warm import WarmProcess, be_called, end_with

DEATHS_ALLOWED = 5
"""So many deaths of one part within DEATH_WINDOW_SECONDS stop the site."""
DEATH_WINDOW_SECONDS = 30.0
FIRST_BACK_OFF_SECONDS = 0.25
SHORTEST_LIFE_SECONDS = 1.0
"""A part that ends of itself with status 0 after at least this long wants to be fresh, not mended."""
LAST_WORDS = 25
_PIECE_BYTES = 65536


class CannotRun(RuntimeError):
    """The site cannot start or go on; the message says why and what to do."""


@dataclass(frozen=True)
class Part:
    """One program of the site: how to start it, and how long it may take to stop.

    Parts with a lower `stop_rank` are stopped first; equal ranks stop together. A part with a `module` runs that module
    of Python, and is forked from the supervisor instead of executing the `command`, which would do the same.
    """

    name: str
    command: tuple[str, ...]
    stop_rank: int
    grace_seconds: float
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    module: str = ""
    arguments: tuple[str, ...] = ()

    @classmethod
    def of_python(
        cls, name: str, module: str, arguments: Sequence[str], stop_rank: int, grace_seconds: float,
        environment: dict[str, str], folder: Path,
    ) -> "Part":  # fmt: skip
        """Return a part that runs a module of Python with arguments."""
        command = (sys.executable, "-m", module, *arguments)
        return cls(name, command, stop_rank, grace_seconds, environment, folder, module, tuple(arguments))


class Child:
    """A part that runs: its process, what it says, and its history of deaths."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.start_due: float | None = None
        """When to start it again, by the monotonic clock; None while it runs."""
        self.last_lines: deque[str] = deque(maxlen=LAST_WORDS)
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None
        self._output: IO[bytes] | None = None
        self._started = 0.0
        self._deaths: deque[float] = deque(maxlen=DEATHS_ALLOWED)
        self._unfinished = b""

    @property
    def pid(self) -> int | None:
        """The process id, which is also the id of its group; None before the first start."""
        return None if self._process is None else self._process.pid

    @property
    def is_unburied(self) -> bool:
        """True from the start of a process until `bury`, whether it still runs or not."""
        return self._process is not None and self._process.returncode is None

    @property
    def output(self) -> IO[bytes]:
        """Both output streams of the process in one pipe."""
        if self._output is None:
            raise CannotRun(f"{self.part.name} was never started")
        return self._output

    def start(self, now: float, lock: int) -> None:
        """Start the process. It keeps the descriptor `lock` open: see the package's docstring.

        Raises CannotRun when the program cannot be executed.
        """
        parent = os.getpid()

        def begin() -> None:
            end_with(parent)
            be_called(f"lms-{self.part.name}")

        reader, writer = os.pipe()
        try:
            self._process = self._begin(writer, lock, begin)
        except OSError as error:
            os.close(reader)
            raise CannotRun(f"{self.part.name} cannot be started: {error}") from error
        finally:
            os.close(writer)
        self._output = os.fdopen(reader, "rb", buffering=0)
        os.set_blocking(self.output.fileno(), False)
        self._started, self._unfinished, self.start_due = now, b"", None

    def _begin(
        self, output: int, lock: int, first: Callable[[], None]
    ) -> subprocess.Popen[bytes] | WarmProcess:
        part = self.part
        environment = {"PYTHONUNBUFFERED": "1", **part.environment}
        if part.module:
            return WarmProcess(
                part.module, part.arguments, environment=environment, folder=part.folder, output=output, keep=lock,
                first=first,
            )  # fmt: skip
        return subprocess.Popen(
            part.command, cwd=part.folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, pass_fds=(lock,),
            preexec_fn=first,  # noqa: PLW1509 - the supervisor has one thread
        )  # fmt: skip

    def read_lines(self) -> list[str] | None:
        """Return the lines said since the last call; None when the pipe has been closed."""
        try:
            piece = os.read(self.output.fileno(), _PIECE_BYTES)
        except BlockingIOError:
            return []
        *lines, self._unfinished = (self._unfinished + piece).split(b"\n")
        if not piece:
            if not self._unfinished:
                return None
            lines, self._unfinished = [self._unfinished], b""
        said = [line.decode(errors="replace").rstrip("\r") for line in lines]
        self.last_lines.extend(said)
        return said

    def has_ended(self) -> bool:
        """Tell whether the process has ended, without reaping it: so its group id stays its own."""
        if self._process is None or self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def terminate(self) -> None:
        """Ask the process to stop. What it has started is its own to stop: a job may finish."""
        if self._process is not None and not self.has_ended():
            self._process.terminate()

    def bury(self) -> int:
        """Kill what is left of the process group, reap the process, and return its exit status."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    def plan_restart(self, now: float, status: int) -> float:
        """Set `start_due` after an end with `status` and return the wait: none at first, then doubling.

        Raises CannotRun when the part has died too often in too short a time.
        """
        if status != 0 or now - self._started < SHORTEST_LIFE_SECONDS:
            self._deaths.append(now)
        recent = sum(now - death <= DEATH_WINDOW_SECONDS for death in self._deaths)
        if recent >= DEATHS_ALLOWED:
            last_words = "\n".join(f"    {line}" for line in self.last_lines)
            raise CannotRun(
                f"{self.part.name} died {recent} times within {DEATH_WINDOW_SECONDS:.0f} s; "
                f"its last lines were:\n{last_words}"
            )
        wait = 0.0 if recent <= 1 else FIRST_BACK_OFF_SECONDS * 2.0 ** (recent - 2)
        self.start_due = now + wait
        return wait
