"""Candidates by the hundred, in the waiting room of one exam: as many rows as in life, and their browsers.

One of them came by the services. The others are copies of his rows with keys, names and logins of their own; their
papers are drawn one by one, by the job that draws them in life.
"""

import asyncio
import html
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from lms.accounts import service as accounts
from lms.core.actors import Actor
from lms.core.bulk import insert_rows
from lms.core.clock import to_ms
from lms.core.unit_of_work import Runtime
from lms.exam.jobs.attempts import prepare_paper
from lms.exam.models.attempts import AnswerRevision
from lms.exam.queries import questions_of
from lms.exam.service import answers, attempts
from lms.questions.service import ensure_blueprint
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType
from tests.bench.browsers import Browser, Complaint, Reply, expect
from tests.bench.cookies import cookie_maker
from tests.bench.population import POSTGRESQL, SQLITE, copy_rows, settle
from tests.bench.rig import House
from tests.factories.large_bank import a_large_bank
from tests.factories.plans import OPERATOR
from tests.support.crowd import Crowd
from tests.support.people import PASSWORD

BANK = 3_000
QUESTIONS = 60
BLUEPRINT = Blueprint(
    title="六十题卷",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 30, 2 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 10, 2 * POINT, partial_credit=True),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 20, POINT),
    ),
)
RIGHT_SHARE = 0.9
OPTIONS = 30 * 4 + 10 * 4 + 20 * 2
_SIGNED = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
_LEASE = re.compile(rb'name="lease" value="([^"]+)"')
_QUESTION = b'<section class="panel" id="q'
_OPTION = re.compile(rb'<input class="form-check-input" type="\w+" name="q(\d+)" value="(\w+)"')


@dataclass
class Candidate:
    """Somebody who waits for his exam, or sits it, and what his browser knows."""

    person_id: str
    login_name: str
    plan_id: str
    browser: Browser
    csrf: str = ""
    lease: str = ""
    attempt_id: str = ""
    page: bytes = b""
    choices: dict[int, list[str]] = field(default_factory=dict)
    """The option ids of each question, in the order of the page."""
    due_points: int = 0
    """What the stored answers earn, in hundredths."""
    revisions: dict[int, int] = field(default_factory=dict)
    acknowledged: dict[tuple[int, int], str] = field(default_factory=dict)

    async def enter_waiting_room(self) -> float:
        """Open the page that waits: its form can be sent from then on."""
        reply = expect(await self.browser.get(f"/exam/{self.plan_id}"), 200)
        self.csrf = _csrf_of(reply)
        return reply.ms

    async def start(self) -> float:
        """Press the button and wait for the page with the questions; return how long both took."""
        sent = await self.browser.form(f"/exam/{self.plan_id}/start", {"csrf_token": self.csrf})
        address = expect(sent, 303).header("Location")
        reply = expect(await self.browser.get(address), 200)
        self.attempt_id = address.rpartition("/")[2]
        self.page = reply.body
        return sent.ms + reply.ms

    def look(self) -> int:
        """Read what the page says; return how many questions and options it lacks, or has too many."""
        found = _LEASE.search(self.page)
        self.lease = html.unescape(found[1].decode()) if found else ""
        self.choices = {}
        for position, option in _OPTION.findall(self.page):
            self.choices.setdefault(int(position), []).append(option.decode())
        shown = sum(len(some) for some in self.choices.values())
        wrong = abs(QUESTIONS - self.page.count(_QUESTION)) + abs(OPTIONS - shown)
        return wrong + (not self.lease) + (b"</html>" not in self.page)

    async def save(self, position: int, chosen: Sequence[str]) -> float:
        """Save an answer as the page does, and remember that it was acknowledged."""
        revision = self.revisions[position] = self.revisions.get(position, 0) + 1
        body = {"lease": self.lease, "position": position, "revision": revision, "choice": list(chosen)}
        reply = expect(await self.browser.json("/api/v1/exam/answer", body), 200)
        self.acknowledged[position, revision] = ",".join(sorted(chosen))
        return reply.ms

    async def visit(self) -> float:
        """Say that the page is there and ask how things stand."""
        body = {"lease": self.lease, "away": [], "read": []}
        return expect(await self.browser.json("/api/v1/exam/visit", body), 200).ms

    async def ask_clock(self) -> float:
        """Ask for the remaining time."""
        return expect(await self.browser.get(f"/api/v1/exam/attempts/{self.attempt_id}/clock"), 200).ms

    async def hand_in(self) -> float:
        """Hand in; the reply comes when the attempt is graded."""
        reply = expect(await self.browser.json("/api/v1/exam/submit", {"lease": self.lease}), 200)
        if not json.loads(reply.body)["submitted"]:
            raise Complaint("not handed in")
        return reply.ms

    async def sign_in(self) -> float:
        """Come in with name and password in a fresh browser, as far as the page that follows."""
        page = expect(await self.browser.get("/sign-in"), 200)
        sent = await self.browser.form(
            "/sign-in", {"csrf_token": _csrf_of(page), "login_name": self.login_name, "password": PASSWORD}
        )
        expect(sent, 302)
        return page.ms + sent.ms


