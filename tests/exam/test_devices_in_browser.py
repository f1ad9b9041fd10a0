"""One exam on two devices, in two pages of a browser, and over a login that ends: one holds it, no answer is lost."""

import shutil

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from lms.accounts.models import LoginSession
from lms.exam.queries import saved_answers
from lms.exam.queries.marks import review_marks
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin, cut_network, mend_network, ready, stored

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


def test_two_devices_the_second_goes_on_and_the_first_can_change_nothing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    first = arrive(chromium, address, candidate)
    attempt_id = begin(first, house)
    first.keyboard.press("a")
    first.keyboard.press("m")
    expect(first.locator("#save-state")).to_contain_text("已保存")
    cut_network(first)
    for key in ("b", "a", "b"):  # more changes than the other device will make
        first.keyboard.press(key)
    for _ in range(2):
        first.keyboard.press("m")
    expect(first.locator("#save-state")).to_contain_text("存在本机")
    second = arrive(chromium, address, candidate)
    second.goto(f"/exam/attempts/{attempt_id}")
    second.locator("main form button").click()
    ready(second)
    expect(second.locator("#q1 .opt input").nth(0)).to_be_checked()
    expect(second.locator("#q1 [data-flag]")).to_have_text("取消标记")
    second.locator("#numbers .q[href='#q1']").click()
    second.keyboard.press("d")
    second.keyboard.press("m")
    expect(second.locator("#q1 [data-saved]")).to_have_text("已保存")
    expect(second.locator("#save-state")).to_contain_text("已保存")
    mend_network(first)
    expect(first.locator("#trouble")).to_contain_text("另一台设备")
    expect(first.locator("#q1 .opt input").first).to_be_disabled()
    # Back to the first: what only waited there is older than what the second one saved.
    first.locator("#trouble [data-way]").click()
    first.locator("main form button").click()
    ready(first)
    first.locator("#numbers .q[href='#q1']").click()
    expect(first.locator("#q1 .opt input").nth(3)).to_be_checked()
    expect(first.locator("#q1 [data-flag]")).to_have_text("标记复查")
    with house.runtime.read() as uow:
        assert saved_answers(uow, attempt_id)[1].chosen == {house.options(attempt_id, 1)[3]}
        assert not review_marks(uow, attempt_id)[1].is_set


def test_a_page_that_gave_way_to_another_watches_no_more(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    begin(page, house)
    page.context.new_page().goto(page.url)
    expect(page.locator("#trouble")).to_contain_text("另一个页面")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.wait_for_timeout(5_000)
    assert not any(url.endswith("/visit") for url in asked)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('away:'))") == []


def test_a_login_that_ends_in_the_middle_costs_a_sign_in_and_no_answer(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    with house.runtime.write() as uow:
        uow.session.execute(
            update(LoginSession)
            .where(LoginSession.person_id == candidate.person.id)
            .values(revoked_at=uow.now)
        )
    page.keyboard.press("b")
    expect(page.locator("#trouble")).to_contain_text("请重新登录")
    page.locator("#trouble [data-way]").click()
    page.fill("[name=login_name]", candidate.person.login_name)
    page.fill("[name=password]", candidate.person.password)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/exam/attempts/{attempt_id}")
    page.locator("main form button").click()
    ready(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert stored(house, attempt_id) == {1: 1}


def test_a_second_page_in_the_same_browser_takes_over_from_the_first(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    expect(page.locator("#trouble")).to_contain_text("另一个页面")
    expect(page.locator("#q1 .opt input").first).to_be_disabled()
    other.keyboard.press("a")
    expect(other.locator("#save-state")).to_contain_text("已保存")
    assert stored(house, attempt_id) == {1: 1}
