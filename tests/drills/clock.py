"""The drill `clock`: no client's clock counts, and hosts whose clocks differ judge the same deadlines (A12, P1)."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import httpx
from sqlalchemy import text

from lms.core.unit_of_work import Runtime
from lms.exam.policy.attempts import GRACE
from tests.bench.rig import House, fresh_house
from tests.drills.delivered import PROMISED_MS, wait_until_idle
from tests.drills.invariants import broken_invariants
from tests.drills.line import Line, Reply
from tests.drills.parts import Parts, running_parts
from tests.drills.sitting import ANSWER, OVER, SUBMIT
from tests.drills.wrong_host import WrongHost
from tests.support.cookies import SignedCookies
from tests.support.crowd import Crowd, exam_takes
from tests.support.people import KnownPerson
from tests.support.plain import NO_CERTIFICATES
from tests.support.web import WebProcess

WRONG_SECONDS = (600.0, -600.0)
"""By how much the clock of the other host is wrong: ten minutes each way."""
CLIENT_SECONDS = (86_400.0, -86_400.0)
"""By how much the clocks of candidates are wrong: a day each way."""
STARTS = 20
JUDGED = 4
"""Attempts whose last moments are watched, for each way of the wrong clock."""
EXAM_SECONDS, LONG_EXAM_SECONDS = 3, 600
ALLOWED_MS = 1000
REST_SECONDS = 0.02
SETTLING_SECONDS = 6.0
"""Longer than a clock goes without asking its database."""
VISIT, MARK = "/api/v1/exam/visit", "/api/v1/exam/mark"
BARS = ("moved", "turned_away", "violations")
DAY_MS = 86_400_000
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Drift:
    """How far the hosts are apart, in milliseconds: the worst that was seen."""

    deadlines: int = 0
    """Of a stored deadline from the database's time of its start."""
    told: int = 0
    """Between the remaining times that two hosts tell of one attempt at one moment."""
    judged: int = 0
    """Of the last answer taken, or the first refused, from the deadline and its grace."""
    closed: int = 0
    """Of a sheet that nobody handed in, beyond the promised time after its deadline."""

    @property
    def worst(self) -> int:
        """The worst of all."""
        return max(self.deadlines, self.told, self.judged, self.closed)


@dataclass(frozen=True)
class Measure:
    """How much of it: for each way in which the host is wrong."""

    starts: int
    judged: int
    exam_seconds: int
    settling_seconds: float


@dataclass(frozen=True)
class Sitter:
    """Somebody who may sit, with his page's headers."""

    person_id: str
    headers: Mapping[str, str]


class DatabaseTime:
    """The database's clock as this process reads it, to a few milliseconds."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def now_ms(self) -> int:
        """Return the database's present moment."""
        return self._runtime.database.time_ms()


