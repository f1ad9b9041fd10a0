"""The rehearsal: the exam's page, open at any time to anybody, and no trace of it anywhere."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect, text

from lms.core.unit_of_work import Runtime
from lms.exam.jobs.rehearsals import forget_rehearsals
from lms.exam.policy.attempts import REVISION_MAX
from lms.exam.policy.rehearsals import QUESTION_COUNT, paper_of
from question_bank.items import FULL_MARK, ItemType
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_races import at_once
from tests.exam.test_views import STEM
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
SAVE, MARK, SUBMIT = (f"/api/v1/exam/rehearsal/{name}" for name in ("answer", "mark", "submit"))


class Rehearsing:
    """Somebody at his rehearsal."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.address = browser.post("/exam/rehearsal").location
        self.id = self.address.rsplit("/", 1)[1]
        self.page = browser.get(self.address).text
        found = re.search(r'name="lease" value="([^"]+)"', self.page)
        assert found is not None
        self.lease = found[1]
        self.paper = paper_of(self.id)

    def send(self, url: str, **body: Any) -> Any:
        return self.browser.client.post(url, json={"lease": self.lease, **body})

    def right(self, position: int) -> dict[str, Any]:
        entry = self.paper.key.entries[position - 1]
        return {"written": "6"} if entry.blank else {"choice": sorted(entry.correct)}


def everything(runtime: Runtime) -> dict[str, int]:
    """How many rows each table holds."""
    with runtime.read() as uow:
        names = inspect(uow.session.connection()).get_table_names()
        return {name: uow.session.scalar(text(f"SELECT COUNT(*) FROM {name}")) or 0 for name in names}


