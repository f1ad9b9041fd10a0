"""Every byte of every route: no stem before the start is committed, no key, weight or hint while an attempt runs.

Every route is called with each method, by somebody for whom there is something behind nearly every address: an attempt
that runs and one that is over, a review, practice questions, a correction, a pause, extra time, a rehearsal. Every
static file is read as well. That the search would find something is shown by planting a key.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.conditions import EVERYONE
from lms.exam.service import conditions, reviews
from lms.questions import service as questions
from lms.questions.models import QuestionItem
from question_bank.correcting import CorrectionKind
from question_bank.exporting.xlsx import write_items
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType, KeyEntry
from question_bank.paper_json import key_from_json
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.desk import Desk, entry_at, sit
from tests.exam.leaks import PLANTS, Leak, Plant, everything_said, leaks, surplus
from tests.factories.questions import fill_in, single
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import Site, build
from tests.support.thoroughness import on

# Who may open what, and what is on it, is not the database's to say: thoroughly on both.
pytestmark = pytest.mark.parametrize("site", on("sqlite"), indirect=True)

SignIn = Callable[[KnownPerson], Browser]
STEM = re.compile(r"(?:单选|多选|判断|填空)第 \d 题")
STARTS = {"exam.start", "exam_api.start"}
ENDS = {"exam.hand_in", "exam_api.submit"}
ACCEPTED = "省职业技能评价指导中心办公室"
"""What fills every gap; nobody would say it by chance."""
EXPLAINED = "见通知"
SHEET = Blueprint(
    title="各种题",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 3, 10 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 2, 20 * POINT, partial_credit=True),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 2, 5 * POINT),
        BlueprintSection(ItemType.FILL_IN, None, None, 2, 10 * POINT),
    ),
)
ROUTES_AT_LEAST = 300


@dataclass
class World:
    """A candidate, and an id for nearly every address."""

    house: ExamHouse
    candidate: Candidate
    ids: dict[str, str]
    words: list[str] = field(default_factory=list)
    entries: list[KeyEntry] = field(default_factory=list)

    def learn(self) -> None:
        """Look into the paper of the attempt that runs, as no candidate can, and note what must not be said."""
        with self.house.runtime.read() as uow:
            paper = uow.session.scalars(
                select(Paper)
                .join(Attempt, Attempt.paper_id == Paper.id)
                .where(Attempt.id == self.ids["attempt_id"])
            ).one()
            key = key_from_json(json.loads(paper.key))
            others = uow.session.scalars(select(Paper.seed)).all()
        self.entries = list(key.entries)
        self.words = [paper.content_hash, *others, EXPLAINED, ACCEPTED, "item_fingerprint"]
        self.words += [entry.item_fingerprint for entry in key.entries]
        self.words += [str(entry.item_id) for entry in key.entries]


@pytest.fixture
def app(site: Site) -> Flask:
    """An application of this test's own, which it may teach to leak."""
    return build(site)


@pytest.fixture
def world(house: ExamHouse) -> World:
    """Something behind every address, all of it of one candidate, who has not begun his exam."""
    with house.runtime.write() as uow:
        gaps = [fill_in(f"填空第 {n} 题：由____办理。", (ACCEPTED,)) for n in range(4)]
        gaps.append(replace(single("练习：考评小组一般不少于几人？"), explanation="练习题有解析。"))
        assert questions.import_questions(uow, house.operator, "填空.xlsx", write_items(gaps)).added == len(
            gaps
        )
        blueprint_id = questions.ensure_blueprint(uow, house.operator, "sheet", "各种题", SHEET)
        item_id = uow.session.scalars(
            select(QuestionItem.id).where(QuestionItem.stem.startswith("练习"))
        ).one()
        questions.mark_for_practice(uow, house.operator, item_id)
    person = house.candidate().person
    earlier = house.plan()
    over = house.candidate(earlier, person=person)
    over_id = sit(house, over, wrong=[1], plan_id=earlier)
    with house.runtime.write() as uow:
        review_id = reviews.ask(uow, over.actor, over_id, "我认为多选题的评分不对，请核对。")
    desk = Desk(house)
    fingerprint = entry_at(house.runtime, over_id, 1).item_fingerprint
    correction_id = desk.propose(fingerprint, CorrectionKind.VOID, plan_id=earlier)
    house.blueprint_id = blueprint_id
    house.plan_id = house.plan()
    candidate = house.candidate(person=person)
    with house.runtime.write() as uow:
        extra_id = conditions.grant_extra(
            uow, desk.first, house.plan_id, person.id, 25, 0, "视力障碍，凭证明"
        )
        measure_id, _ = conditions.pause(uow, desk.first, house.plan_id, EVERYONE, 600, "考点停电，等待恢复")
    with house.runtime.write() as uow:
        conditions.resume(uow, desk.first, house.plan_id, measure_id)
    return World(
        house, candidate,
        {
            "plan_id": house.plan_id, "application_id": candidate.application_id, "review_id": review_id,
            "correction_id": correction_id, "extra_id": extra_id, "measure_id": measure_id, "item_id": item_id,
            "person_id": person.id, "blueprint_id": blueprint_id, "verb": "release", "attempt_id": over_id,
        },
    )  # fmt: skip


