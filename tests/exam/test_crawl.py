"""Every byte of every route: no stem before the start is committed, no key, weight or hint while an attempt runs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import BuildError, Rule

from lms.exam import jobs
from lms.exam.models.attempts import Attempt, Paper
from question_bank.paper_json import key_from_json
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_views import STEM
from tests.support.browser import Browser
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]
LEADS_AWAY = {"accounts.sign_out", "static"}
STARTS = {"exam.start", "exam_api.start"}
ENDS = {"exam.hand_in", "exam_api.submit"}


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route with each method it answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            if rule.endpoint not in LEADS_AWAY:
                yield rule, method


def everything_said(
    app: Flask, browser: Browser, ids: dict[str, str], body: dict[str, Any], but: set[str]
) -> dict[str, str]:
    """Call every route with whatever names fit, and return all that came back, headers too."""
    said = {}
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
    for rule, method in rules(app):
        if rule.endpoint in but:
            continue
        names = {name: ids.get(name, "0123456789abcdef") for name in rule.arguments}
        try:
            url = adapter.build(rule.endpoint, names, method=method)
        except (BuildError, ValueError):  # an address with a number in it has nothing to do with papers
            continue
        is_json = rule.endpoint.partition(".")[0].endswith("_api")
        sent = {} if method in {"GET", "HEAD"} else {"json" if is_json else "data": body}
        headers = {} if method in {"GET", "HEAD"} else {"X-CSRFToken": browser._token}
        reply = browser.client.open(url, method=method, headers=headers, **sent)
        said[f"{method} {url}"] = f"{reply.headers}\n{reply.get_data().decode(errors='replace')}"
        reply.close()
    return said


def test_no_route_shows_a_stem_before_the_start_is_committed(
    house: ExamHouse, candidate: Candidate, app: Flask, signed_in: SignIn
) -> None:
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    with house.runtime.read() as uow:
        paper_id = uow.session.scalars(select(Paper.id)).one()
    ids = {"plan_id": house.plan_id, "attempt_id": paper_id, "application_id": candidate.application_id}
    browser = signed_in(candidate.person)
    said = everything_said(app, browser, ids, {"position": 1, "revision": 1, "choice": []}, STARTS)
    assert len(said) > 150
    assert [where for where, text in said.items() if STEM.search(text)] == []
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(Attempt.id)).all() == []
    browser = signed_in(candidate.person)
    started = browser.post(f"/exam/{house.plan_id}/start")
    assert STEM.search(browser.get(started.location).text), "the crawl would have seen it"


def test_no_route_gives_a_key_a_weight_or_a_hint_away_while_an_attempt_runs(
    house: ExamHouse, candidate: Candidate, app: Flask, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = browser.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {})
    found = sent.get_json()
    attempt_id = found["attempt_id"]
    ids = {"plan_id": house.plan_id, "attempt_id": attempt_id, "application_id": candidate.application_id}
    chosen = [found["questions"][0]["options"][0]["id"]]
    body = {"lease": found["lease"], "position": 1, "revision": 1, "choice": chosen, "marked": True}
    said = everything_said(app, browser, ids, body, ENDS)
    said["the start"] = sent.text
    saved = browser.client.post("/api/v1/exam/answer", json={**body, "revision": 2})
    marked = browser.client.post("/api/v1/exam/mark", json={**body, "revision": 2})
    assert (saved.status_code, marked.status_code) == (200, 200)
    said |= {"a save": f"{saved.headers}{saved.text}", "a mark": f"{marked.headers}{marked.text}"}
    with house.runtime.read() as uow:
        paper = uow.session.scalars(select(Paper).where(Paper.serial == 1)).one()
        key = key_from_json(json.loads(paper.key))
    secrets = [paper.seed, paper.content_hash, "见通知", "item_fingerprint"]
    secrets += [str(entry.item_id) for entry in key.entries]
    secrets += [entry.item_fingerprint for entry in key.entries]
    assert [(where, secret) for where, text in said.items() for secret in secrets if secret in text] == []
    page = said[f"GET /exam/attempts/{attempt_id}"]
    for entry in key.entries:
        # Right and wrong options are written alike: nothing but chance tells them apart.
        lines = [line for line in page.splitlines() if f'name="q{entry.position}"' in line]
        shapes = {
            line.replace(option, "")
            .replace(" checked", "")
            .replace('class="opt on"', 'class="opt"')
            .partition("<b>")[0]
            for line in lines
            for option in entry.shown
            if option in line
        }
        assert len(shapes) == 1, shapes