@dataclass
class Clocks:
    """The drill on a running house."""

    house: House
    plan_id: str
    sitters: list[Sitter]
    complaints: list[str] = field(default_factory=list)
    drift: Drift = field(default_factory=Drift)
    moved: int = 0
    starts: int = 0
    answers: int = 0

    def __post_init__(self) -> None:
        self._time = DatabaseTime(self.house.runtime)
        self._done = threading.Event()

    def line(self, port: int) -> Line:
        """Return a connection to a host."""
        return Line(port, self._done, complaints=self.complaints)

    # ---- clients whose clocks are wrong ------------------------------------------------------

    def clients(self, port: int) -> None:
        """Let people sit whose devices are a day ahead or behind, and say so wherever something can be said."""
        line = self.line(port)
        for wrong in (0.0, *CLIENT_SECONDS):
            self._client(line, self.sitters.pop(), wrong)
        line.drop()

    def _client(self, line: Line, sitter: Sitter, wrong: float) -> None:
        lies, headers = _lies(wrong), {**sitter.headers, **_lying_headers(wrong)}
        before = self._time.now_ms()
        begun = line.send(f"/api/v1/exam/plans/{self.plan_id}/attempts", lies, headers)
        after = self._time.now_ms()
        if not self._is(begun, 201, "start"):
            return
        told = begun.told
        attempt = self._attempt(told["attempt_id"])
        length = attempt["duration_seconds"] * 1000
        self._expect(_lies_in(attempt["started_at"], before, after), f"started outside the request: {wrong}")
        self._expect(attempt["deadline_at"] == attempt["started_at"] + length, f"another deadline: {wrong}")
        choice = told["questions"][0]["options"][0]["id"]
        body = {"lease": told["lease"], "position": 1, "revision": 1}
        self._in_between(line, ANSWER, {**lies, **body, "choice": [choice]}, headers, "answer")
        self._in_between(line, MARK, {**lies, **body, "marked": True}, headers, "mark")
        ago = min(abs(round(wrong * 1000)), DAY_MS)
        visit = {"lease": told["lease"], "away": [[1, ago, round(abs(wrong))], [2, ago, None]], "read": []}
        self._is(line.send(VISIT, {**lies, **visit}, headers), 200, "visit")
        door = line.send(f"/api/v1/exam/attempts/{told['attempt_id']}/clock", None, headers, "GET")
        if self._is(door, 200, "clock"):
            left = attempt["deadline_at"] - door.told["server_ms"]
            self._expect(
                abs(door.told["remaining_ms"] - left) <= ALLOWED_MS, f"another time is left: {wrong}"
            )
        self._expect(self._attempt(told["attempt_id"]) == attempt, f"something moved the attempt: {wrong}")
        handed = line.send(SUBMIT, {**lies, "lease": told["lease"]}, headers)
        self._is(handed, 200, "hand-in")
        closed = self._attempt(told["attempt_id"])
        self._expect(
            _lies_in(closed["closed_at"], before, self._time.now_ms()), f"closed at another time: {wrong}"
        )
        self._expect(closed["is_timed_out"] in (0, False), f"closed as late: {wrong}")
        self._expect(
            self._sightings_fit(closed), f"the page was left before the exam or in the future: {wrong}"
        )

    def _in_between(
        self, line: Line, path: str, body: Mapping[str, Any], headers: Mapping[str, str], what: str
    ) -> None:
        before = self._time.now_ms()
        reply = line.send(path, body, headers)
        after = self._time.now_ms()
        if self._is(reply, 200, what):
            self.answers += 1
            self._expect(_lies_in(reply.told["received_ms"], before, after), f"{what} came at another time")

    def _sightings_fit(self, attempt: Mapping[str, Any]) -> bool:
        with self.house.runtime.read() as uow:
            rows = uow.session.execute(
                text("SELECT at, seconds FROM exam_sighting WHERE attempt_id = :id"), {"id": attempt["id"]}
            ).all()
        return all(
            attempt["started_at"] <= row.at <= attempt["closed_at"]
            and row.seconds * 1000 <= attempt["closed_at"] - attempt["started_at"]
            for row in rows
        )

    # ---- hosts whose clocks are wrong --------------------------------------------------------

    def hosts(self, right: int, wrong: int, starts: int) -> None:
        """Start attempts at both hosts in turn and ask both how much time is left."""
        lines = [self.line(right), self.line(wrong)]
        for number in range(starts):
            sitter = self.sitters.pop()
            before = self._time.now_ms()
            begun = lines[number % 2].send(
                f"/api/v1/exam/plans/{self.plan_id}/attempts", None, sitter.headers
            )
            after = self._time.now_ms()
            self.starts += 1
            if not self._is(begun, 201, "start"):
                continue
            attempt = self._attempt(begun.told["attempt_id"])
            began = attempt["deadline_at"] - attempt["duration_seconds"] * 1000
            self.drift.deadlines = max(self.drift.deadlines, before - began, began - after)
            path = f"/api/v1/exam/attempts/{attempt['id']}/clock"
            ends = []
            for line in lines:
                asked = time.monotonic()
                reply = line.send(path, None, sitter.headers, "GET")
                if self._is(reply, 200, "clock"):
                    ends.append((asked + time.monotonic()) * 500 + reply.told["remaining_ms"])
            if len(ends) == len(lines):
                self.drift.told = max(self.drift.told, round(abs(ends[0] - ends[1])))
            # Whoever has no attempt left to lose hands in at the other host than he started at.
            self._is(lines[1 - number % 2].send(SUBMIT, {"lease": begun.told["lease"]}), 200, "hand-in")
        for line in lines:
            line.drop()

    def last_moments(self, right: int, wrong: int, watched: int) -> None:
        """Save at both hosts until both refuse; nobody hands in, so that the wrong host's sweeper has to close."""
        threads = [
            threading.Thread(target=self._watch, args=(self.sitters.pop(), (right, wrong)))
            for _ in range(watched)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _watch(self, sitter: Sitter, ports: tuple[int, int]) -> None:
        lines = [self.line(port) for port in ports]
        begun = lines[random.randrange(2)].send(
            f"/api/v1/exam/plans/{self.plan_id}/attempts", None, sitter.headers
        )
        if not self._is(begun, 201, "start"):
            return
        told = begun.told
        last = self._attempt(told["attempt_id"])["deadline_at"] + round(GRACE.total_seconds() * 1000)
        options = [one["id"] for one in told["questions"][0]["options"]]
        revision, refused = 0, [False, False]
        while not all(refused):
            revision += 1
            for number, line in enumerate(lines):
                body = {
                    "lease": told["lease"], "position": number + 1, "revision": revision,
                    "choice": [told["questions"][number]["options"][revision % len(options)]["id"]],
                }  # fmt: skip
                before = self._time.now_ms()
                reply = line.send(ANSWER, body)
                after = self._time.now_ms()
                if reply is not None and reply.status == 200:
                    self.answers += 1
                    # Taken, so it cannot have been sent after the last moment; refused, so not answered before it.
                    self.drift.judged = max(self.drift.judged, before - last)
                    self._expect(not refused[number], "an answer was taken after one was refused")
                elif reply is not None and reply.code in OVER:
                    refused[number] = True
                    self.drift.judged = max(self.drift.judged, last - after)
                else:
                    self._is(reply, 200, "answer")
                    return
            time.sleep(REST_SECONDS)
        deadline = self._attempt(told["attempt_id"])["deadline_at"]
        while self._attempt(told["attempt_id"])["closed_at"] is None:
            if self._time.now_ms() > deadline + 10 * PROMISED_MS:
                break
            time.sleep(REST_SECONDS)
        self.drift.closed = max(self.drift.closed, self._time.now_ms() - deadline - PROMISED_MS)
        for line in lines:
            line.drop()

    def sign_in(self, person: KnownPerson, first: str, second: str) -> None:
        """Sign in through the form of one host and go on at the other."""
        with httpx.Client(timeout=30, verify=NO_CERTIFICATES) as browser:
            token = _TOKEN.search(browser.get(f"{first}/sign-in").text)
            assert token is not None
            typed = {"csrf_token": token[1], "login_name": person.login_name, "password": person.password}
            browser.post(f"{first}/sign-in", data=typed, headers={"Referer": f"{first}/sign-in"})
            for site in (first, second):
                page = browser.get(f"{site}/home")
                if page.status_code != 200:
                    self.complaints.append(f"signed in at {first}, at {site} {page.status_code}")

    # ---- small things --------------------------------------------------------------------------

    def _attempt(self, attempt_id: str) -> Mapping[str, Any]:
        with self.house.runtime.read() as uow:
            row = uow.session.execute(
                text(
                    "SELECT id, state, started_at, duration_seconds, deadline_at, closed_at, is_timed_out"
                    " FROM attempt WHERE id = :id"
                ),
                {"id": attempt_id},
            ).one()
        return dict(row._mapping)

    def _is(self, reply: Reply | None, status: int, what: str) -> bool:
        if reply is not None and reply.status == status:
            return True
        said = "no reply" if reply is None else f"{reply.status} {str(reply.told)[:300]}"
        self.complaints.append(f"{what} -> {said}")
        return False

    def _expect(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.moved += 1
            self.complaints.append(otherwise)


def clock(
    database: str, starts: int = STARTS, judged: int = JUDGED, exam_seconds: int = EXAM_SECONDS,
    settling_seconds: float = SETTLING_SECONDS, tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Run the drill on a fresh site and return what the JSON line says."""
    hosts = database == "postgresql"
    people = 2 * len(CLIENT_SECONDS) + 2 + (len(WRONG_SECONDS) * (starts + judged + 1) if hosts else 0)
    with fresh_house(database) as house:
        crowd = Crowd(house.runtime, people, studies=False)
        assert crowd.exam_plan is not None
        cookies = SignedCookies(house.settings)
        sitters = [Sitter(one.person.id, cookies.headers(one.token)) for one in crowd.members]
        run = Clocks(house, crowd.exam_plan.id, sitters)
        known = [crowd.members[number].person for number in range(len(WRONG_SECONDS))]
        other = WrongHost(house.folder, WRONG_SECONDS[0]) if hosts else None
        with running_parts(house, other.host if other else None) as parts:
            run.clients(parts.web.port)
            tell(f"  candidates a day ahead and behind: {run.moved} moments moved")
            if other:
                _hosts(
                    run, parts, other, known, Measure(starts, judged, exam_seconds, settling_seconds), tell
                )
            else:
                tell("  one machine, one clock: on SQLite there is no other host to compare with")
            wait_until_idle(house.runtime)
        violations = broken_invariants(house, tell)
    for complaint in run.complaints[:5]:
        tell(f"  {complaint}")
    return {
        "drill": "clock", "database": database, "runs": len(WRONG_SECONDS) if hosts else 0,
        "clients_wrong_s": list(CLIENT_SECONDS), "hosts_wrong_s": list(WRONG_SECONDS) if hosts else [],
        "starts": run.starts, "acknowledged": run.answers, "deadline_drift_ms": run.drift.deadlines,
        "told_drift_ms": run.drift.told, "judged_drift_ms": run.drift.judged, "closed_late_ms": run.drift.closed,
        "moved": run.moved, "turned_away": len(run.complaints) - run.moved, "violations": violations,
    }  # fmt: skip


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a drill's promise was broken."""
    drift = ("deadline_drift_ms", "told_drift_ms", "judged_drift_ms", "closed_late_ms")
    return any(result[name] for name in BARS) or any(result[name] > ALLOWED_MS for name in drift)


def _hosts(
    run: Clocks, parts: Parts, wrong: WrongHost, known: Sequence[KnownPerson], measure: Measure,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    environment = {**parts.house.environment, **wrong.host.environment}
    other = WebProcess(wrong.host.app, environment, run.house.folder / "wrong-web.log", is_fresh=True)
    other.start()
    try:
        other.wait_until_ready()
        for person, seconds in zip(known, WRONG_SECONDS, strict=True):
            # The first one the host has had since it started; to the others its clock is set while it serves.
            wrong.set(seconds)
            exam_takes(run.house.runtime, run.plan_id, LONG_EXAM_SECONDS)
            run.hosts(parts.web.port, other.port, measure.starts)
            time.sleep(measure.settling_seconds)  # by now the host has asked the database again
            run.hosts(parts.web.port, other.port, 1)
            exam_takes(run.house.runtime, run.plan_id, measure.exam_seconds)
            run.last_moments(parts.web.port, other.port, measure.judged)
            for first, second in ((other.url, parts.web.url), (parts.web.url, other.url)):
                run.sign_in(person, first, second)
            tell(f"  host wrong by {seconds:+.0f} s: {run.drift}")
    finally:
        other.stop()


def _lies_in(moment: int, before: int, after: int) -> bool:
    """Tell whether a moment lies between two of the database; a host knows that clock to some milliseconds only."""
    return before - ALLOWED_MS <= moment <= after + ALLOWED_MS


def _lies(wrong: float) -> dict[str, Any]:
    """Return what a client might say of the time in the body of a request."""
    said = round((time.time() + wrong) * 1000)
    names = (
        "now", "ts", "time", "timestamp", "client_ms", "arrived_ms", "received_ms", "received_at", "started_at",
        "deadline_at", "closed_at", "server_ms",
    )  # fmt: skip
    return {
        **dict.fromkeys(names, said), "remaining_ms": round(wrong * 1000), "duration_seconds": round(wrong),
        "granted_seconds": round(wrong), "time_spent": round(wrong), "timeup": True,
    }  # fmt: skip


def _lying_headers(wrong: float) -> dict[str, str]:
    said = time.time() + wrong
    names = ("Date", "If-Modified-Since", "If-Unmodified-Since", "Last-Modified", "Expires")
    numbers = ("X-Client-Time", "X-Timestamp", "X-Request-Start", "X-Arrived", "Age")
    return {
        **dict.fromkeys(names, formatdate(said, usegmt=True)),
        **dict.fromkeys(numbers, str(round(said * 1000))),
    }