class Hall:
    """A house with one exam that is open, and candidates who are taken from it one after the other."""

    def __init__(self, house: House, port: int, count: int) -> None:
        self.runtime: Runtime = house.runtime
        self._port = port
        crowd = Crowd(house.runtime, 1, studies=False, exam_blueprint=_a_bank)
        assert crowd.exam_plan is not None
        self.plan_id = crowd.exam_plan.id
        self._people = _multiply(house.runtime, crowd.members[0].person.id, count)
        settle(house.runtime)
        self._cookies = _sign_in(house, self._people)
        self._taken = 0

    def draw_papers(self, candidates: Sequence[Candidate]) -> None:
        """Do for each what the worker does when he becomes eligible: draw his paper and keep it."""
        for one in candidates:
            prepare_paper(self.runtime, person_id=one.person_id, plan_id=one.plan_id)

    def sit_down(self, candidates: Sequence[Candidate]) -> None:
        """Let candidates start without HTTP: they hold leases and know their questions."""
        with self.runtime.read() as uow:
            sessions = dict(uow.session.execute(text("SELECT person_id, id FROM login_session")).all())
        for one in candidates:
            actor = Actor(one.person_id, f"person:{one.person_id}", (), sessions[one.person_id])
            with self.runtime.write() as uow:
                one.attempt_id = attempts.start(uow, actor, self.plan_id)
                questions = questions_of(uow, one.attempt_id)
            one.lease = answers.give_lease(self.runtime.vault, one.attempt_id, sessions[one.person_id])
            one.choices = {each.position: [option.id for option in each.options] for each in questions}

    def answer_all(self, candidates: Sequence[Candidate]) -> None:
        """Store an answer to every question, nine of ten right, and note what they earn."""
        attempt_ids = {one.attempt_id: one for one in candidates}
        rows = []
        with self.runtime.write() as uow:
            now = to_ms(uow.now)
            for attempt_id, key in uow.session.execute(
                text("SELECT a.id, p.key FROM attempt a JOIN paper p ON p.id = a.paper_id")
            ):
                if (one := attempt_ids.get(attempt_id)) is None:
                    continue
                for entry in json.loads(key)["entries"]:
                    right, options = set(entry["correct"]), one.choices[entry["position"]]
                    is_right = random.random() < RIGHT_SHARE
                    chosen = right if is_right else {next(each for each in options if each not in right)}
                    one.due_points += entry["points"] if is_right else 0
                    rows.append((attempt_id, entry["position"], 1, ",".join(sorted(chosen)), now))
            insert_rows(uow.session, AnswerRevision, rows)

    def take(self, count: int) -> list[Candidate]:
        """Return so many candidates who have not been taken before, signed in."""
        some = self._people[self._taken : self._taken + count]
        if len(some) < count:
            raise ValueError("the hall is empty")
        self._taken += count
        return [self._candidate(person_id, login, signed_in=True) for person_id, login in some]

    def strangers(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the same people at browsers that do not know them."""
        return [self._candidate(one.person_id, one.login_name, signed_in=False) for one in candidates]

    def _candidate(self, person_id: str, login: str, *, signed_in: bool) -> Candidate:
        browser = Browser(self._port)
        if signed_in:
            name, value = self._cookies[person_id]
            browser.cookies[name] = value
        return Candidate(person_id, login, self.plan_id, browser)


async def fill_waiting_room(candidates: Sequence[Candidate], at_once: int = 16) -> None:
    """Let everybody open the waiting room's page before anything is measured. Raises Complaint."""
    waiting = list(candidates)

    async def come_in() -> None:
        while waiting:
            await waiting.pop().enter_waiting_room()

    await asyncio.gather(*(come_in() for _ in range(at_once)))


def incomplete(candidates: Sequence[Candidate]) -> int:
    """Count what the pages of those who started lack, and how many of them differ from the paper that is stored."""
    return sum(one.look() for one in candidates if one.page)


def unlike_stored(runtime: Runtime, candidates: Sequence[Candidate]) -> int:
    """Count started pages that do not show exactly the questions and options of the paper their attempt is bound to."""
    with runtime.read() as uow:
        rows = uow.session.execute(
            text("SELECT a.id, a.person_id, p.public FROM attempt a JOIN paper p ON p.id = a.paper_id")
        ).all()
    stored = {attempt_id: (person_id, json.loads(public)) for attempt_id, person_id, public in rows}
    return sum(not _is_same(one, stored.get(one.attempt_id)) for one in candidates if one.page)


def _is_same(candidate: Candidate, found: tuple[str, dict[str, Any]] | None) -> bool:
    if found is None or found[0] != candidate.person_id:
        return False
    bound = {row["position"]: [option["id"] for option in row["options"]] for row in found[1]["questions"]}
    return bound == candidate.choices


def _a_bank(runtime: Runtime) -> str:
    a_large_bank(runtime, BANK)
    with runtime.write() as uow:
        return ensure_blueprint(uow, OPERATOR, "sixty", "六十题卷", BLUEPRINT)


def _multiply(runtime: Runtime, seed: str, count: int) -> list[tuple[str, str]]:
    """Copy somebody who may sit; return ids and login names of the copies."""
    padded = (SQLITE if runtime.database.is_sqlite else POSTGRESQL).padded
    with runtime.read() as uow:
        application_id = uow.session.execute(
            text("SELECT id FROM application WHERE person_id = :person"), {"person": seed}
        ).scalar_one()
    own = {"person_id": f"'p' || {padded}", "id_number_index": f"'x' || {padded}"}
    copy_rows(
        runtime,
        {
            "person": ("id", {"id": f"'p' || {padded}", "login_name": f"'l' || {padded}"}),
            "profile": ("person_id", own),
            "application": ("person_id", {**own, "id": f"'a' || {padded}"}),
        },
        seed, 1, count,
    )  # fmt: skip
    stages = {"id": f"'s' || {padded} || s.position", "application_id": f"'a' || {padded}"}
    copy_rows(runtime, {"application_stage": ("application_id", stages)}, application_id, 1, count)
    return [(f"p{number:012}", f"l{number:012}") for number in range(1, count + 1)]


def _sign_in(house: House, people: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Open a login session for everybody; return the cookie that signing in would have set."""
    with house.runtime.write() as uow:
        tokens = {person_id: accounts.open_session(uow, person_id) for person_id, _login in people}
    cookie = cookie_maker(house)
    return {person_id: cookie(token) for person_id, token in tokens.items()}


def _csrf_of(reply: Reply) -> str:
    found = _SIGNED.search(reply.body)
    if found is None:
        raise Complaint("the page has no form to send")
    return (found[1] or found[2]).decode()
