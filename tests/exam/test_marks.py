"""Marks for another look are kept by the server: the highest revision counts, and they follow the candidate."""

import re
from collections.abc import Callable
from typing import Any

from lms.exam.queries.marks import review_marks
from lms.exam.service import marks
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_races import at_once
from tests.exam.test_views import begin
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]


def mark(browser: Browser, lease: Any, position: Any, revision: Any, marked: Any) -> Any:
    body = {"lease": lease, "position": position, "revision": revision, "marked": marked}
    return browser.client.post("/api/v1/exam/mark", json=body)


def marked(house: ExamHouse, attempt_id: str) -> dict[int, tuple[int, bool]]:
    with house.runtime.read() as uow:
        return {
            position: (one.revision, one.is_set) for position, one in review_marks(uow, attempt_id).items()
        }


def test_a_mark_is_there_on_the_page_of_another_device(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    first, second = signed_in(candidate.person), signed_in(candidate.person)
    sent = begin(first, house)
    assert sent["marks"] == {}
    for position, revision, is_set in ((3, 1, True), (4, 1, True), (4, 2, False)):
        assert mark(first, sent["lease"], position, revision, is_set).status_code == 200
    attempt_id = sent["attempt_id"]
    page = second.get(second.post(f"/exam/attempts/{attempt_id}/take-over").location).text
    assert re.search(r'id="q3" [^>]*data-mark-revision="1" data-marked', page)
    assert re.search(r'id="q4" [^>]*data-mark-revision="2" aria', page)
    again = second.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {}).get_json()
    assert again["marks"] == {"3": {"revision": 1, "marked": True}, "4": {"revision": 2, "marked": False}}
    cut = mark(first, sent["lease"], 5, 1, is_set)
    assert (cut.status_code, cut.get_json()["code"]) == (409, "taken_over")


def test_the_highest_revision_counts_in_whatever_order_marks_arrive(
    house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    lease, now = house.lease(candidate, attempt_id), house.runtime.clock.now_ms()

    def set_mark(revision: int) -> Any:
        return marks.set_mark(house.runtime, lease, 1, revision, now, marked=revision % 2 == 0)

    at_once(*[lambda revision=revision: set_mark(revision) for revision in (7, 3, 10, 1, 9, 2, 8, 5, 4, 6)])
    assert marked(house, attempt_id) == {1: (10, True)}
    assert set_mark(10) == 10, "the same one again is the same mark"


def test_bad_and_late_marks_are_refused_and_change_nothing(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    lease = sent["lease"]
    for position, revision, is_set in (
        (0, 1, True), (11, 1, True), (10**30, 1, True), (1, 0, True), (1, 10**30, True), ("1", 1, True),
        (1, True, True), (1, 1, 1), (1, 1, "true"), (1, 1, None), (None, None, None),
    ):  # fmt: skip
        reply = mark(browser, lease, position, revision, is_set)
        assert reply.status_code == 422, (position, revision, is_set)
    assert mark(browser, "x.y", 1, 1, True).status_code == 401
    assert mark(browser, lease, 1, 2, True).status_code == 200
    older = mark(browser, lease, 1, 1, False)
    assert (older.status_code, older.get_json()["revision"]) == (409, 2)
    clock.advance(3604)
    assert mark(browser, lease, 2, 1, True).get_json()["code"] == "time_up"
    browser.client.post("/api/v1/exam/submit", json={"lease": lease})
    assert mark(browser, lease, 2, 1, True).get_json()["code"] == "attempt_closed"
    assert marked(house, sent["attempt_id"]) == {1: (2, True)}
