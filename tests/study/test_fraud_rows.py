"""The rows A10 to A13 of the fault catalogue; A1 to A9 are tried on a running site by `script/drill fraud`."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.accounts import service as accounts
from lms.accounts.credentials import token_hash
from lms.accounts.queries import live_session
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.courses.queries import lessons
from lms.enrolment import service as enrolment
from lms.exam.errors import ExamNotOpen
from lms.exam.queries import exam_facts
from lms.exam.service import starting
from lms.plans.queries import get_plan
from lms.study import queries
from lms.study.jobs import ledger as jobs
from lms.study.models import StudyBeat
from tests.factories.plans import a_course, an_applicant
from tests.study.conftest import BEAT, INTERVAL, Player, StudyHouse, ask_session
from tests.study.lossy_proxy import Loss, lossy_site, send_until_heard

HALF_AN_HOUR = 31 * 60


def a_lesson_of_another_course(house: StudyHouse, player: Player) -> TestResponse:
    other = a_course(house.runtime, code="other")
    with house.runtime.read() as uow:
        foreign = lessons(uow, other)[0].id
    house.clock.advance(INTERVAL)
    return player.send(lesson_id=foreign)


def the_session_of_somebody_else(house: StudyHouse, player: Player) -> TestResponse:
    other = house.player()
    house.clock.advance(INTERVAL)
    return player.send(lease=other.lease)


def after_signing_out(house: StudyHouse, player: Player) -> TestResponse:
    player.browser.post("/sign-out")
    house.clock.advance(INTERVAL)
    return player.send()


def after_the_sign_in_has_expired(house: StudyHouse, player: Player) -> TestResponse:
    house.clock.advance(HALF_AN_HOUR)
    return player.send()


def a_forged_lease(house: StudyHouse, player: Player) -> TestResponse:
    house.clock.advance(INTERVAL)
    body, _, mark = player.lease.partition(".")
    return player.send(lease=f"{body}.{mark[::-1]}")


def after_the_study_window(house: StudyHouse, player: Player) -> TestResponse:
    person, _ = house.trainee()
    house.clock.set(house.plan.study_until + timedelta(seconds=1))
    return ask_session(house.signed_in(person), house.plan.id)


def a_session_that_has_ended(house: StudyHouse, player: Player) -> TestResponse:
    for _ in range(2):  # beats without credit keep the sign-in alive, silence ends the session
        house.clock.advance(20 * 60)
        assert player.browser.get(f"/study/{house.plan.id}").status_code == 200
    house.clock.advance(6 * 60)
    jobs.sweep_idle_sessions(house.runtime)
    return player.send()


def a_withdrawn_application(house: StudyHouse, player: Player) -> TestResponse:
    person, application = an_applicant(house.runtime, house.people, house.plan)
    with house.runtime.write() as uow:
        enrolment.withdraw(uow, house.people.actor(person), application.id)
    return ask_session(house.signed_in(person), house.plan.id)


CASES: tuple[tuple[Callable[[StudyHouse, Player], TestResponse], int, str], ...] = (
    (a_lesson_of_another_course, 404, "not_found"),
    (the_session_of_somebody_else, 409, "study.nonce"),
    (after_signing_out, 401, "study.login_ended"),
    (after_the_sign_in_has_expired, 401, "study.login_ended"),
    (a_forged_lease, 401, "study.forged_lease"),
    (after_the_study_window, 409, "study.window_over"),
    (a_session_that_has_ended, 409, "study.closed.idle"),
    (a_withdrawn_application, 409, "application.not_approved"),
)


@pytest.mark.parametrize(
    ("case", "status", "code"), CASES, ids=lambda value: getattr(value, "__name__", None)
)
def test_who_has_no_business_here_is_refused_and_credited_nothing(
    house: StudyHouse, case: Callable[[StudyHouse, Player], TestResponse], status: int, code: str
) -> None:
    """A10."""
    player = house.player()
    reply = case(house, player)
    told = reply.get_json()
    assert (reply.status_code, told["reasons"][0]["code"] if told.get("reasons") else told["code"]) == (
        status,
        code,
    )
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(StudyBeat.credit_seconds)).all() == []


@pytest.mark.parametrize(
    "losses",
    [
        [Loss.REPLY] * 5,
        [Loss.REQUEST] * 3 + [Loss.REPLY] * 2,
        [Loss.REPLY, Loss.REQUEST, Loss.REPLY, Loss.REQUEST],
    ],
    ids=["replies", "requests and replies", "in turn"],
)
def test_a_beat_whose_reply_the_network_loses_is_credited_once(
    house: StudyHouse, app: Flask, losses: list[Loss]
) -> None:
    """A11, through a real socket."""
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.advance(INTERVAL)
    body = {
        "lease": player.lease, "seq": 1, "nonce": player.nonce, "lesson_id": house.lesson_ids[0], "from_ms": 0,
        "to_ms": INTERVAL * 1000, "playing": True, "visible": True,
    }  # fmt: skip
    with lossy_site(app) as proxy:
        proxy.losses = list(losses)
        status, text, tries = send_until_heard(proxy.port, BEAT, body, tries=len(losses) + 1)
        assert (status, tries) == (200, len(losses) + 1)
        assert proxy.reached == losses.count(Loss.REPLY) + 1
        again = send_until_heard(proxy.port, BEAT, body, tries=1)
        assert again[:2] == (200, text), "the reply that was lost and the one that came are the same"
    assert json.loads(text)["credit"] == INTERVAL
    assert house.counted(person.id) == (0, INTERVAL)


DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_795_222_800_000


@pytest.mark.parametrize("skew_ms", [-DAY_MS, DAY_MS, -NOW_MS, 10**15])
def test_what_a_players_clock_says_changes_nothing(house: StudyHouse, skew_ms: int) -> None:
    """A12: two players at one moment, one with a clock that is wrong; their beats earn the same."""
    right, wrong = house.player(), house.player()
    claims = dict.fromkeys(
        ("ts", "timestamp", "client_time", "now", "arrival", "opened_at", "sent_at"), NOW_MS + skew_ms
    )
    for step in range(3):
        house.clock.advance(INTERVAL)
        stretch = {"from_ms": step * INTERVAL * 1000, "to_ms": (step + 1) * INTERVAL * 1000}
        replies = []
        for player, extra in ((right, {}), (wrong, claims)):
            body = {
                "lease": player.lease, "seq": player.seq + 1, "nonce": player.nonce, "playing": True, "visible": True,
                "lesson_id": house.lesson_ids[0], **stretch, **extra,
            }  # fmt: skip
            date = "Sat, 01 Jan 2000 00:00:00 GMT" if extra else "Sat, 21 Nov 2026 01:00:00 GMT"
            reply = player.browser.client.post(BEAT, json=body, headers={"Date": date, "X-Client-Time": date})
            assert reply.status_code == 200, reply.text
            told = reply.get_json()
            player.seq, player.nonce = told["seq"], told["next"]
            replies.append(
                {key: told[key] for key in ("credit", "covered", "counted", "pending", "not_counted")}
            )
        assert replies[0] == replies[1]
        assert replies[0]["credit"] == INTERVAL


def test_a_beat_recorded_hours_ago_earns_nothing_after_a_fresh_sign_in(house: StudyHouse) -> None:
    """A3, with the hours that a drill does not have."""
    person, _ = house.trainee()
    first = house.player(person)
    recorded = []
    for _ in range(3):
        recorded.append(
            {
                "lease": first.lease, "seq": first.seq + 1, "nonce": first.nonce, "from_ms": first.at_ms,
                "to_ms": first.at_ms + INTERVAL * 1000,
            }
        )  # fmt: skip
        first.beat()
    house.clock.advance(5 * 3600)
    fresh = house.player(person)
    for old in recorded * 5:
        assert first.send(**old).status_code == 401
        assert fresh.send(**old | {"lease": fresh.lease}).status_code == 409
    assert house.counted(person.id) == (0, 30)


REQUIRED = 10_800
LONG_BEAT = 90
LESSON_SECONDS = 3780
WINDOW = 1790
"""A check is due after twenty long beats, also when the very last of them is a second short."""


def nearly_done(house: StudyHouse) -> tuple[Player, Actor]:
    """Study to 179:59, every second of it counted, with the last second played and its check not answered yet."""
    person, _ = house.trainee()
    player = house.player(person)
    for number in range(1, REQUIRED // LONG_BEAT + 1):
        _study(player, LONG_BEAT - (number == REQUIRED // LONG_BEAT))
    assert house.counted(person.id) == (REQUIRED - 1, 0)
    with house.runtime.write() as uow:
        token = accounts.open_session(uow, person.id)
    with house.runtime.read() as uow:
        session = live_session(uow, token_hash(token))
    assert session is not None
    return player, replace(house.people.actor(person), login_session_id=session.id)


def _study(player: Player, seconds: int) -> None:
    if player.at_ms >= LESSON_SECONDS * 1000:
        player.lesson, player.at_ms = player.lesson + 1, 0
    player.beat(seconds)
    assert player.last["credit"] == seconds
    if player.last["check"]:
        assert player.answer().get_json()["verdict"] == "counted"


@pytest.mark.slow
def test_the_exam_opens_with_the_last_second_and_not_one_before(
    house_with: Callable[..., StudyHouse],
) -> None:
    """A13: 10 799 s is refused, 10 800 s opens; twenty starts at the edge get one attempt or a refusal."""
    house = house_with(
        required_study_seconds=REQUIRED, beat_interval_seconds=60, presence_min_seconds=WINDOW,
        presence_max_seconds=WINDOW, presence_answer_seconds=60,
    )  # fmt: skip
    player, actor = nearly_done(house)
    plan_id = house.plan.id

    def start() -> Any:
        try:
            return starting.begin(house.runtime, actor, plan_id)
        except Refusal as refusal:
            return refusal

    assert all(isinstance(one, ExamNotOpen) for one in at_once([start] * 20))
    refused = player.browser.post(f"/exam/{plan_id}/start")
    assert refused.status_code == 409
    assert "学满" in refused.text

    player.beat(1)
    assert player.last["check"] is not None
    assert house.counted(str(actor.person_id)) == (REQUIRED - 1, 1)
    assert all(isinstance(one, ExamNotOpen) for one in at_once([start] * 20)), (
        "a second that is pending is none"
    )
    body = {
        "lease": player.lease, "check_id": player.last["check"]["id"], "choice": player.choice(), "try": 0,
    }  # fmt: skip
    *started, answered = at_once(
        [start] * 20 + [lambda: player.browser.post_json("/api/v1/study/presence", body).get_json()]
    )
    assert (answered["counted"], answered["complete"]) == (REQUIRED, True)
    opened = {one for one in started if isinstance(one, str)}
    assert len(opened) <= 1
    assert all(isinstance(one, ExamNotOpen) for one in started if not isinstance(one, str))

    after = at_once([start] * 20)
    assert len(set(after)) == 1
    assert opened <= set(after)
    with house.runtime.read() as uow:
        [attempt] = exam_facts(uow, str(actor.person_id), get_plan(uow, plan_id)).attempts
        totals = queries.totals(uow, str(actor.person_id), plan_id)
    assert totals is not None
    assert totals.completed_at is not None
    assert attempt.started_at >= totals.completed_at, "the attempt began with the last second committed"


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make all calls in the same moment."""
    barrier = Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))