def test_a_rehearsal_leaves_a_trace_nowhere(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    before = everything(house.runtime)
    own = Rehearsing(browser)
    assert not STEM.search(own.page), "no question of the bank"
    for position in range(1, QUESTION_COUNT + 1):
        assert own.send(SAVE, position=position, revision=1, **own.right(position)).status_code == 200
    assert own.send(MARK, position=2, revision=1, marked=True).status_code == 200
    assert own.send(SUBMIT).get_json()["submitted"] is True
    result = browser.get(f"{own.address}/result").text
    assert "答对 6 题" in result
    assert "您选的" not in result
    for url in ("/home", f"/exam/{house.plan_id}"):
        assert "模拟考试的答案" not in browser.get(url).text
    assert house.start(candidate), "no limit knows of it"
    clock.advance(86_401)
    forget_rehearsals(house.runtime)
    after = everything(house.runtime)
    assert (after["rehearsal"], after["rehearsal_answer"]) == (0, 0)
    changed = {name for name in after if after[name] != before[name]}
    # The start of the real exam, and the sign-in itself, are all that is left.
    assert changed <= {
        "attempt",
        "paper",
        "paper_item",
        "audit_event",
        "state_log",
        "outbox_job",
        "withdrawn_paper",
    }
    assert after["attempt"] == before["attempt"] + 1


def test_it_is_open_to_whoever_has_signed_in(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    assert "随时可以练习" in browser.get("/exam/rehearsal").text
    assert len(re.findall(r"data-position=", Rehearsing(browser).page)) == QUESTION_COUNT
    assert "继续练习" in browser.get("/exam/rehearsal").text


def test_beginning_anew_takes_the_place_of_the_one_before(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    first = Rehearsing(browser)
    second = Rehearsing(browser)
    assert browser.get(first.address).status_code == 404
    assert first.send(SAVE, position=1, revision=1, choice=[]).status_code == 401
    assert second.send(SAVE, position=1, revision=1, choice=[]).status_code == 200
    other = signed_in(people.trainee())
    for url in (second.address, f"{second.address}/result", f"/api/v1/exam/rehearsal/{second.id}/clock"):
        assert other.get(url).status_code == 404


def test_what_runs_gives_no_answer_away_and_what_is_over_hides_none(
    people: People, signed_in: SignIn
) -> None:
    own = Rehearsing(signed_in(people.trainee()))
    saved = own.send(SAVE, position=1, revision=1, **own.right(1)).text
    clock = own.browser.get(f"/api/v1/exam/rehearsal/{own.id}/clock").text
    secrets = [item.explanation for item in own.paper.items]
    for sent in (own.page, saved, clock):
        assert [secret for secret in secrets if secret in sent] == []
    assert own.browser.get(f"{own.address}/result").status_code == 302
    own.send(SUBMIT)
    page = own.browser.get(f"{own.address}/result").text
    assert all(secret in page for secret in secrets)


def test_saving_obeys_the_rules_of_the_exam(people: People, signed_in: SignIn, clock: ClockControl) -> None:
    person = people.trainee()
    own = Rehearsing(signed_in(person))
    options = [option.id for option in own.paper.questions[0].options]
    for body in (
        {"position": 0, "revision": 1, "choice": []}, {"position": 7, "revision": 1, "choice": []},
        {"position": 1, "revision": 0, "choice": []}, {"position": 1, "revision": REVISION_MAX + 1, "choice": []},
        {"position": 1, "revision": 1, "choice": options[:2]}, {"position": 1, "revision": 1, "choice": ["x"]},
        {"position": 1, "revision": 1, "written": "6"}, {"position": 1, "revision": 1}, {},
    ):  # fmt: skip
        assert own.send(SAVE, **body).status_code == 422, body
    found = at_once(
        *[
            lambda revision=revision: own.send(
                SAVE, position=1, revision=revision, choice=[options[revision % 2]]
            )
            for revision in (3, 1, 4, 2)
        ]
    )
    assert {reply.status_code for reply in found} <= {200, 409}
    older = own.send(SAVE, position=1, revision=2, choice=[options[1]])
    assert (older.status_code, older.get_json()["revision"]) == (409, 4)
    assert own.send(SAVE, position=1, revision=4, choice=[options[0]]).status_code == 200, (
        "the same one again"
    )
    second = signed_in(person)
    assert "在这台设备上继续" in second.get(own.address).text
    assert second.post(f"{own.address}/take-over").status_code == 303
    assert own.send(SAVE, position=1, revision=5, choice=[]).get_json()["code"] == "taken_over"
    clock.advance(604)
    late = Rehearsing.__new__(Rehearsing)
    late.browser, late.lease = second, own.lease
    assert late.send(SAVE, position=1, revision=6, choice=[]).get_json()["code"] == "attempt_closed"
    assert second.get(own.address).location.endswith("/result")


def test_a_lease_of_one_opens_nothing_of_the_other(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    own = Rehearsing(signed_in(candidate.person))
    body = {"lease": own.lease, "position": 1, "revision": 1, "choice": []}
    assert own.browser.client.post("/api/v1/exam/answer", json=body).status_code == 401
    attempt_id = house.start(candidate)
    with house.runtime.read() as uow:
        lease = uow.vault.lease("exam", {"a": attempt_id, "s": candidate.actor.login_session_id})
    assert own.browser.client.post(SAVE, json={**body, "lease": lease}).status_code == 401


def test_without_scripts_the_sheet_is_one_form(people: People, signed_in: SignIn) -> None:
    own = Rehearsing(signed_in(people.trainee()))
    form: dict[str, Any] = {"lease": own.lease, "action": "save"}
    for entry in own.paper.key.entries:
        form[f"r{entry.position}"] = "0"
        if entry.blank:
            form[f"w{entry.position}"] = "6"
        else:
            form[f"q{entry.position}"] = sorted(entry.correct)
    assert own.browser.post(f"{own.address}/hand-in", form).location == own.address
    form["action"] = "hand_in"
    over = own.browser.post(f"{own.address}/hand-in", form)
    assert over.location == f"{own.address}/result"
    assert "答对 6 题" in own.browser.get(over.location).text
    assert own.browser.post(f"{own.address}/hand-in", form).location == over.location


@pytest.mark.parametrize("rehearsal_id", ["0123456789abcdef", "zzzzzzzzzzzzzzzz", "r"])
def test_every_rehearsal_has_a_whole_paper(rehearsal_id: str) -> None:
    paper = paper_of(rehearsal_id)
    assert len(paper.questions) == QUESTION_COUNT == 6
    assert sum(question.points for question in paper.questions) == FULL_MARK
    assert {question.type for question in paper.questions} == set(ItemType)
    assert json.dumps([item.stem for item in paper.items])
