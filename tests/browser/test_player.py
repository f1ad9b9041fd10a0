"""The player in a browser with real films: what was watched is what counts, and what stands in the way is said."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import cinema
from tests.browser.cinema import INTERVAL, QUESTION, SECONDS, STOP_AT, TITLES, counted, watched_seconds
from tests.browser.conftest import DESKTOP, PHONE, Window
from tests.browser.watching import (
    AT,
    HIDE,
    PLAYING,
    cut_off,
    join_again,
    lesson_ids,
    on_a_wire,
    settled,
    student,
    wait_until,
)
from tests.journeys.office import Office
from tests.journeys.player import Player as ByWire
from tests.support.thoroughness import IS_THOROUGH

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("site-browser")
]  # fmt: skip
OUTAGE_MS = 4000
LONG = 4 if IS_THOROUGH else 1


@pytest.fixture
def size() -> dict[str, int]:
    """A walk says for itself what it is looked at with."""
    return DESKTOP


@pytest.fixture
def films(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office with the course of short films."""
    cinema.register_films(office, tmp_path_factory.mktemp("short-films"))
    return office


def look(own: Window, name: str) -> None:
    """See that a page fits both sizes."""
    for size in (PHONE, DESKTOP):
        own.page.set_viewport_size(size)
        own.width = size["width"]
        assert not own.is_too_wide(), (name, size)
        own.shot(name)


def test_what_was_watched_is_what_counts(films: Office, window: Callable[..., Window]) -> None:
    own, plan_id = student(films, window, "看多少计多少", may_skip_ahead="可以任意拖动")
    page, wire = own.page, on_a_wire(own)
    page.locator("#start").click()
    wait_until(page, f"{AT} > {3.2 * LONG}")
    page.evaluate(HIDE, True)  # another tab comes to the front
    assert not page.evaluate(PLAYING)
    page.wait_for_timeout(1500)
    page.evaluate(HIDE, False)
    seen = watched_seconds(page)
    assert abs(settled(films, plan_id, page) - seen) <= INTERVAL
    expect(page.locator("#state")).to_contain_text("已保存，待确认")

    # Backwards and over again: seconds that count already do not count twice.
    page.locator("#back").click()
    page.locator("#play").click()
    wait_until(page, f"{AT} > 1.5")
    page.locator("#seek").fill("20")
    wait_until(page, f"{AT} > {20 + 3 * LONG}")
    page.locator("#play").click()
    assert abs(settled(films, plan_id, page) - watched_seconds(page)) <= INTERVAL

    # The network goes away while it plays, and comes back: the browser says so, or there is only silence.
    for is_told in (True, False):
        page.locator("#play").click()
        wait_until(page, PLAYING)
        page.wait_for_timeout(1200)
        cut_off(own, wire, is_told=is_told)
        expect(page.locator("#net")).to_be_visible(timeout=15_000)
        expect(page.locator("#net")).to_contain_text("网络断开，视频已暂停")
        assert not page.evaluate(PLAYING)
        own.shot("offline" if is_told else "silence")
        page.wait_for_timeout(OUTAGE_MS)  # longer than any unused time is kept
        join_again(own, wire)
        expect(page.locator("#net")).to_be_hidden(timeout=30_000)
        wait_until(page, PLAYING)
        page.locator("#play").click()
        assert abs(settled(films, plan_id, page) - watched_seconds(page)) <= INTERVAL
    page.reload()
    expect(page.locator("#cover-way")).to_be_hidden()
    assert "播放得比服务器时间快" not in page.locator("#cover-title").locator("xpath=../..").inner_text(), (
        "nothing of what was played before it was held is lost"
    )

    # A second tab takes over; what the first plays on counts no more.
    own.expect_refusals(409)
    second = own.context.new_page()
    before = settled(films, plan_id, page)
    page.locator("#play").click()
    second.goto(f"{own.site.url}/study/{plan_id}?at=0")
    second.locator("#start").click()
    expect(page.locator("#takeover")).to_be_visible(timeout=15_000)
    assert not page.evaluate(PLAYING)
    own.shot("taken-over")
    wait_until(second, f"{AT} > 3")
    second.locator("#play").click()
    assert abs(settled(films, plan_id, second) - before) <= INTERVAL, "these seconds counted before"


