"""The exam page in a real browser: keys, lost networks, a second device, the last seconds, no scripts."""

import shutil
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import AttemptState
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin, cut_network, mend_network, ready, stored
from tests.support.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


def test_keys_choose_and_every_choice_is_saved_at_once(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    expect(page.locator("section[data-position]:visible")).to_have_count(1)
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    page.keyboard.press("m")
    expect(page.locator("#q2 [data-flag]")).to_have_text("取消标记")
    expect(page.locator("#q2 [data-saved]")).to_have_text("已保存")
    assert stored(house, attempt_id) == {1: 1, 2: 1}
    page.click("#hand-in-button")
    expect(page.locator("#hand-in [data-unanswered]")).to_have_text("8")
    expect(page.locator("#hand-in [data-unanswered]")).to_have_class("t-refused")
    expect(page.locator("#hand-in [data-flagged]")).to_have_text("1")
    page.click("#hand-in [data-close]")
    page.click("#q2 [data-flag]")
    expect(page.locator("#q2 [data-flag]")).to_have_text("标记复查")
    page.click("#hand-in-button")
    expect(page.locator("#hand-in [data-flagged]")).to_have_text("0")
    expect(page.locator("#hand-in [data-flagged]")).to_have_class("")
    page.click("#hand-in [data-really]")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).state is AttemptState.GRADED


def test_answers_given_without_network_arrive_when_it_is_back_even_after_a_reload(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, "**/api/v1/exam/answer")
    attempt_id = begin(page, house)
    cut_network(page)
    page.keyboard.press("c")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    expect(page.locator("#trouble")).to_contain_text("第 1 题")
    assert stored(house, attempt_id) == {}
    mend_network(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    wire.cut()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#trouble")).to_contain_text("第 2 题")
    wire.mend()
    # By hand, unless the page was faster: it tries again by itself.
    page.locator("[data-retry]").evaluate_all("all => all.forEach(one => one.click())")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert stored(house, attempt_id) == {1: 1, 2: 1}


def test_a_left_behind_device_says_where_the_exam_went(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    first = arrive(chromium, address, candidate)
    attempt_id = begin(first, house)
    second = arrive(chromium, address, candidate)
    second.goto(f"/exam/attempts/{attempt_id}")
    second.locator("main form button").click()
    expect(second.locator("section[data-position]:visible")).to_have_count(1)
    first.keyboard.press("a")
    expect(first.locator("#trouble")).to_contain_text("另一台设备")
    assert stored(house, attempt_id) == {}


def test_at_zero_the_sheet_goes_in_by_itself(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    with house.runtime.write() as uow:
        soon = uow.now + timedelta(seconds=4)
        uow.session.execute(update(Attempt).where(Attempt.id == attempt_id).values(deadline_at=soon))
    page.reload()
    ready(page)
    page.keyboard.press("a")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).breakdown["answered"] == 1


def test_without_scripts_the_sheet_is_one_form(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate, scripts=False)
    attempt_id = begin(page, house)
    expect(page.locator("section[data-position]:visible")).to_have_count(10)
    page.locator("#q1 input[name=q1]").first.check()
    page.click("button[value=save]")
    expect(page.locator("#q1 input[name=q1]").first).to_be_checked()
    page.click("main button[value=hand_in]")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).breakdown["answered"] == 1
