"""The processes of a site, started as the supervisor starts them, each of which may be killed at any moment.

A keeper starts again what ended without being asked, as the supervisor does, and counts it: nothing here should.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import redis
from rq import Worker

from lms.app.supervisor.site import answers_ping, redis_part, redis_socket, site_parts
from tests.bench.rig import House
from tests.drills.wrong_host import OtherHost
from tests.support.nursery import ForkedProgram
from tests.support.program import Program
from tests.support.web import WebProcess

VICTIMS = ("web", "worker", "scheduler", "redis")
READY_SECONDS = 30.0
LOOK_SECONDS = 0.1


@dataclass
class Outage:
    """A time without a scheduler, in seconds since 1970; as long as `ended` is None it has not come back."""

    began: float
    ended: float | None = None


class Parts:
    """Redis, web, worker and scheduler of one house; `beside` runs the last two as on another host."""

    def __init__(self, house: House, beside: OtherHost | None = None) -> None:
        socket = redis_socket(house.folder)
        self.redis_url = f"unix://{socket}"
        self.house = replace(house, environment={**house.environment, "LMS_REDIS_URL": self.redis_url})
        self.web: WebProcess = self.house.web()
        server = redis_part(house.folder, socket)
        environment = self.house.environment
        self._programs: dict[str, Program] = {
            "redis": Program(server.command, environment, house.folder / "redis.out", server.folder or house.folder),
            "web": self.web,
        }  # fmt: skip
        host = beside or OtherHost("wsgi:app", {})
        for part in site_parts("127.0.0.1", self.web.port, host.app, environment):
            if part.name in {"worker", "scheduler"}:
                self._programs[part.name] = ForkedProgram(
                    part, {**environment, **host.environment}, house.folder / f"{part.name}.log",
                    is_fresh=beside is not None,
                )  # fmt: skip
        self.outages: list[Outage] = []
        """The times in which nobody swept, in order."""
        self.kills = dict.fromkeys(VICTIMS, 0)
        self.died: list[str] = []
        """Names of those that fell over by themselves."""
        self.relieved = 0
        """How often the worker ended in good order: it does after some hundred jobs, and when Redis has gone."""
        self._turn = threading.Lock()
        self._is_kept = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start all, Redis first, and wait until pages are served."""
        self._programs["redis"].start()
        _wait(lambda: answers_ping(self.redis_url), "Redis")
        for name in ("web", "worker", "scheduler"):
            self._programs[name].start()
        self.web.wait_until_ready()
        self._is_kept.set()
        self._keeper.start()

    def kill(self, name: str) -> float:
        """Kill a process and start it again at once; return the moment of the kill by the monotonic clock."""
        with self._turn:
            self._note_outage(name)
            self._programs[name].kill()
            killed = time.monotonic()
            self._programs[name].start()
            self.kills[name] += 1
        return killed

    def wait_until_all_work(self) -> None:
        """Wait until web, Redis and worker answer, and the scheduler runs. Raises TimeoutError."""
        self.web.wait_until_ready()
        _wait(lambda: answers_ping(self.redis_url), "Redis")
        connection = self.redis()
        try:
            _wait(
                lambda: (
                    self._programs["worker"].pid in {one.pid for one in Worker.all(connection=connection)}
                ),
                "the worker",
            )
        finally:
            connection.close()
        _wait(self._sweeps, "the scheduler")

    def redis(self) -> redis.Redis:
        """Return a connection to Redis; close it."""
        return redis.Redis.from_url(self.redis_url)

    def said(self, name: str) -> str:
        """Return the last lines of a process."""
        return self._programs[name].last_lines()

    def stop(self) -> None:
        """Stop all: web first, Redis last."""
        self._is_kept.clear()
        with self._turn:
            for name in ("web", "worker", "scheduler", "redis"):
                self._programs[name].stop()

    def _keep(self) -> None:
        while self._is_kept.is_set():
            with self._turn:
                for name, program in self._programs.items():
                    if self._is_kept.is_set() and program.has_ended:
                        if name == "worker" and program.status == 0:
                            self.relieved += 1
                        else:
                            self.died.append(name)
                        self._note_outage(name)
                        program.start()
                if self.outages and self.outages[-1].ended is None and self._sweeps():
                    self.outages[-1].ended = time.time()
            time.sleep(LOOK_SECONDS)

    def _note_outage(self, name: str) -> None:
        """Note that nobody sweeps from now on; a scheduler killed on its way back makes the same time longer."""
        if name == "scheduler" and not (self.outages and self.outages[-1].ended is None):
            self.outages.append(Outage(time.time()))

    def _sweeps(self) -> bool:
        """Tell whether the scheduler has reached its loop: the last thing it does before is to listen to SIGTERM."""
        try:
            status = Path(f"/proc/{self._programs['scheduler'].pid}/status").read_text()
        except OSError:
            return False
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


@contextmanager
def running_parts(house: House, beside: OtherHost | None = None) -> Iterator[Parts]:
    """Start the processes of a house and stop them whatever happens."""
    parts = Parts(house, beside)
    try:
        parts.start()
        yield parts
    finally:
        parts.stop()


def _wait(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come back within {READY_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
