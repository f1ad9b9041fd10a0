"""The hour that decides, in a real browser: dead networks, crashes, other devices, keys alone, other clocks."""

import shutil
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select, update

from lms.accounts.models import LoginSession
from lms.accounts.policy import Role
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import AnswerRevision
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE
from lms.exam.queries import saved_answers
from lms.exam.queries.marks import review_marks
from lms.exam.service import conditions
from lms.plans.models import Plan
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import Keyboard
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_runner_in_browser import arrive, begin, ready, stored
from tests.support.site import ClockControl
from tests.support.thoroughness import IS_THOROUGH
from tests.support.width import is_too_wide

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
GRAVE = ("serious", "critical")
MINUTE, LAST_SECONDS = 60, 12
"""So much is left of a sitting when its page is loaded, which takes a few of them."""
CUT_SECONDS = 60 if IS_THOROUGH else 5


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds serious on the open page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in GRAVE]


def number_of(page: Page) -> int:
    """The number of the question that is shown."""
    return int(page.locator("section[data-position]:visible").get_attribute("data-position") or 0)


def held(page: Page) -> None:
    """Go on here with an attempt that another device holds."""
    page.locator("main form button").click()
    ready(page)


def cut_network(page: Page) -> None:
    page.context.set_offline(True)


def mend_network(page: Page) -> None:
    page.context.set_offline(False)


