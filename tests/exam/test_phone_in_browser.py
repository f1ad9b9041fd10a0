"""What a phone shows of an exam: the question below whatever was said, tables that fit, one notation of time."""

import shutil
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.core.formats import PAGE_ZONE, countdown, meter
from lms.exam.models.conditions import ExamMessage, MessageReceipt
from lms.exam.policy.conditions import EVERYONE
from lms.exam.service import conditions, messages, rooms, seats
from lms.plans.models import Plan
from tests.browser.conftest import DESKTOP, PHONE
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.desk import sit
from tests.support.doorway import walk_in
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
WITHIN_MS = 20_000
READ = "#told:not([data-moving]) [data-newest] [data-read]"
"""The button under the newest notice, once it has stood still long enough to be meant."""
WHY = "考点停电，按应急预案处理，已报省中心同意"
WORDS = "请核对屏幕右上角的姓名和准考信息，如有不符请马上举手示意监考人员，不要自行处理"
SIDEWAYS = (
    "[...document.querySelectorAll('main .scroll-x')]"
    ".filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.getAttribute('aria-label'))"
)
BACKGROUND = "one => getComputedStyle(one).backgroundColor"
IN_SIGHT = """one => {
  const range = document.createRange(); range.selectNodeContents(one);
  const box = range.getClientRects()[0];
  const foot = document.querySelector('.exam-foot').getBoundingClientRect().top;
  return window.scrollY === 0 && box.top >= 0 && box.bottom <= Math.min(foot, window.innerHeight);
}"""


def arrive(
    chromium: Browser,
    address: str,
    person: KnownPerson,
    *,
    language: str = "zh-CN",
    size: dict[str, int] = PHONE,
) -> Page:
    """Sign in on a phone, or at a desk."""
    context = chromium.new_context(
        base_url=address, viewport=size, locale=language, timezone_id="Asia/Shanghai", is_mobile=size == PHONE,
        has_touch=size == PHONE,
    )  # fmt: skip
    return walk_in(context, person)


def begin(page: Page, house: ExamHouse) -> str:
    """Start the exam and return the attempt's id."""
    page.goto(f"/exam/{house.plan_id}")
    page.locator("form[action$='/start'] > button").click()
    page.locator("dialog button[type=submit]").click()
    page.locator("#sheet[data-ready]").wait_for()
    return page.url.rsplit("/", 1)[1]


def say_three_things(house: ExamHouse) -> None:
    """Send a message, give time, and pause the exam and let it go on."""
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        messages.send(uow, admin, house.plan_id, EVERYONE, WORDS)
    with house.runtime.write() as uow:
        measure_id, _ = conditions.pause(uow, admin, house.plan_id, EVERYONE, 600, WHY)
    with house.runtime.write() as uow:
        conditions.resume(uow, admin, house.plan_id, measure_id)
    with house.runtime.write() as uow:
        conditions.give_time(uow, admin, house.plan_id, EVERYONE, 600, WHY)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_question_stays_on_the_screen_of_a_phone_whatever_staff_say(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate, language: str
) -> None:
    page = arrive(chromium, address, candidate.person, language=language)
    begin(page, house)
    say_three_things(house)
    told = page.locator("#told [data-message]")
    expect(told).to_have_count(4, timeout=WITHIN_MS)
    expect(page.locator("#told [data-message]:visible")).to_have_count(1)
    expect(page.locator("#told [data-newest]")).to_contain_text(WHY)
    assert page.locator("section[data-position]:visible .stem").evaluate(IN_SIGHT)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.reload()
    page.locator("#sheet[data-ready]").wait_for()
    expect(told).to_have_count(4, timeout=WITHIN_MS)
    assert page.locator("section[data-position]:visible .stem").evaluate(IN_SIGHT)


