"""The exam page without a network: cut off, crashed, answered by something in between; nothing is lost."""

import shutil
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.exam.models.attempts import AnswerRevision
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE
from lms.exam.queries import saved_answers
from lms.exam.queries.marks import review_marks
from lms.exam.service import conditions
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin, cut_network, go_on_here, mend_network, ready, stored
from tests.support.site import ClockControl
from tests.support.thoroughness import IS_THOROUGH
from tests.support.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
MINUTE, LAST_SECONDS = 60, 12
"""So much is left of a sitting when its page is loaded, which takes a few of them."""
EXAM = "**/api/v1/exam/*"
CUT_SECONDS = 60 if IS_THOROUGH else 5


def test_a_network_that_is_gone_for_a_while_loses_nothing_and_the_order_stays(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    page.keyboard.press("a")
    expect(page.locator("#q1 [data-saved]")).to_have_text("已保存")
    cut_network(page)
    gone = time.monotonic()
    for position in (5, 2, 7, 3):
        page.locator(f"#numbers .q[href='#q{position}']").click()
        page.keyboard.press("a")
        page.keyboard.press("b")
    page.keyboard.press("m")
    expect(page.locator("#trouble")).to_contain_text("第 2、3、5、7 题")
    expect(page.locator("#numbers .q[href='#q5']")).to_have_class("q done local")
    while time.monotonic() - gone < CUT_SECONDS:
        page.wait_for_timeout(500)
    assert stored(house, attempt_id) == {1: 1}
    mend_network(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator(".q.local")).to_have_count(0)
    with house.runtime.read() as uow:
        arrived = uow.session.scalars(
            select(AnswerRevision.position)
            .where(AnswerRevision.attempt_id == attempt_id, AnswerRevision.position > 1)
            .order_by(AnswerRevision.received_at, AnswerRevision.position)
        ).all()
        assert review_marks(uow, attempt_id)[3].is_set
    assert list(arrived) == [5, 2, 7, 3], "in the order of the hand"
    assert stored(house, attempt_id) == {1: 1, 2: 2, 3: 2, 5: 2, 7: 2}


def test_a_page_that_crashes_without_a_network_loses_nothing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, EXAM)
    attempt_id = begin(page, house)
    wire.cut()
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    page.keyboard.press("m")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    context, here = page.context, page.url
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_event("crash"), suppress(PlaywrightError):
        page.goto("chrome://crash", timeout=5000)
    assert stored(house, attempt_id) == {}
    after = context.new_page()
    after.goto(here)
    ready(after)
    expect(after.locator("#save-state")).to_contain_text("已保存")
    assert stored(house, attempt_id) == {1: 1, 2: 1}
    with house.runtime.read() as uow:
        assert review_marks(uow, attempt_id)[2].is_set
    expect(after.locator("#q1 .opt input").nth(1)).to_be_checked()
    expect(after.locator("#numbers .q[href='#q2']")).to_have_class("q done flag")


HOLD_WRITES = """() => {
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    const transaction = begin.apply(this, given);
    const store = transaction.objectStore("unsent");
    const again = () => { if (!window.letGo) store.count().onsuccess = again; };
    again();
    return transaction;
  };
}"""


def test_the_page_promises_nothing_that_the_browser_is_still_writing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, EXAM)
    begin(page, house)
    wire.cut()
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.evaluate(HOLD_WRITES)
    page.keyboard.press("m")
    expect(page.locator("#save-state")).to_contain_text("正在保存", timeout=2000)
    page.evaluate("window.letGo = true")
    expect(page.locator("#save-state")).to_contain_text("存在本机")


def test_time_given_while_the_page_had_no_network_is_not_handed_in_by_the_page(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)

    def leave_only(seconds: int) -> None:
        clock.advance(house.attempt(attempt_id).remaining_ms(clock.now()) / 1000 - seconds)

    leave_only(MINUTE)
    page = arrive(chromium, address, candidate)
    page.goto(f"/exam/attempts/{attempt_id}")
    leave_only(LAST_SECONDS)
    go_on_here(page)
    cut_network(page)
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        conditions.give_time(uow, admin, house.plan_id, EVERYONE, 1800, "考场网络中断，补时")
    expect(page.locator("#q1 .opt input").first).to_be_disabled()
    mend_network(page)
    expect(page.locator("#q1 .opt input").first).to_be_enabled()
    expect(page.locator("#save-state")).to_contain_text("已保存")
    page.keyboard.press("c")
    expect(page.locator("#q1 [data-saved]")).to_have_text("已保存")
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    with house.runtime.read() as uow:
        assert saved_answers(uow, attempt_id)[1].chosen == {house.options(attempt_id, 1)[2]}


def test_an_answer_of_something_in_between_is_no_answer_of_the_house(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, EXAM)
    attempt_id = begin(page, house)
    wire.answer(
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>请先登录上网</h1>")
    )
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the time is asked for anew
    expect(page.locator("#hand-in-button")).to_be_visible()
    wire.mend()
    expect(page.locator("#save-state")).to_contain_text("已保存", timeout=30_000)
    assert stored(house, attempt_id) == {1: 1}


def test_handing_in_without_a_network_goes_on_by_itself_when_it_is_back(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, "**/api/v1/exam/submit")
    attempt_id = begin(page, house)
    page.keyboard.press("a")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    wire.cut()
    page.click("#hand-in-button")
    page.click("#hand-in [data-really]")
    expect(page.locator("#hand-in [data-unsaved]")).to_contain_text("还没有交上")
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    wire.mend()
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).state is AttemptState.GRADED
