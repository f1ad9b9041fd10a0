"""The web process alone, with production's flags: for benches and drills that pin, rest and kill it."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from lms.app.supervisor.site import site_parts
from lms.core.settings import ROOT

READY_SECONDS = 30.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.01


class WebDidNotStart(RuntimeError):
    """The server was not ready in time; the message holds its last lines."""


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebProcess:
    """One WSGI server on loopback, started by the very command that the supervisor uses."""

    def __init__(self, app: str, environment: dict[str, str], log: Path, core: int | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = site_parts("127.0.0.1", self.port, app, environment)[0].command
        self._environment = environment
        self._log = log
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server without waiting for it; it keeps its port from one start to the next."""
        pinned = [] if self._core is None else ["taskset", "--cpu-list", str(self._core)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*pinned, *self._command], cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self, path: str = "/healthz") -> None:
        """Wait for the first 200. Raises WebDidNotStart."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers(path):
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise WebDidNotStart(self.last_lines())
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """Kill the server and its workers at once, as `kill -9` does: nothing is finished, nothing is said."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def rest(self) -> None:
        """Stop the server's processes where they stand, so that they cost another server nothing."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let the server go on."""
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Return the processor time that the server's processes have taken so far."""
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

    def stop(self) -> None:
        """Ask the server to end and wait for it; use force only when it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self.wake()
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_lines(self, count: int = 30) -> str:
        """Return what the server said last."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-count:])

    def _signal(self, number: signal.Signals) -> None:
        # The group is the server's own, so nobody else can be hit; it is gone only when all of it has ended.
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, number)

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
