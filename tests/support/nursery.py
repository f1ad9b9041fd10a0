"""Programs of a site forked from a process that has read the code, as the supervisor forks its parts.

Drills kill hundreds of them, and journeys run whole sites and the operator's commands.

`python -m tests.support.nursery` is that process. It reads one request per line, each a JSON object, and answers each
with one; it ends with its input, and what it has forked with it.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lms.app.supervisor.children import Part
from lms.app.supervisor.site import read_the_code
from lms.app.supervisor.warm import WarmProcess, end_with
from lms.core.settings import ROOT
from tests.support.program import Program

POLL_SECONDS = 0.005


class Nursery:
    """The process that forks, asked through its pipes by any thread."""

    def __init__(self) -> None:
        unwanted = ("LMS_", "REDIS_", "FLASK_")
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={name: value for name, value in os.environ.items() if not name.startswith(unwanted)},
        )  # fmt: skip

    def ask(self, **request: object) -> Any:
        """Send one request and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


@cache
def the_nursery() -> Nursery:
    """Return the nursery of this process; it ends when this process does."""
    return Nursery()


class Forked:
    """A forked process; it offers what `Program` asks of a `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status if it has ended."""
        if self.returncode is None:
            self.returncode = the_nursery().ask(poll=self.pid)
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        until = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked part", timeout)
            time.sleep(POLL_SECONDS)
        return status


def fork(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path, core: int | None = None
) -> Forked:
    """Run a module as `python -m` would, in the root of the code; what it says goes to the end of a log."""
    return Forked(
        the_nursery().ask(
            module=module, arguments=list(arguments), environment=dict(environment), log=str(log), core=core
        )
    )


class ForkedProgram(Program):
    """A part of the site in a session of its own, forked."""

    def __init__(
        self, part: Part, environment: dict[str, str], log: Path, core: int | None = None, *, is_fresh: bool = False
    ) -> None:  # fmt: skip
        """Take what to fork; `core` is the processor it may run on, None for any.

        `is_fresh` has it executed instead: a part that changes something before any code of the site is read.
        """
        super().__init__(part.command, environment, log)
        self._part = part
        self._core = core
        self._is_fresh = is_fresh

    def start(self) -> None:
        """Start it without waiting for it."""
        if self._is_fresh:
            super().start()
            return
        self._process = fork(
            self._part.module, self._part.arguments, self._environment, self._log, self._core
        )


def _serve() -> None:
    """Answer requests until nobody can ask any more."""
    forked: dict[int, WarmProcess] = {}
    nothing = os.open(os.devnull, os.O_RDONLY)
    read_the_code()
    parent = os.getpid()
    core: int | None = None

    def begin() -> None:
        end_with(parent)
        if core is not None:
            os.sched_setaffinity(0, {core})

    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            answer = forked[request["poll"]].poll()
        else:
            core = request["core"]
            log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            process = WarmProcess(
                request["module"], request["arguments"], environment=request["environment"], folder=ROOT, output=log,
                keep=nothing, first=begin,
            )  # fmt: skip
            os.close(log)
            forked[process.pid] = process
            answer = process.pid
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