def begin(world: World, browser: Browser) -> dict[str, Any]:
    """Start the exam and a rehearsal, and note their ids."""
    sent = browser.post_json(f"/api/v1/exam/plans/{world.house.plan_id}/attempts", {})
    assert sent.status_code == 201, sent.text
    found: dict[str, Any] = sent.get_json()
    world.ids["attempt_id"] = found["attempt_id"]
    world.ids["rehearsal_id"] = browser.post("/exam/rehearsal").location.rsplit("/", 1)[1]
    return found


def sheet_of(world: World, found: dict[str, Any]) -> dict[str, Any]:
    """Return a body that most routes of the exam take."""
    gap = next(one["position"] for one in found["questions"] if one["type"] == "fill_in")
    return {"lease": found["lease"], "position": gap, "revision": 1, "written": "不知道", "marked": True}


def test_no_route_shows_a_stem_before_the_start_is_committed(
    world: World, app: Flask, signed_in: SignIn
) -> None:
    house, candidate = world.house, world.candidate
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    with house.runtime.read() as uow:
        ready = uow.session.scalars(select(Paper).where(Paper.plan_id == house.plan_id)).one()
        stems = [one["stem"] for one in json.loads(ready.public)["questions"]]
    browser = signed_in(candidate.person)
    body = {"position": 1, "revision": 1, "choice": []}
    said = everything_said(app, browser, world.ids, body, STARTS)
    assert len(said) > ROUTES_AT_LEAST
    browser = signed_in(candidate.person)
    said |= everything_said(app, browser, {**world.ids, "attempt_id": ready.id}, body, STARTS, "attempt_id")
    assert leaks(said, [*stems, ready.seed, ready.content_hash]) == []
    assert [where for where, text in said.items() if STEM.search(text)] == []
    browser = signed_in(candidate.person)
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(Attempt.id).where(Attempt.plan_id == house.plan_id)).all() == []
    started = browser.post(f"/exam/{house.plan_id}/start")
    assert STEM.search(browser.get(started.location).text), "the crawl would have seen it"


def test_no_route_gives_a_key_a_weight_or_a_hint_away_while_an_attempt_runs(
    world: World, app: Flask, signed_in: SignIn
) -> None:
    browser = signed_in(world.candidate.person)
    found = begin(world, browser)
    world.learn()
    assert surplus(found) == set()
    body = sheet_of(world, found)
    saved = browser.client.post("/api/v1/exam/answer", json=body)
    told = browser.client.post("/api/v1/exam/visit", json=body)
    assert (saved.status_code, told.status_code) == (200, 200)
    said = everything_said(app, browser, world.ids, body, ENDS)
    said |= {
        "the start": json.dumps(found, ensure_ascii=False), "a save": f"{saved.headers}{saved.text}",
        "a visit": f"{told.headers}{told.text}",
    }  # fmt: skip
    assert len(said) > ROUTES_AT_LEAST
    page = f"GET /exam/attempts/{world.ids['attempt_id']}"
    assert STEM.search(said[page]), "the runner was seen"
    assert browser.client.post("/api/v1/exam/mark", json={**body, "revision": 2}).status_code == 200, (
        "it runs on"
    )
    assert leaks(said, world.words, world.entries) == []
    assert_options_look_alike(said[page], world.entries)


def assert_options_look_alike(page: str, entries: list[KeyEntry]) -> None:
    """Right and wrong options are written alike: nothing but chance tells them apart."""
    for entry in entries:
        lines = [line for line in page.splitlines() if f'name="q{entry.position}"' in line]
        shapes = {
            line.replace(option, "").partition("<b>")[0]
            for line in lines
            for option in entry.shown
            if option in line
        }
        assert len(shapes) == bool(entry.shown), shapes


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("what", ["a right option", "an accepted text", "an item"])
def test_a_planted_key_is_found(world: World, app: Flask, signed_in: SignIn, plant: Plant, what: str) -> None:
    secret = ""

    @app.after_request
    def _leak(reply: Any) -> Any:
        if secret:
            plant(reply, secret)
        return reply

    browser = signed_in(world.candidate.person)
    body = sheet_of(world, begin(world, browser))
    world.learn()
    secret = {
        "a right option": min(world.entries[0].correct), "an accepted text": ACCEPTED.encode().hex(),
        "an item": str(world.entries[0].item_id),
    }[what]  # fmt: skip
    words = [*world.words, ACCEPTED.encode().hex()]
    places = (
        f"/exam/attempts/{world.ids['attempt_id']}",
        f"/api/v1/exam/attempts/{world.ids['attempt_id']}/clock",
    )
    said = {}
    for url in places:
        reply = browser.get(url)
        said[f"GET {url}"] = f"{reply.headers}\n{reply.text}"
    told = browser.client.post("/api/v1/exam/mark", json=body)
    said["a mark"] = f"{told.headers}\n{told.text}"
    found = leaks(said, words, world.entries)
    assert found, "what was planted was not found"
    wanted = secret if what != "a right option" else f"question {world.entries[0].position}: "
    assert all(isinstance(one, Leak) and (one.what.startswith(wanted)) for one in found)
