"""What the model of the attempt found, each told once in plain words."""

from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.core.errors import Refusal
from lms.exam.jobs import attempts as jobs
from lms.exam.service import attempts
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.exam.desk import sit
from tests.exam.test_views import begin
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]


def test_a_hand_in_whose_reply_was_lost_is_told_the_same_after_the_deadline(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    lease = begin(browser, house)["lease"]
    first = browser.client.post("/api/v1/exam/submit", json={"lease": lease})
    clock.advance(EXAM_SECONDS + 600)
    again = browser.client.post("/api/v1/exam/submit", json={"lease": lease})
    assert (first.status_code, first.text) == (again.status_code, again.text) == (200, first.text)


def test_a_hand_in_after_the_sweeper_was_there_is_too_late(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    lease = begin(browser, house)["lease"]
    clock.advance(EXAM_SECONDS + 5)
    jobs.sweep_overdue(house.runtime)
    late = browser.client.post("/api/v1/exam/submit", json={"lease": lease})
    assert (late.status_code, late.get_json()["code"]) == (409, "time_up")


def test_an_attempt_before_the_pass_is_not_given_back_and_the_page_does_not_offer_it(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    first = sit(house, candidate, wrong=range(1, 7))
    sit(house, candidate)
    admin = house.people.staff(Role.EXAM_ADMIN)
    with pytest.raises(Refusal) as refused, house.runtime.write() as uow:
        attempts.void(uow, house.people.actor(admin), first, "考生说当时停电，申请作废")
    assert [reason.code for reason in refused.value.reasons] == ["attempt.person_passed"]
    assert f"{first}/void" not in signed_in(admin).get(f"/exam/desk/attempts/{first}").text
