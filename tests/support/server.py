"""A real site for journeys: Redis, web, worker and scheduler as their own processes, in a folder of its own.

Nothing is patched. The site is started by the supervisor that operators use, with production's flags,
and is told what differs by its environment alone. Journeys reach it through HTTP and the operator's commands.
"""

import base64
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from lms.app.house import build_runtime
from lms.app.invariants import ALL_INVARIANTS
from lms.core.invariants import Rows, check
from lms.core.settings import ROOT, Settings
from tests.support.nursery import Forked, fork
from tests.support.plain import NO_CERTIFICATES
from tests.support.seals import seal_dir
from tests.support.web import free_port

START_SECONDS = 60.0
STOP_SECONDS = 40.0
"""Longer than the supervisor's own longest way down: web, then worker and scheduler, then Redis."""
COMMAND_SECONDS = 60.0


VERBS = ("--app", "wsgi", "lms")


@dataclass(frozen=True)
class Done:
    """How a command ended, and all that it said."""

    status: int
    said: str


class SiteDidNotStart(RuntimeError):
    """The site was not ready in time; the message holds its last lines."""


class Clock:
    """The site's clock, moved through the test offset that all its processes read. It only goes forward."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset_ms = 0

    def now(self) -> datetime:
        """Return what the site takes for the present, to a few milliseconds."""
        return datetime.now(UTC) + timedelta(milliseconds=self._offset_ms)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds < 0:
            raise ValueError("time does not run backwards for a site that is up")
        self._offset_ms += round(seconds * 1000)
        # Renamed into place, so that no process meets half a number.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self._offset_ms))
        fresh.replace(self._file)

    def advance_to(self, moment: datetime) -> None:
        """Move the clock to a moment ahead; it ticks on from there."""
        self.advance(max(0.0, (moment - self.now()).total_seconds()))


class LiveSite:
    """A running site. Close it with `stop`; every process it started is gone then."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock = Clock(folder / "clock-offset")
        self.log = folder / "site.log"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("LMS_", "REDIS_", "FLASK_"))
            },
            "LMS_ENV": "test",
            "LMS_INSTANCE_DIR": str(folder),
            "LMS_DATABASE_URL": database_url or f"sqlite:///{folder / 'site.db'}",
            "LMS_BASE_URL": self.url,
            "LMS_CLOCK_OFFSET_FILE": str(folder / "clock-offset"),
            "LMS_SECRET_KEY": secrets.token_urlsafe(48),
            "LMS_FIELD_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "LMS_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "LMS_SEAL_DIR": str(seal_dir()),
            "PYTHONUTF8": "1",
        }
        self.visitors = ExitStack()
        """Closes the browsers of everybody who came."""
        self._supervisor: Forked | None = None

    def start(self) -> None:
        """Start all processes and wait until pages are served. Raises SiteDidNotStart."""
        self._supervisor = fork(
            "lms.app.supervisor",
            ["--host", "127.0.0.1", "--port", str(self.port)],
            self.environment,
            self.log,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SiteDidNotStart(self.last_lines())
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask the supervisor to stop everything in order, wait, and use force only on what is left."""
        self.visitors.close()
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        if supervisor.poll() is None:
            os.kill(supervisor.pid, signal.SIGTERM)
        try:
            supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # Its children ask to be told of their parent's death, so they end too.
            os.kill(supervisor.pid, signal.SIGKILL)
            supervisor.wait(STOP_SECONDS)

    def command(self, *arguments: str) -> Done:
        """Run one of the operator's verbs, `flask --app wsgi lms …`."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix="command-") as said:
            program = fork("flask", [*VERBS, *arguments], self.environment, Path(said.name))
            status = program.wait(COMMAND_SECONDS)
            return Done(status, said.read().decode())

    def dialogue(self, *arguments: str, typed: str) -> Done:
        """Run a verb that asks its operator; `typed` is what he types."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *VERBS, *arguments], cwd=ROOT, env=self.environment, input=typed,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout)

    def settings(self) -> Settings:
        """Return the site's own settings, for what is done beside it in this process; no job is woken from here."""
        own = self.environment
        return Settings(
            env="test", instance_dir=self.folder, database_url=own["LMS_DATABASE_URL"], base_url=self.url,
            secret_key=own["LMS_SECRET_KEY"], field_key=own["LMS_FIELD_KEY"], index_key=own["LMS_INDEX_KEY"],
            clock_offset_file=self.folder / "clock-offset", redis_url="redis://127.0.0.1:1/0", seal_dir=seal_dir(),
        )  # fmt: skip

    def broken_invariants(self) -> dict[str, Rows]:
        """Run what `check-invariants` runs, without the seconds that a process of its own takes to start."""
        runtime = build_runtime(self.settings())[0]
        try:
            with runtime.read() as uow:
                return check(uow, ALL_INVARIANTS)
        finally:
            runtime.database.dispose()

    def last_lines(self, count: int = 40) -> str:
        """Return the last lines that the site's processes have said."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def troubles(self) -> list[str]:
        """Return the lines of the log that tell of a program's own fault: a traceback or a process that died."""
        marks = ("Traceback (most recent call last)", "ERROR ", "ended with")
        return [
            line
            for line in self.log.read_text(errors="replace").splitlines()
            if any(m in line for m in marks)
        ]

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2, verify=NO_CERTIFICATES).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def running_site(folder: Path, database_url: str = "") -> Iterator[LiveSite]:
    """Make the schema by the operator's command, run the site, and stop it whatever happens."""
    site = LiveSite(folder, database_url)
    done = site.command("migrate")
    if done.status:
        raise SiteDidNotStart(done.said)
    site.start()
    try:
        yield site
    finally:
        site.stop()
