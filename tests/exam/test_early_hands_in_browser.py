"""A hand that is faster than the scripts of the exam page, or than the store of the browser."""

import shutil
import time

import pytest
from playwright.sync_api import Browser, expect

from lms.exam.queries import saved_answers
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, go_on_here, number_of, ready, stored
from tests.support.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


def test_a_hand_that_is_faster_than_the_scripts_is_not_overlooked(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    page = arrive(chromium, address, candidate)
    page.goto(f"/exam/attempts/{attempt_id}")
    page.locator("main form button").click()
    ready(page)
    page.context.route("**/js/exam/clock.js", lambda route: (time.sleep(1), route.continue_()))
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload(wait_until="commit")
    page.locator("#q1 label").nth(2).click()
    ready(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert list(stored(house, attempt_id)) == [1]


# The browser's store opens a second late, and says that it was asked.
LATE_STORE = """
(() => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...what) {
    document.documentElement.dataset.storeAsked = "";
    const late = {};
    setTimeout(() => {
      const real = open.apply(this, what);
      for (const event of ["onupgradeneeded", "onsuccess", "onerror"]) {
        real[event] = () => {
          Object.defineProperty(late, "result", { get: () => real.result, configurable: true });
          late[event]?.();
        };
      }
    }, 1000);
    return late;
  };
})();
"""


def test_a_hand_that_is_faster_than_the_store_is_not_overlooked(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    page = arrive(chromium, address, candidate)
    page.goto(f"/exam/attempts/{attempt_id}")
    go_on_here(page)
    page.add_init_script(LATE_STORE)
    page.reload(wait_until="commit")
    page.locator("html[data-store-asked]").wait_for()
    page.locator("#q1 label").nth(2).click()
    ready(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert number_of(page) == 1
    assert list(stored(house, attempt_id)) == [1]


def test_what_a_hand_did_before_the_scripts_is_newer_than_what_the_browser_kept(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    page = arrive(chromium, address, candidate)
    wire = Wire(page, "**/api/v1/exam/*")
    page.goto(f"/exam/attempts/{attempt_id}")
    go_on_here(page)
    wire.cut()
    page.locator("#q1 label").nth(1).click()
    expect(page.locator("#q1 [data-saved]")).to_have_text("存在本机")
    page.add_init_script(LATE_STORE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload(wait_until="commit")
    page.locator("html[data-store-asked]").wait_for()
    page.locator("#q1 label").nth(3).click()
    wire.mend()
    ready(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    expect(page.locator("#q1 .opt input").nth(3)).to_be_checked()
    with house.runtime.read() as uow:
        assert saved_answers(uow, attempt_id)[1].chosen == {house.options(attempt_id, 1)[3]}
