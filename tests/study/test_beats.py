"""Beats over HTTP: what is credited, what is refused, and what a repeated or forged beat gets (faults A1 to A12)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.courses.queries import lessons
from lms.study.jobs import ledger as jobs
from lms.study.models import StudyBeat
from tests.factories.plans import a_course
from tests.study.conftest import INTERVAL, StudyHouse, ask_session

pytestmark = pytest.mark.both_databases


def code_of(reply) -> str:
    told = reply.get_json()
    return told["reasons"][0]["code"] if told.get("reasons") else told["code"]


def test_played_seconds_are_pending_until_the_check_is_answered(house: StudyHouse) -> None:
    player = house.player()
    told = player.beat()
    assert (told["credit"], told["counted"], told["pending"], told["check"]) == (10, 0, 10, None)
    assert told["covered"] == [[0, 10]]
    told = player.study(40)
    assert (told["counted"], told["pending"]) == (0, 50)


def test_durations_and_times_that_the_client_claims_change_nothing(house: StudyHouse) -> None:
    player = house.player()
    lump = {
        "time_spent": 10800,
        "progress": 1,
        "percent": 100,
        "ts": 4102444800000,
        "credit": 10800,
        "to_ms": 3780000,
    }
    told = player.beat(INTERVAL, **lump)
    assert told["credit"] == 10
    assert told["not_counted"] == "fast"


def test_two_hundred_beats_in_ten_seconds_earn_ten_seconds(house: StudyHouse) -> None:
    player = house.player()
    earned = sum(player.beat(INTERVAL, wait=0.05)["credit"] for _ in range(200))
    assert earned <= 25  # ten seconds, and the real time these requests took


def test_the_last_beat_repeated_gets_its_reply_again_and_no_second_credit(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.advance(INTERVAL)
    replies = [player.send() for _ in range(6)]
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.text for reply in replies}) == 1
    assert house.counted(person.id) == (0, 10)


def test_an_older_beat_is_refused_however_often_it_comes(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.advance(INTERVAL)
    captured = {"seq": 1, "nonce": player.nonce}
    player.beat(wait=0)
    player.beat()
    for _ in range(50):
        reply = player.send(**captured)
        assert (reply.status_code, code_of(reply)) == (409, "study.old")
    again = house.player(person)
    assert again.send(**captured).status_code == 409
    assert house.counted(person.id) == (0, 20)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"nonce": "AAAAAAAAAAAAAAAA"}, 409, "study.nonce"),
        ({"seq": 2}, 409, "study.nonce"),
        ({"lease": "eyJzIjoieCJ9.AAAAAAAAAAAAAAAA"}, 401, "study.forged_lease"),
        ({"lease": "no lease"}, 401, "study.forged_lease"),
        ({"lesson_id": "0000000000000000"}, 404, "not_found"),
        ({"from_ms": -1}, 422, "study.bad_field"),
        ({"from_ms": 20_000, "to_ms": 10_000}, 422, "study.bad_field"),
        ({"to_ms": 10.5}, 422, "study.bad_field"),
        ({"to_ms": True}, 422, "study.bad_field"),
        ({"to_ms": 10**30}, 422, "study.bad_field"),
        ({"seq": "1"}, 422, "study.bad_field"),
        ({"playing": "yes"}, 422, "study.bad_field"),
        ({"lesson_id": "\u200b"}, 422, "study.bad_field"),
        ({"lesson_id": None}, 422, "study.bad_field"),
    ],
)
def test_a_forged_or_broken_beat_is_turned_down_and_earns_nothing(
    house: StudyHouse, changes, status, code
) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.advance(INTERVAL)
    reply = player.send(**changes)
    assert (reply.status_code, code_of(reply)) == (status, code)
    assert house.counted(person.id) == (0, 0)
    player.beat(wait=0)  # and it has spoilt nothing


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"x"'])
def test_what_is_no_json_object_is_turned_down(house: StudyHouse, body: bytes) -> None:
    reply = house.player().browser.client.post(
        "/api/v1/study/beat", data=body, content_type="application/json"
    )
    assert (reply.status_code, code_of(reply)) == (422, "study.bad_field")


def test_a_lease_is_no_key_to_another_sessions_beats(house: StudyHouse) -> None:
    one, other = house.player(), house.player()
    house.clock.advance(INTERVAL)
    reply = one.send(nonce=other.nonce)
    assert (reply.status_code, code_of(reply)) == (409, "study.nonce")


def test_nothing_counts_after_signing_out(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat()
    house.clock.advance(INTERVAL)
    player.browser.post("/sign-out")
    reply = player.send()
    assert (reply.status_code, code_of(reply)) == (401, "study.login_ended")
    assert house.counted(person.id) == (0, 10)
    jobs.sweep_idle_sessions(house.runtime)
    house.clock.advance(1)
    assert player.send().status_code == 401


def test_beats_keep_the_sign_in_alive_and_silence_ends_it(house: StudyHouse) -> None:
    player = house.player()
    for _ in range(4):
        house.clock.advance(20 * 60)
        player.beat()
    assert player.browser.get("/study/").status_code == 302
    house.clock.advance(31 * 60)
    assert player.send().status_code == 401


def test_a_newer_device_takes_over_and_the_older_one_is_told_which(house: StudyHouse) -> None:
    person, _ = house.trainee()
    first = house.player(person)
    first.beat()
    second = house.player(person)
    assert second.last["took_over"] is True
    assert second.last["pending"] == 10
    house.clock.advance(INTERVAL)
    refused = first.send()
    assert (refused.status_code, code_of(refused)) == (409, "study.closed.superseded")
    assert "电脑 · 浏览器" in refused.get_json()["reasons"][0]["now"]
    assert second.beat(wait=0)["pending"] >= 10


def test_another_page_of_the_same_browser_is_not_called_another_device(house: StudyHouse) -> None:
    first = house.player()
    second = replace(first)
    assert second.open().status_code == 201
    house.clock.advance(INTERVAL)
    told = first.send().get_json()["reasons"][0]["now"]
    assert "这个浏览器的另一个页面" in told
    assert "设备" not in told


def test_five_devices_and_three_lessons_earn_no_more_than_one(house: StudyHouse) -> None:
    person, _ = house.trainee()
    earned = 0
    devices = [house.player(person) for _ in range(5)]
    for step in range(6):
        house.clock.advance(INTERVAL)
        for place, device in enumerate(devices):
            device.lesson = (step + place) % 3
            reply = device.send(from_ms=step * 10_000, to_ms=step * 10_000 + 10_000)
            if reply.status_code == 200:
                told = reply.get_json()
                device.seq, device.nonce = told["seq"], told["next"]
                earned += told["credit"]
            else:
                assert code_of(reply) == "study.closed.superseded"
    assert earned <= 60 + INTERVAL


def test_taking_turns_between_devices_earns_no_more_than_the_wall_clock(house: StudyHouse) -> None:
    person, _ = house.trainee()
    devices = [house.player(person), house.player(person)]
    start = house.clock.now()
    for step in range(12):
        device = devices[step % 2]
        device.open()
        house.clock.advance(1)
        device.send(from_ms=step * 10_000, to_ms=(step + 1) * 10_000)
    counted, pending = house.counted(person.id)
    assert counted + pending <= (house.clock.now() - start).total_seconds()


@pytest.mark.parametrize(("flag", "why"), [("visible", "hidden"), ("playing", "paused")])
def test_a_hidden_or_paused_page_earns_nothing(house: StudyHouse, flag: str, why: str) -> None:
    player = house.player()
    told = player.beat(**{flag: False})
    assert (told["credit"], told["not_counted"]) == (0, why)


def test_a_lesson_of_another_course_does_not_exist_for_this_session(house: StudyHouse) -> None:
    other = a_course(house.runtime, code="other")
    player = house.player()
    house.clock.advance(INTERVAL)
    with house.runtime.read() as uow:
        foreign = lessons(uow, other)[0].id
    assert player.send(lesson_id=foreign).status_code == 404


def test_after_the_study_window_nothing_is_credited(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.set(house.plan.study_until - timedelta(seconds=5))
    # The sign-in is long over by then; another one in time, a beat too late.
    player = house.player(person)
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "closed")
    refused = player.open()
    assert refused.status_code == 409


def test_a_session_that_sleeps_is_closed_and_a_new_one_goes_on(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat()
    house.clock.advance(46 * 60)
    jobs.sweep_idle_sessions(house.runtime)
    again = house.player(person)
    assert again.last["took_over"] is False
    assert again.last["pending"] == 10


def test_every_beat_leaves_one_row(house: StudyHouse) -> None:
    player = house.player()
    for _ in range(3):
        player.beat()
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(StudyBeat)) == 3


def test_a_session_needs_an_approved_application(house: StudyHouse) -> None:
    person = house.people.trainee()
    browser = house.signed_in(person)
    reply = ask_session(browser, house.plan.id)
    assert (reply.status_code, code_of(reply)) == (409, "application.not_approved")
    assert browser.get(f"/study/{house.plan.id}").status_code == 404
