"""The web process alone, with production's flags: for benches and drills that pin, rest and kill it."""

import http.client
import socket
import time
from pathlib import Path

from lms.app.supervisor.site import site_parts
from tests.support.nursery import ForkedProgram

READY_SECONDS = 30.0
POLL_SECONDS = 0.01


class WebDidNotStart(RuntimeError):
    """The server was not ready in time; the message holds its last lines."""


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebProcess(ForkedProgram):
    """One WSGI server on loopback, started as the supervisor starts it.

    It keeps its port from one start to the next.
    """

    def __init__(
        self, app: str, environment: dict[str, str], log: Path, core: int | None = None, *, is_fresh: bool = False,
        processes: int = 1,
    ) -> None:  # fmt: skip
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(
            site_parts("127.0.0.1", self.port, app, {}, processes)[0],
            environment,
            log,
            core,
            is_fresh=is_fresh,
        )

    def wait_until_ready(self, path: str = "/healthz") -> None:
        """Wait for the first 200. Raises WebDidNotStart."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers(path):
            if self.has_ended or time.monotonic() > deadline:
                raise WebDidNotStart(self.last_lines())
            time.sleep(POLL_SECONDS)

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