def test_an_option_that_a_finger_let_go_of_does_not_look_chosen(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate.person)
    begin(page, house)
    several = page.locator("section[data-position]").filter(has=page.locator("input[type=checkbox]")).first
    while not several.is_visible():
        page.locator("#next").tap()
    option = several.locator(".opt").nth(1)
    as_it_was = option.evaluate(BACKGROUND)
    option.tap()
    expect(option.locator("input")).to_be_checked()
    assert option.evaluate(BACKGROUND) != as_it_was
    option.tap()
    expect(option.locator("input")).not_to_be_checked()
    assert option.evaluate(BACKGROUND) == as_it_was


def test_what_staff_say_is_announced_once_each_and_read_one_by_one(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate.person)
    begin(page, house)
    # As a screen reader hears it: what is added to the region of announcements, and to no other that is live.
    page.evaluate(
        """() => {
          window.heard = [];
          new MutationObserver((all) => {
            for (const one of all) for (const fresh of one.addedNodes) {
              const live = one.target.closest("[aria-live], [role=status], [role=alert]");
              if (live?.closest("#told-announce, #told, main > [aria-live]")) window.heard.push(fresh.textContent);
            }
          }).observe(document.querySelector("main"), { childList: true, subtree: true });
        }"""
    )
    say_three_things(house)
    told = page.locator("#told [data-message]")
    expect(told).to_have_count(4, timeout=WITHIN_MS)
    heard = page.evaluate("window.heard")
    assert [text.partition("：")[0].partition("，")[0] for text in heard] == [
        "监考人员", "监考人员暂停了考试", "考试继续", "监考人员给您补时 10 分钟。原因",
    ]  # fmt: skip
    assert page.locator("#told-announce").get_attribute("aria-live") == "assertive"

    more = page.locator("#told summary")
    expect(more).to_have_text("还有 3 条消息")
    more.click()
    expect(page.locator("#told [data-message]:visible")).to_have_count(4)
    expect(page.locator("#told [data-others] [data-message]").last).to_contain_text(WORDS)
    more.click()
    page.locator(READ).click()
    expect(page.locator("#told [data-newest]")).to_contain_text("考试继续")
    expect(page.locator("#told [data-newest] [data-read]")).to_be_focused()
    expect(more).to_have_text("还有 2 条消息")
    for left in (2, 1, 0):
        page.locator(READ).click()
        expect(told).to_have_count(left)
    expect(page.locator("#told")).to_be_hidden()
    expect(page.locator("section[data-position]:visible")).to_be_focused()
    assert page.evaluate("window.heard") == heard, "moving up announces nothing anew"
    page.wait_for_timeout(4_500)
    expect(told).to_have_count(0)
    assert page.evaluate("window.heard") == heard, "what was read stays read"


def tell(house: ExamHouse, words: str) -> None:
    """Send a message to everybody who sits."""
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        messages.send(uow, admin, house.plan_id, EVERYONE, words)


def confirmed(house: ExamHouse, attempt_id: str) -> dict[str, bool]:
    """Return what was said to an attempt, and whether that counts as read."""
    with house.runtime.read() as uow:
        rows = uow.session.execute(
            select(ExamMessage.words, MessageReceipt.acknowledged_at)
            .join(ExamMessage, ExamMessage.id == MessageReceipt.message_id)
            .where(MessageReceipt.attempt_id == attempt_id)
        )
        return {words: at is not None for words, at in rows}