def test_a_whole_exam_by_the_keyboard_alone(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page, keys = arrive(chromium, address, candidate), Keyboard()
    page.goto(f"/exam/{house.plan_id}")
    assert faults(page) == []
    keys.press(page.locator("form[action$='/start'] > button"))
    keys.press(page.locator("dialog button[type=submit]"))
    page.wait_for_url("**/exam/attempts/*")
    ready(page)
    attempt_id = page.url.rsplit("/", 1)[1]
    assert faults(page) == []
    for position in range(1, 11):
        assert number_of(page) == position
        keys.choose(page.locator(f"#q{position} .opt input").nth(1))
        if position == 4:
            keys.press(page.locator("#q4 [data-flag]"))
            expect(page.locator("#q4 [data-flag]")).to_have_text("取消标记")
        if position < 10:
            keys.press(page.locator("#next"))
    expect(page.locator("#save-state")).to_contain_text("已保存")
    keys.press(page.locator("#hand-in-button"))
    expect(page.locator("#hand-in [data-unanswered]")).to_have_text("0")
    expect(page.locator("#hand-in [data-flagged]")).to_have_text("1")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#hand-in")).to_be_hidden()
    keys.press(page.locator("#hand-in-button"))
    keys.press(page.locator("#hand-in [data-really]"))
    page.wait_for_url("**/result")
    assert faults(page) == []
    attempt = house.attempt(attempt_id)
    assert (attempt.state, attempt.breakdown["answered"]) == (AttemptState.GRADED, 10)


def test_shortcut_keys_can_be_switched_off(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    page.locator("[data-comfort=keys]").click()
    page.locator("#q1").focus()
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    assert number_of(page) == 1
    page.reload()
    ready(page)
    expect(page.locator("[data-comfort=keys]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("b")
    page.locator("[data-comfort=keys]").click()
    page.locator("#q1").focus()
    page.keyboard.press("c")
    expect(page.locator("#q1 [data-saved]")).to_have_text("已保存")
    assert stored(house, attempt_id) == {1: 1}


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
    attempt_id = begin(page, house)
    page.route("**/api/v1/exam/*", lambda route: route.abort())
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
    begin(page, house)
    page.route("**/api/v1/exam/*", lambda route: route.abort())
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.evaluate(HOLD_WRITES)
    page.keyboard.press("m")
    expect(page.locator("#save-state")).to_contain_text("正在保存", timeout=2000)
    page.evaluate("window.letGo = true")
    expect(page.locator("#save-state")).to_contain_text("存在本机")


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
    held(page)
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
    attempt_id = begin(page, house)
    page.route(
        "**/api/v1/exam/**",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>请先登录上网</h1>"),
    )
    page.keyboard.press("b")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the time is asked for anew
    expect(page.locator("#hand-in-button")).to_be_visible()
    page.unroute("**/api/v1/exam/**")
    expect(page.locator("#save-state")).to_contain_text("已保存", timeout=30_000)
    assert stored(house, attempt_id) == {1: 1}


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
    held(page)
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
    page.goto(f"/exam/attempts/{attempt_id}")
    held(page)
    page.route("**/api/v1/exam/*", lambda route: route.abort())
    page.locator("#q1 label").nth(1).click()
    expect(page.locator("#q1 [data-saved]")).to_have_text("存在本机")
    page.add_init_script(LATE_STORE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload(wait_until="commit")
    page.locator("html[data-store-asked]").wait_for()
    page.locator("#q1 label").nth(3).click()
    page.unroute("**/api/v1/exam/*")
    ready(page)
    expect(page.locator("#save-state")).to_contain_text("已保存")
    expect(page.locator("#q1 .opt input").nth(3)).to_be_checked()
    with house.runtime.read() as uow:
        assert saved_answers(uow, attempt_id)[1].chosen == {house.options(attempt_id, 1)[3]}


def test_handing_in_without_a_network_goes_on_by_itself_when_it_is_back(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    page.keyboard.press("a")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    page.route("**/api/v1/exam/submit", lambda route: route.abort())
    page.click("#hand-in-button")
    page.click("#hand-in [data-really]")
    expect(page.locator("#hand-in [data-unsaved]")).to_contain_text("还没有交上")
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    page.unroute("**/api/v1/exam/submit")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).state is AttemptState.GRADED


def test_the_waiting_room_opens_its_door_by_itself(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    page = arrive(chromium, address, candidate)
    with house.runtime.write() as uow:
        opens = uow.now + timedelta(seconds=12)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(exam_from=opens))
    page.goto(f"/exam/{house.plan_id}")
    expect(page.locator("[data-countdown]")).to_be_visible()
    expect(page.locator("[data-door]")).to_be_hidden()
    assert faults(page) == []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-door] form > button")).to_be_visible(timeout=30_000)
    assert house.runtime.clock.now() >= opens
    assert [url for url in asked if not url.endswith("/door")] == [], "no page is loaded for it"
    expect(page.locator("[data-door] [data-given]")).to_contain_text("您有 60 分钟")
    assert faults(page) == []
    attempt_id = begin(page, house)
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS


def test_the_waiting_room_tells_each_his_own_minutes_and_what_has_changed_meanwhile(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    actor = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        extra_id = conditions.grant_extra(
            uow, actor, house.plan_id, candidate.person.id, 50, 0, "视力障碍，凭证明"
        )
    page = arrive(chromium, address, candidate)
    told: list[str] = []
    page.on("response", lambda reply: told.append(reply.url) if reply.url.endswith("/door") else None)
    page.goto(f"/exam/{house.plan_id}")
    given = page.locator("[data-door] [data-given]")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(one => one.name.endsWith('/door'))"
    )
    page.wait_for_timeout(1000)
    assert told
    expect(given).to_contain_text("您有 90 分钟")
    expect(page.locator("[data-lost]")).to_be_hidden()
    with house.runtime.write() as uow:
        conditions.withdraw_extra(uow, actor, house.plan_id, extra_id, "证明已过期，不再适用")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(given).to_contain_text("您有 60 分钟")
    with house.runtime.write() as uow:
        conditions.pause(uow, actor, house.plan_id, EVERYONE, 600, "考点停电，按应急预案处理")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("main")).to_contain_text("考试已暂停")
    expect(page.locator("[data-door]")).to_have_count(0)


def test_time_is_told_six_times_at_most_and_the_devices_clock_changes_nothing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    page.clock.install()
    begin(page, house)
    left = page.locator("#remaining")
    before = int((left.text_content() or "").split(":")[0])
    for hours in (24, -24):
        page.clock.set_system_time((house.runtime.clock.now() + timedelta(hours=hours)).timestamp() * 1000)
        page.clock.run_for(1000)
        assert abs(int((left.text_content() or "").split(":")[0]) - before) <= 1
    for asked in ("**/clock", "**/visit"):
        page.route(asked, lambda route: route.abort())
    page.evaluate(
        """() => {
          window.told = [];
          const place = document.getElementById("announce");
          new MutationObserver(() => window.told.push(place.textContent)).observe(place, {childList: true});
        }"""
    )
    for _ in range(59):
        page.clock.run_for(60_000)
    page.clock.run_for(35_000)
    told = page.evaluate("window.told")
    assert told == ["时间过半", "还剩 10 分钟", "还剩 5 分钟", "还剩 2 分钟", "还剩 1 分钟", "还剩 30 秒"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_text_grows_and_contrast_with_it_and_both_are_remembered(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate, size: dict[str, int]
) -> None:
    page = arrive(chromium, address, candidate)
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    begin(page, house)
    measure = "() => parseFloat(getComputedStyle(document.querySelector('.stem')).fontSize)"
    plain = page.evaluate(measure)
    for _ in range(3):
        page.locator("[data-comfort=larger]:visible").click()
    expect(page.locator("[data-comfort=larger]:visible")).to_have_attribute("aria-disabled", "true")
    page.locator("[data-comfort=contrast]:visible").click()
    assert page.evaluate(measure) == pytest.approx(plain * 1.5)
    page.reload()
    ready(page)
    assert page.evaluate(measure) == pytest.approx(plain * 1.5)
    expect(page.locator("[data-comfort=contrast]:visible")).to_have_attribute("aria-pressed", "true")
    assert not is_too_wide(page)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    page.reload()
    ready(page)
    assert faults(page) == []


def test_a_rehearsal_on_a_phone_from_beginning_to_end(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto("/exam/rehearsal")
    assert faults(page) == []
    page.locator("main form button").click()
    page.wait_for_url("**/exam/rehearsal/*")
    ready(page)
    for position in range(1, 6):
        page.locator(f"#q{position} label").nth(0).click()
        expect(page.locator(f"#q{position} [data-saved]")).to_have_text("已保存")
        page.locator("#next").click()
    page.locator("#w6").fill("6")
    page.locator("#q6 [data-flag]").click()
    expect(page.locator("#q6 [data-saved]")).to_have_text("已保存")
    page.reload()
    ready(page)
    expect(page.locator("#w6")).to_have_value("6")
    expect(page.locator("#numbers .q[href='#q6']")).to_have_class("q done flag")
    page.click("#hand-in-button")
    page.click("#hand-in [data-really]")
    page.wait_for_url("**/result")
    expect(page.locator("main")).to_contain_text("答了 6 题")
    assert faults(page) == []
