"""The rules that point at unusual beats: each met and each just missed, and what becomes of a finding."""

import random
import re

import pytest
from sqlalchemy import func, select

from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.study.desk_models import StudyFinding
from lms.study.jobs import integrity as integrity_jobs
from lms.study.policy.integrity import (
    AWAKE_MS,
    DAY_LIMIT_SECONDS,
    FAST_BEATS,
    QUICK_CHECKS,
    QUICK_MS,
    REGULAR_BEATS,
    REGULAR_SPREAD_MS,
    REST_MS,
    RULE_NAMES,
    RULE_WORDS,
    PassedCheck,
    Rule,
    SeenBeat,
    findings,
    said_figures,
)
from tests.study.conftest import StudyHouse

HOUR = 3600 * 1000


def beats(
    count: int, *, gap: int = 10_000, jitter: int = 400, credit: int = 10, refusal: str = "", start: int = 0
):
    chance = random.Random(1)
    at, found = start, []
    for _ in range(count):
        at += gap + chance.randrange(-jitter, jitter + 1)
        found.append(SeenBeat("s", at, gap // 1000, credit, refusal))
    return found


def rules(seen, checks=()) -> set[Rule]:
    return {one.rule for one in findings(seen, list(checks))}


def evenings(count: int, hours: float) -> list[SeenBeat]:
    return [one for day in range(count) for one in beats(int(hours * 360), start=day * 24 * HOUR)]


def test_an_ordinary_week_of_study_shows_nothing() -> None:
    checks = [PassedCheck(at * HOUR, at * HOUR + 4000) for at in range(9)]
    assert rules(evenings(7, 3), checks) == set()
    assert rules([]) == set()


def test_a_day_too_long_is_seen_and_the_limit_itself_is_not() -> None:
    apart = [SeenBeat("s", at * 30 * 60_000, 10, 60 * 29, "") for at in range(48)]
    found = next(one for one in findings(apart, []) if one.rule is Rule.DAY)
    assert found.figures["seconds"] == 48 * 60 * 29
    assert found.ended - found.began < 24 * HOUR
    exact = DAY_LIMIT_SECONDS // 28
    assert Rule.DAY not in rules([SeenBeat("s", at * 30 * 60_000, 10, exact, "") for at in range(28)])
    assert Rule.DAY in rules([SeenBeat("s", at * 30 * 60_000, 10, exact + 1, "") for at in range(28)])


def test_ten_hours_without_a_rest_are_seen_and_a_rest_ends_the_run() -> None:
    count = AWAKE_MS // 60_000 + 3
    awake = [SeenBeat("s", at * 60_000 + at % 7 * 100, 60, 0 if at % 2 else 30, "") for at in range(count)]
    assert rules(awake) == {Rule.NO_REST}
    halves = [
        *awake[: count // 2],
        *(SeenBeat("s", one.arrival + REST_MS, 60, one.credit_seconds, "") for one in awake[count // 2 :]),
    ]
    assert rules(halves) == set()
    assert rules(awake[: count - 9]) == set()


def test_beats_that_keep_time_like_a_machine_are_seen() -> None:
    exact = beats(REGULAR_BEATS + 1, jitter=REGULAR_SPREAD_MS // 2 - 1)
    found = next(one for one in findings(exact, []) if one.rule is Rule.REGULAR)
    assert found.figures["beats"] == REGULAR_BEATS
    assert found.figures["high"] - found.figures["low"] < REGULAR_SPREAD_MS
    assert rules(exact[:-1]) == set(), "one beat fewer"
    assert rules(beats(1000, jitter=25)) == set(), "a browser on a good network"
    two = [*exact[:70], *(SeenBeat("t", one.arrival, 10, 10, "") for one in exact[70:])]
    assert rules(two) == set(), "no run goes from one session into another"


def test_answers_faster_than_anybody_reads_are_seen() -> None:
    quick = [PassedCheck(at * HOUR, at * HOUR + QUICK_MS - 1) for at in range(QUICK_CHECKS)]
    assert rules([], quick) == {Rule.QUICK}
    assert rules([], quick[1:]) == set()
    assert rules([], [PassedCheck(one.raised, one.answered + 1) for one in quick]) == set()


def test_many_beats_ahead_of_the_clock_are_seen_within_a_day() -> None:
    assert rules(beats(FAST_BEATS, refusal="fast")) == {Rule.FAST}
    assert rules(beats(FAST_BEATS - 1, refusal="fast")) == set()
    assert rules(beats(FAST_BEATS, refusal="hidden")) == set()
    apart = [one for day in range(10) for one in beats(FAST_BEATS - 1, refusal="fast", start=day * 25 * HOUR)]
    assert rules(apart) == set()


@pytest.mark.parametrize("rule", [one for one in Rule if one is not Rule.DEVICE])  # test_devices.py
def test_every_rule_can_be_said_with_its_figures(rule: Rule) -> None:
    met = {
        Rule.DAY: findings([SeenBeat("s", at * 30 * 60_000, 10, 60 * 29, "") for at in range(48)], []),
        Rule.NO_REST: findings([SeenBeat("s", at * 60_000, 60, 1, "") for at in range(700)], []),
        Rule.REGULAR: findings(beats(200, jitter=1), []),
        Rule.QUICK: findings([], [PassedCheck(at, at + 9) for at in range(5)]),
        Rule.FAST: findings(beats(50, refusal="fast"), []),
    }[rule]
    figures = said_figures(rule, next(one.figures for one in met if one.rule is rule))
    assert RULE_NAMES[rule]
    for text in RULE_WORDS[rule]:
        assert text % figures


def test_a_finding_is_shown_with_its_rows_noted_and_harms_nobody(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    for _ in range(FAST_BEATS):
        player.beat(30, wait=2)
    before = house.counted(person.id)
    integrity_jobs.sweep_integrity(house.runtime)
    integrity_jobs.sweep_integrity(house.runtime)
    player.beat(30, wait=2)
    integrity_jobs.sweep_integrity(house.runtime)
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(StudyFinding)) == 1
    assert house.counted(person.id) >= before
    auditor = house.signed_in(house.people.staff(Role.AUDITOR))
    listed = auditor.get("/desk/study/findings/").text
    assert "系统没有因此扣减、停止或处罚任何人" in listed
    address = re.search(r'href="(/desk/study/findings/[a-z0-9]{16})"', listed)
    assert address
    shown = auditor.get(address[1]).text
    assert "24 小时内 20 次" in shown
    assert shown.count("播放快于服务器时间") >= 5, "the beats behind it"
    assert auditor.post(f"{address[1]}/look", {"note": "看过了"}).status_code == 403
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert admin.post(f"{address[1]}/look", {"note": ""}).status_code == 422
    assert admin.post(f"{address[1]}/look", {"note": "浏览器加速插件，已提醒本人"}).status_code == 303
    assert admin.post(f"{address[1]}/look", {"note": "再看一次，没有别的"}).status_code == 422
    assert "浏览器加速插件" in auditor.get(address[1]).text
    assert "没有符合条件的提示" in admin.get("/desk/study/findings/?looked=0").text
    elsewhere = house.signed_in(
        house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    )
    assert elsewhere.get(address[1]).status_code == 404
    assert "没有符合条件的提示" in elsewhere.get("/desk/study/findings/").text
    with house.runtime.read() as uow:
        tags = set(uow.session.scalars(select(AuditEvent.tag)))
    assert {"study_finding:find", "study_finding:look"} <= tags