def test_a_click_meant_for_one_message_confirms_no_other(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate.person)
    attempt_id = begin(page, house)
    tell(house, "甲：请核对姓名")
    newest = page.locator("#told [data-newest]")
    expect(newest).to_contain_text("甲", timeout=WITHIN_MS)
    page.locator(READ).wait_for()
    # A finger on its way: it comes down where it was meant to, a moment after the next message came there.
    page.evaluate(
        """() => {
          const newest = document.querySelector("#told [data-newest]");
          new MutationObserver((_, watching) => {
            watching.disconnect();
            newest.querySelector("[data-read]").click();
            window.hasClicked = true;
          }).observe(newest, { childList: true });
        }"""
    )
    tell(house, "乙：请全体离开考场")
    expect(newest).to_contain_text("乙", timeout=WITHIN_MS)
    assert page.evaluate("window.hasClicked")
    expect(page.locator("#told [data-message]")).to_have_count(2)
    # And the second click of a double one, when the first has brought the older message up.
    page.locator(READ).dblclick()
    expect(newest).to_contain_text("甲")
    page.wait_for_timeout(4_000)  # it was told to the server meanwhile, with all that counts as read
    expect(page.locator("#told [data-message]")).to_have_count(1)
    assert confirmed(house, attempt_id) == {"甲：请核对姓名": False, "乙：请全体离开考场": True}
    page.locator(READ).click()
    expect(page.locator("#told")).to_be_hidden()


def test_a_message_that_comes_leaves_the_keyboard_where_it_confirms_nothing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate.person)
    begin(page, house)
    tell(house, "甲：请核对姓名")
    page.locator(READ).focus()
    tell(house, "乙：请全体离开考场")
    expect(page.locator("#told [data-newest]")).to_contain_text("乙", timeout=WITHIN_MS)
    expect(page.locator("#told summary")).to_be_focused()
    page.locator(READ).wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#told [data-message]:visible")).to_have_count(2)