def test_what_earned_less_than_it_shows_after_an_outage_is_played_again(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "断网后补播", may_skip_ahead="可以任意拖动")
    page, wire = own.page, on_a_wire(own)
    page.locator("#start").click()
    wait_until(page, f"{AT} > 2.5")
    cut_off(own, wire, is_told=False)
    expect(page.locator("#net")).to_be_visible(timeout=15_000)
    held_at = float(page.evaluate(AT))

    def grant_less(route: Route) -> None:
        """Let the server count the beat, and the page hear that it did not."""
        reply = route.fetch()
        told = reply.json() | {"not_counted": "fast", "credit": 0, "covered": []}
        route.fulfill(response=reply, json=told)
        wire.mend()

    wire.answer(grant_less)
    expect(page.locator("#net")).to_contain_text("重新播放没有记下的一段", timeout=30_000)
    assert page.evaluate(AT) < held_at
    wait_until(page, f"{PLAYING} && {AT} > {held_at}")
    page.locator("#play").click()
    join_again(own, wire)
    assert abs(settled(films, plan_id, page) - watched_seconds(page)) <= INTERVAL


def test_the_first_view_goes_in_order_and_stops_for_a_question(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(
        films, window, "按顺序学", may_skip_ahead="不能跳过还没看的部分", top_speed_percent="2 倍"
    )
    page = own.page
    lesson = page.get_by_role("link", name=TITLES[1]).get_attribute("href")
    page.goto(f"{own.site.url}{lesson}&at=15")
    wait_until(page, "document.getElementById('video').readyState > 0")
    assert page.evaluate(AT) == 0
    # By the bar, by keys, by the system's own player: no further than what was seen.
    page.locator("#seek").fill("15")
    expect(page.locator("#note")).to_contain_text("第一次观看要按顺序，现在最远可以到 0:00")
    page.locator("#play").focus()
    page.keyboard.press("ArrowRight")
    page.evaluate("document.getElementById('video').currentTime = 12")
    wait_until(page, f"{AT} < 1")
    look(own, "in-order")
    mute(page)

    page.get_by_label("播放速度").select_option("2 倍")
    expect(page.locator("#note")).to_contain_text("正在 2 倍速播放：计入的时间不超过实际经过的时间")
    page.locator("#play").click()
    wait_until(page, f"{AT} > 1")
    page.locator("#seek").fill("15")
    expect(page.locator("#note")).to_contain_text("现在最远可以到")
    expect(page.locator("#cover-ask")).to_be_visible()
    dialog = page.get_by_role("dialog", name="随堂问题")
    expect(dialog).to_be_visible(timeout=15_000)
    assert STOP_AT <= page.evaluate(AT) < STOP_AT + 1
    assert not page.evaluate(PLAYING)
    # At double speed half of it counts; the rest is shown with its reason.
    assert abs(settled(films, plan_id, page) - STOP_AT / 2) <= INTERVAL
    expect(page.locator("#note")).to_contain_text("正在 2 倍速播放")  # what was said of the jump is past
    say_refused(page)
    look(own, "question")

    # Everything by its name and by the keyboard alone.
    expect(page.get_by_role("heading", name="随堂问题")).to_be_focused()
    group = dialog.get_by_role("group", name=QUESTION.stem)
    wrong = group.get_by_role("radio", name=QUESTION.options[1])
    choose(page, wrong)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("不对，请再选一次")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator("#play").click()  # the question is no nearer for being put aside
    expect(dialog).to_be_visible()
    choose(page, group.get_by_role("radio", name=QUESTION.options[0]))
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(QUESTION.explanation)
    expect(dialog.get_by_role("button", name="继续播放")).to_be_focused()
    look(own, "question-answered")
    page.keyboard.press("Enter")
    wait_until(page, f"{AT} > {STOP_AT + 2}")
    page.locator("#play").click()
    assert settled(films, plan_id, page) < STOP_AT + 2

    play_what_is_missing(own, films, plan_id)


def play_what_is_missing(own: Window, films: Office, plan_id: str) -> None:
    """Play it at the speed of the clock, each stretch once."""
    page = own.page
    page.get_by_role("button", name="播放还没计入的部分").click()
    wait_until(page, f"{AT} > {STOP_AT + 4}")
    page.locator("#play").click()
    assert page.get_by_label("播放速度").input_value() == "1"
    assert settled(films, plan_id, page) >= STOP_AT + 4 - 1, "each second was played to its end"
    page.locator("#cover svg").hover()
    expect(page.locator("#cover-say")).not_to_contain_text("指向上面的图")
    look(own, "covered")


def mute(page: Page) -> None:
    """Switch the sound off: the picture on the button shows it."""
    page.locator("#mute").click()
    expect(page.locator("#mute [data-when=muted]")).to_be_visible()
    expect(page.locator("#mute [data-when=heard]")).to_be_hidden()


def say_refused(page: Page) -> None:
    """Point at a second that was refused: its reason is said, with the way to object."""
    seconds = page.evaluate(
        "[...document.querySelectorAll('#cover svg > rect')].findIndex("
        "one => one.getAttribute('fill')?.includes('refused'))"
    )
    assert seconds >= 0
    box = page.locator("#cover svg > rect").nth(seconds).bounding_box()
    assert box is not None
    page.locator("#cover svg").dispatch_event(
        "pointermove", {"clientX": box["x"] + box["width"] / 2, "bubbles": True}
    )
    expect(page.locator("#cover-say")).to_contain_text("未计入。这段播放得比服务器时间快")
    expect(page.locator("#cover-way")).to_have_attribute("href", re.compile(r"^/study/\w+/refused$"))
    expect(page.locator("#cover-way")).to_be_visible()


def choose(page: Page, option: object) -> None:
    """Walk to a radio button of a group by keys alone."""
    for _ in range(6):
        if page.evaluate("document.activeElement.type === 'radio'"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(5):
        if option.is_checked():  # type: ignore[attr-defined]
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError("no arrow led to the option")


def test_what_is_missing_is_played_to_the_end_and_the_exam_opens_in_the_same_visit(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "补到学满", in_english=True, beat_interval_seconds="0:05")
    own.page.set_viewport_size(PHONE)
    own.width = PHONE["width"]
    page = own.page
    watch_by_wire(films, own, plan_id)
    first, *_, last = lesson_ids(page)
    page.goto(f"{own.site.url}/study/{plan_id}?lesson={first}")
    assert counted(films, plan_id) == (0, 54)
    own.shot("nearly-done")
    page.get_by_role("button", name=own.say("播放还没计入的部分")).click()
    # From the end of the first lesson to the third, which lacks its minimum, without a hand.
    page.wait_for_url(f"**lesson={last}**", timeout=30_000)
    wait_until(page, PLAYING)
    dialog = page.get_by_role("dialog", name=own.say("您还在学习吗？"))
    expect(dialog).to_be_visible(timeout=20_000)
    assert dialog.get_by_role("radio").count() == 4
    expect(page.locator("#presence-once")).to_be_hidden()
    own.shot("presence-english")
    choose(page, dialog.get_by_role("radio", name=cinema.right_option(films, plan_id)))
    page.keyboard.press("Enter")
    expect(page.locator("#complete")).to_be_visible()
    exam = page.locator("#complete").get_by_role("link", name=own.say("去考试"))
    own.shot("complete")
    exam.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert counted(films, plan_id) == (60, 0)


def watch_by_wire(films: Office, own: Window, plan_id: str) -> None:
    """Let the same login watch 34 seconds of the first lesson and the second, answering its question."""
    player = ByWire(cinema.by_wire(own), plan_id)
    player.open_page()
    assert player.connect().status_code == 201
    for lesson, seconds in ((0, 34), (1, SECONDS[1])):
        asked = cinema.question_of(player.person, plan_id, player.lessons[lesson][0])
        if asked is not None:
            cinema.answer_by_wire(player, asked)
        for start in range(0, seconds, 5):
            stretch = min(5, seconds - start)
            player.at = (lesson, start)
            films.site.clock.advance(stretch)
            player.take(player.beat(stretch))
