"""Somebody who may study, and a player that talks to the house through HTTP as the real one does."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from lms.app.invariants import ALL_INVARIANTS
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.courses.queries import lessons
from lms.plans.policy import PlanFacts
from lms.study import queries, service
from lms.study.invariants import INVARIANTS
from lms.study.policy.credit import LETTERS
from tests.factories.plans import a_course, a_plan, an_approved_trainee
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

INTERVAL = 10
PRESENCE = 60
ANSWER = 30
BEAT = "/api/v1/study/beat"


def page_data(page: str) -> dict[str, Any]:
    """Return what the player's script reads from its page."""
    found = re.search(r'<script type="application/json" id="study-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def ask_session(browser: Browser, plan_id: str) -> TestResponse:
    """Ask for a session as the page's script does."""
    headers = {"X-CSRFToken": browser._token, "Accept": "application/json"}
    return browser.client.post(f"/study/{plan_id}/sessions", json={}, headers=headers)


@dataclass
class Player:
    """One device of one person."""

    browser: Browser
    plan: PlanFacts
    lesson_ids: list[str]
    clock: ClockControl
    runtime: Runtime
    lease: str = ""
    session_id: str = ""
    seq: int = 0
    nonce: str = ""
    at_ms: int = 0
    lesson: int = 0
    last: dict[str, Any] = field(default_factory=dict)

    def open(self) -> TestResponse:
        """Open a session on this device."""
        reply = ask_session(self.browser, self.plan.id)
        if reply.status_code == 201:
            told = reply.get_json()
            self.lease, self.nonce, self.seq, self.last = told["lease"], told["next"], told["seq"], told
            self.session_id = self.runtime.vault.read_lease(service.LEASE, self.lease)["s"]
        return reply

    def send(self, **changes: Any) -> TestResponse:
        """Send a beat as it stands, without waiting and without moving on."""
        body = {
            "lease": self.lease, "seq": self.seq + 1, "nonce": self.nonce, "lesson_id": self.lesson_ids[self.lesson],
            "from_ms": self.at_ms, "to_ms": self.at_ms + INTERVAL * 1000, "playing": True, "visible": True,
        }  # fmt: skip
        return self.browser.post_json(BEAT, body | changes)

    def beat(self, seconds: float = INTERVAL, *, wait: float | None = None, **changes: Any) -> dict[str, Any]:
        """Play on for some seconds and report it; `wait` is how long that takes by the server's clock."""
        self.clock.advance(seconds if wait is None else wait)
        reply = self.send(**{"to_ms": self.at_ms + int(seconds * 1000)} | changes)
        assert reply.status_code == 200, reply.text
        self.last = reply.get_json()
        self.at_ms += int(seconds * 1000)
        self.seq, self.nonce = self.last["seq"], self.last["next"]
        return self.last

    def choice(self, *, right: bool = True) -> str:
        """Return the right letter of the raised check, or a wrong one."""
        with self.runtime.read() as uow:
            raised = queries.open_check(uow, self.session_id)
            assert raised is not None
            letter = service.question(uow, raised).right
        return letter if right else LETTERS[(LETTERS.index(letter) + 1) % len(LETTERS)]

    def tries(self) -> int:
        """Return how many wrong answers the raised check has."""
        with self.runtime.read() as uow:
            raised = queries.open_check(uow, self.session_id)
        return raised.tries if raised else 0

    def answer(self, *, right: bool = True, check_id: str = "") -> TestResponse:
        """Answer the raised check."""
        check_id = check_id or self.last["check"]["id"]
        body = {
            "lease": self.lease,
            "check_id": check_id,
            "choice": self.choice(right=right),
            "try": self.tries(),
        }
        return self.browser.post_json("/api/v1/study/presence", body)

    def study(self, seconds: int) -> dict[str, Any]:
        """Study honestly until the totals grew by so many seconds, answering every check."""
        wanted = self.last["counted"] + self.last["pending"] + seconds
        while self.last["counted"] + self.last["pending"] < wanted:
            left = wanted - self.last["counted"] - self.last["pending"]
            self.beat(min(INTERVAL, left))
            if self.last["check"]:
                told = self.answer().get_json()
                self.last |= {key: told[key] for key in ("counted", "pending")}
        return self.last


@dataclass
class StudyHouse:
    """A plan with short times, and makers of players."""

    runtime: Runtime
    people: People
    clock: ClockControl
    plan: PlanFacts
    lesson_ids: list[str]
    signed_in: Callable[[KnownPerson], Browser]

    def trainee(self) -> tuple[KnownPerson, str]:
        """Return somebody whose study stage is open, and the application."""
        person, application = an_approved_trainee(self.runtime, self.people, self.plan)
        return person, application.id

    def player(self, person: KnownPerson | None = None) -> Player:
        """Return a device of a person that has an open session."""
        player = Player(
            self.signed_in(person or self.trainee()[0]), self.plan, self.lesson_ids, self.clock, self.runtime
        )
        reply = player.open()
        assert reply.status_code == 201, reply.text
        return player

    def counted(self, person_id: str) -> tuple[int, int]:
        """Return (counted, pending) as committed."""
        with self.runtime.read() as uow:
            row = queries.totals(uow, person_id, self.plan.id)
        return (row.counted_seconds, row.pending_seconds) if row else (0, 0)


@pytest.fixture
def house_with(
    runtime: Runtime, people: People, clock: ClockControl, signed_in: Callable[[KnownPerson], Browser]
) -> Any:
    """Make the house with other rules in its plan; its invariants hold to the end."""

    def build(**changes: Any) -> StudyHouse:
        rules = {
            "required_study_seconds": 180, "beat_interval_seconds": INTERVAL, "presence_min_seconds": PRESENCE,
            "presence_max_seconds": PRESENCE, "presence_answer_seconds": ANSWER,
        }  # fmt: skip
        course = changes.pop("course", None)
        if course is not None:
            changes["course_id"] = a_course(runtime, code="own", **course)
        plan = a_plan(runtime, people, **rules | changes)
        assert plan.course_id is not None
        with runtime.read() as uow:
            lesson_ids = [lesson.id for lesson in lessons(uow, plan.course_id)]
        return StudyHouse(runtime, people, clock, plan, lesson_ids, signed_in)

    yield build
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}
        others = [one for one in ALL_INVARIANTS if one.id.startswith("A")]
        assert check(uow, others) == {}


@pytest.fixture
def house(house_with: Callable[..., StudyHouse]) -> StudyHouse:
    """A plan of 180 seconds with a beat every ten and a check every sixty."""
    return house_with()
