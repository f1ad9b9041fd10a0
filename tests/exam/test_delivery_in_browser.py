"""The hour that decides, in a real browser: keys alone, the waiting room, other clocks, large text, a rehearsal."""

import shutil
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from lms.accounts.policy import Role
from lms.exam.jobs import attempts as jobs
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE
from lms.exam.service import conditions
from lms.plans.models import Plan
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import Keyboard
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin, number_of, ready, stored
from tests.support.width import is_too_wide
from tests.support.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
GRAVE = ("serious", "critical")


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds serious on the open page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in GRAVE]


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
    wires = [Wire(page, address) for address in ("**/clock", "**/visit")]
    begin(page, house)
    left = page.locator("#remaining")
    before = int((left.text_content() or "").split(":")[0])
    for hours in (24, -24):
        page.clock.set_system_time((house.runtime.clock.now() + timedelta(hours=hours)).timestamp() * 1000)
        page.clock.run_for(1000)
        assert abs(int((left.text_content() or "").split(":")[0]) - before) <= 1
    for wire in wires:
        wire.cut()
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