def test_what_is_said_during_a_pause_is_announced_when_it_can_be_heard(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    page = arrive(chromium, address, candidate.person)
    begin(page, house)
    with house.runtime.write() as uow:
        measure_id, _ = conditions.pause(uow, admin, house.plan_id, EVERYONE, 600, WHY)
    expect(page.locator("#paused")).to_be_visible(timeout=WITHIN_MS)
    tell(house, WORDS)
    expect(page.locator("#told [data-newest]")).to_contain_text(WORDS, timeout=WITHIN_MS)
    announced = page.locator("#told-announce p")
    expect(announced).to_have_count(0)
    with house.runtime.write() as uow:
        conditions.resume(uow, admin, house.plan_id, measure_id)
    expect(page.locator("#paused")).to_be_hidden(timeout=WITHIN_MS)
    expect(announced).to_contain_text(["暂停了考试", WORDS, "考试继续"])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_end_of_an_exam_on_another_day_bears_its_day_also_where_the_script_writes_it(
    chromium: Browser, address: str, house: ExamHouse, clock: ClockControl, language: str
) -> None:
    late = clock.now().astimezone(PAGE_ZONE).replace(hour=23, minute=30)
    clock.set(late)
    with house.runtime.write() as uow:
        closes = uow.now + timedelta(hours=3)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(exam_until=closes))
    page = arrive(chromium, address, house.candidate().person, language=language)
    page.goto(f"/exam/{house.plan_id}")
    given = page.locator("[data-given]")
    written = given.text_content() or ""
    day = {"zh-CN": "11月22日 00:3", "en": "22 Nov, 00:3"}[language]
    assert day in written
    expect(given).not_to_have_text(written, timeout=WITHIN_MS)
    expect(given).to_contain_text(day)
    scripts = page.evaluate(
        """async () => {
          const words = await import(document.querySelector("link[href$='/exam/words.js']").href);
          const patterns = words.wordsOf("waiting-words");
          const [eve, morning] = [Date.UTC(2026, 11, 31, 15), Date.UTC(2026, 11, 31, 17)];
          return [words.timeFrom(eve, morning, patterns), words.timeFrom(morning, morning, patterns)];
        }"""
    )
    assert scripts == [{"zh-CN": "2027年1月1日 01:00:00", "en": "1 Jan 2027, 01:00:00"}[language], "01:00:00"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_tables_of_the_exam_desk_stand_up_on_a_phone(
    chromium: Browser, address: str, house: ExamHouse, language: str
) -> None:
    admin = house.people.staff(Role.EXAM_ADMIN)
    actor = house.people.actor(admin)
    done, waiting = house.candidate(), house.candidate()
    attempt_id = sit(house, done, wrong=[1])
    with house.runtime.write() as uow:
        room_id = rooms.make_room(uow, actor, house.plan_id, "第 1 考场", "云浦电力技能评价中心实训楼 301", 5)
        seats.place(uow, actor, house.plan_id, room_id, [waiting.person.id])
        conditions.grant_extra(uow, actor, house.plan_id, waiting.person.id, 25, 300, "视力障碍，凭证明")
    page = arrive(chromium, address, admin, language=language)
    desk = f"/desk/invigilation/{house.plan_id}"
    pages = (
        "/exam/desk/attempts",
        "/desk/invigilation/",
        f"{desk}/rooms/",
        f"{desk}/rooms/{room_id}",
        f"{desk}/extra",
    )
    for path in pages:
        page.goto(path)
        page.locator("main table").first.wait_for()
        assert page.evaluate(SIDEWAYS) == [], path
    page.goto("/exam/desk/attempts")
    cell = page.locator(f"tr:has(a[href$='{attempt_id}']) td[data-label]").first
    said = {"zh-CN": "第几次", "en": "Attempt"}[language]
    assert said in cell.evaluate("one => getComputedStyle(one, '::before').content")
    own = arrive(chromium, address, done.person, language=language)
    own.goto("/exam/scores")
    own.locator("main table").wait_for()
    assert own.evaluate(SIDEWAYS) == []
    wide = arrive(chromium, address, admin, language=language, size=DESKTOP)
    wide.goto("/exam/desk/attempts")
    cell = wide.locator("td[data-label]").first
    assert cell.evaluate("one => getComputedStyle(one, '::before').content") == "none"
    wide.goto(desk)
    pause = {"zh-CN": "暂停", "en": "Pause"}[language]
    expect(wide.get_by_role("link", name=pause, exact=True)).to_be_visible()


def test_practice_lights_its_own_place_and_leads_back(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    for size, places in ((PHONE, ".tabbar"), (DESKTOP, ".topnav")):
        page = arrive(chromium, address, candidate.person, size=size)
        page.goto("/exam/practice")
        expect(page.locator(f"{places} [aria-current=page]")).to_have_text("考试")
        page.get_by_role("link", name="回到考试").click()
        page.wait_for_url(f"**/exam/{house.plan_id}")


def test_remaining_time_has_one_notation_on_every_page_and_in_every_script(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    with house.runtime.write() as uow:
        opens = uow.now + timedelta(minutes=5, seconds=40)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(exam_from=opens))
    context = chromium.new_context(
        base_url=address, viewport=PHONE, locale="zh-CN", java_script_enabled=False
    )
    plain = walk_in(context, candidate.person)
    plain.goto(f"/exam/{house.plan_id}")
    shape = plain.locator("[data-countdown]").text_content() or ""
    assert shape[0] == "5"
    assert shape[1] == ":"
    page = arrive(chromium, address, candidate.person)
    page.goto(f"/exam/{house.plan_id}")
    page.wait_for_timeout(700)
    counted = page.locator("[data-countdown]").text_content() or ""
    assert (len(counted), counted[:2]) == (4, "5:")
    for seconds in (0, 9, 45, 725, 3599, 3600, 18547):
        scripts = page.evaluate(
            """async (seconds) => {
              const words = await import(document.querySelector("link[href$='/exam/words.js']").href);
              return [words.countdown(seconds), words.meter(seconds)];
            }""",
            seconds,
        )
        assert scripts == [countdown(seconds), meter(seconds)]
    midnight = page.evaluate(
        """async () => {
          const words = await import(document.querySelector("link[href$='/exam/words.js']").href);
          return words.clockTime(Date.UTC(2026, 10, 20, 16, 0, 5));
        }"""
    )
    assert midnight == "00:00:05"
