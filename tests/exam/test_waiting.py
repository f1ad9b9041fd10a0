"""Before the start: the real minutes are told, the door tells the server's time, and shows no question."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from lms.accounts.policy import Role
from lms.exam.jobs import attempts as jobs
from lms.exam.policy.attempts import ExamRules
from lms.exam.policy.waiting import time_given
from lms.exam.service import conditions
from lms.plans.models import Plan
from lms.plans.queries import get_plan
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.exam.test_views import STEM
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
OPENS = datetime(2026, 12, 16, 6, 30, tzinfo=UTC)
SLOT = ExamRules(OPENS, OPENS + timedelta(minutes=120), 7200, 1, 9000)
"""One fixed slot: the whole time is the whole window (A19)."""
WEEK = ExamRules(OPENS, OPENS + timedelta(days=7), 7200, 2, 9000)
"""Own time within a week."""


@pytest.mark.parametrize(
    ("rules", "late", "seconds", "lost"),
    [
        (SLOT, timedelta(minutes=-30), 7200, 0),
        (SLOT, timedelta(0), 7200, 0),
        (SLOT, timedelta(seconds=1), 7199, 1),
        (SLOT, timedelta(minutes=33), 87 * 60, 33 * 60),
        (SLOT, timedelta(minutes=121), 0, 7200),
        (WEEK, timedelta(days=3), 7200, 0),
        (WEEK, timedelta(days=6, hours=23), 3600, 3600),
    ],
)
def test_who_starts_late_loses_what_the_window_takes_and_no_more(
    rules: ExamRules, late: timedelta, seconds: int, lost: int
) -> None:
    given = time_given(rules, OPENS + late)
    assert (given.seconds, given.lost_seconds) == (seconds, lost)


def test_the_page_tells_the_minutes_that_the_start_then_gives(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    with house.runtime.write() as uow:
        closes = uow.now + timedelta(minutes=30)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(exam_until=closes))
    browser = signed_in(candidate.person)
    page = browser.get(f"/exam/{house.plan_id}").text
    assert "现在开始，您有 29 分 5" in page, "the window ends before the hour that the plan gives"
    assert "比 60 分钟少" in page
    told = browser.get(f"/api/v1/exam/plans/{house.plan_id}/door").get_json()
    assert told["may_start"] is True
    assert (told["given_seconds"] + told["lost_seconds"], told["opens_in_ms"]) == (EXAM_SECONDS, 0)
    attempt = house.attempt(house.start(candidate))
    assert attempt.deadline_at == closes
    assert abs((attempt.deadline_at - attempt.started_at).total_seconds() - told["given_seconds"]) < 5


def test_who_has_extra_time_is_told_his_own_minutes_everywhere(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    actor = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        conditions.grant_extra(uow, actor, house.plan_id, candidate.person.id, 50, 0, "视力障碍，凭证明")
    full, extra = EXAM_SECONDS * 3 // 2, EXAM_SECONDS // 2
    browser = signed_in(candidate.person)
    page = browser.get(f"/exam/{house.plan_id}").text
    assert f'data-full-seconds="{full}"' in page
    assert "从开始算起 90 分钟" in page
    told = browser.get(f"/api/v1/exam/plans/{house.plan_id}/door").get_json()
    assert (told["full_seconds"], told["given_seconds"], told["lost_seconds"]) == (full, full, 0)
    assert f'data-closes-at-ms="{told["closes_at_ms"]}"' in page, "the page and the door name one end"
    with house.runtime.read() as uow:
        closes = get_plan(uow, house.plan_id).exam_until + timedelta(seconds=extra)
    assert told["closes_at_ms"] == round(closes.timestamp() * 1000)
    clock.set(closes - timedelta(seconds=extra + 60))
    page = signed_in(candidate.person).get(f"/exam/{house.plan_id}").text
    assert "比 90 分钟少" in page
    assert "现在开始，您有 30 分" in page


def test_the_door_is_closed_to_the_millisecond_and_shows_nothing(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    with house.runtime.write() as uow:
        opens = uow.now + timedelta(minutes=10)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(exam_from=opens))
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    browser = signed_in(candidate.person)
    page = browser.get(f"/exam/{house.plan_id}").text
    assert "data-waiting-room" in page
    assert "准时开始，您有 60 分钟" in page
    assert not STEM.search(page)
    asked = browser.get(f"/api/v1/exam/plans/{house.plan_id}/door")
    told = asked.get_json()
    assert 595_000 < told["opens_in_ms"] <= 600_000
    assert (told["may_start"], told["reasons"]) == (False, ["exam.window_not_open"])
    assert not STEM.search(asked.text)
    early = browser.post(f"/exam/{house.plan_id}/start")
    assert early.status_code == 409
    assert not STEM.search(early.text)
    clock.set(opens)
    assert browser.post(f"/exam/{house.plan_id}/start").status_code == 303


def test_the_door_of_a_plan_that_is_not_ones_own_is_not_there(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    assert signed_in(candidate.person).get(f"/api/v1/exam/plans/{house.plan()}/door").status_code == 404


def test_who_sits_already_gets_no_script_of_a_waiting_room_that_is_not_there(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    before = browser.get(f"/exam/{house.plan_id}").text
    assert ("data-waiting-room" in before, "js/exam-waiting.js" in before) == (True, True)
    house.start(candidate)
    sitting = browser.get(f"/exam/{house.plan_id}").text
    assert "继续作答" in sitting
    assert ("data-waiting-room" in sitting, "js/exam-waiting.js" in sitting) == (False, False)
