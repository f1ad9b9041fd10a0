"""What comes in between: another tab, another device, an outage in full screen. Nothing untrue is said of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import cinema
from tests.browser.conftest import DESKTOP, Window
from tests.browser.watching import (
    AT,
    HIDE,
    PLAYING,
    cut_off,
    join_again,
    on_a_wire,
    settled,
    student,
    wait_until,
)
from tests.journeys.office import Office
from tests.journeys.player import Player as ByWire

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("site-browser")
]  # fmt: skip
ANY_ORDER = {"may_skip_ahead": "可以任意拖动"}
A_PHONES_OWN_PLAYER = (
    "() => { const film = document.getElementById('video'); window.left = 0;"
    " Object.defineProperty(film, 'webkitDisplayingFullscreen', { get: () => window.left === 0 });"
    " film.webkitExitFullscreen = () => { window.left += 1; }; }"
)


@pytest.fixture
def size() -> dict[str, int]:
    """A walk says for itself what it is looked at with."""
    return DESKTOP


@pytest.fixture
def films(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office with the course of short films."""
    cinema.register_films(office, tmp_path_factory.mktemp("short-films"))
    return office


def elsewhere(own: Window, plan_id: str) -> ByWire:
    """Open a session of the same login outside the browser."""
    player = ByWire(cinema.by_wire(own), plan_id)
    player.open_page()
    assert player.connect().status_code == 201
    return player


def test_an_outage_leaves_full_screen_and_nothing_goes_on_behind_a_hidden_page(
    films: Office, window: Callable[..., Window]
) -> None:
    own, _ = student(films, window, "断网时切走", **ANY_ORDER)
    page, wire = own.page, on_a_wire(own)
    page.locator("#start").click()
    wait_until(page, f"{AT} > 2.5")
    page.locator("#full").click()
    wait_until(page, "document.fullscreenElement !== null")
    page.evaluate(A_PHONES_OWN_PLAYER)
    cut_off(own, wire, is_told=False)
    expect(page.locator("#net")).to_be_visible(timeout=15_000)
    wait_until(page, "document.fullscreenElement === null && window.left === 1")

    page.evaluate(HIDE, True)
    join_again(own, wire)
    expect(page.locator("#net")).to_be_hidden(timeout=30_000)
    page.wait_for_timeout(1000)
    assert not page.evaluate(PLAYING), "nobody looks"
    page.evaluate("document.getElementById('video').play().catch(() => {})")  # by the key of a headset
    page.wait_for_timeout(500)
    assert not page.evaluate(PLAYING)
    page.evaluate(HIDE, False)
    wait_until(page, PLAYING)
    page.locator("#play").click()


def test_a_page_that_is_behind_looks_again_before_it_counts(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "在别处学过", **ANY_ORDER)
    page = own.page
    elsewhere(own, plan_id).watch(12)
    page.locator("#start").click()
    expect(page.locator("#pending")).to_have_text("12 秒")
    expect(page.locator("#start")).to_contain_text("从 0:12 继续")

    own.expect_refusals(409)
    page.locator("#start").click()
    wait_until(page, f"{AT} > 15")
    player = elsewhere(own, plan_id)
    player.at = (0, 20)
    player.watch(10)
    expect(page.locator("#takeover")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="转回这个页面").click()
    expect(page.locator("#start")).to_contain_text("从 0:30 继续")
    page.locator("#start").click()
    wait_until(page, f"{AT} > 33")
    page.locator("#play").click()
    assert settled(films, plan_id, page) >= 12 + 2 + 10 + 2


def test_seconds_that_went_meanwhile_are_said_to_be_gone(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "确认时不在", **ANY_ORDER, required_study_seconds="1")
    page = own.page
    player = elsewhere(own, plan_id)
    for lesson in range(3):
        asked = cinema.question_of(player.person, plan_id, player.lessons[lesson][0])
        cinema.answer_by_wire(player, asked)
    player.watch_until_checked()
    page.goto(f"{own.site.url}/study/{plan_id}")
    films.site.clock.advance(100)
    page.locator("#start").click()
    expect(page.locator("#missed")).to_be_visible(timeout=15_000)
    expect(page.locator("#missed-seconds")).to_have_text(re.compile("1:00"))
    assert not page.evaluate(PLAYING)
    page.locator("#missed").get_by_role("button", name="继续学习").click()
    wait_until(page, PLAYING)
    page.locator("#play").click()


BREAK_OFF = (
    "() => { const film = document.getElementById('video'); window.loaded = 0;"
    " film.addEventListener('loadstart', () => { window.loaded += 1; });"
    " Object.defineProperty(film, 'error', { configurable: true, get: () => ({ code: 2 }) });"
    " film.dispatchEvent(new Event('error')); delete film.error; }"
)


def test_a_film_that_broke_off_is_loaded_again_with_the_network(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "断网后续播", **ANY_ORDER)
    page, wire = own.page, on_a_wire(own)
    page.locator("#start").click()
    wait_until(page, f"{AT} > 3.5")
    cut_off(own, wire, is_told=False)
    expect(page.locator("#net")).to_be_visible(timeout=15_000)
    held_at = float(page.evaluate(AT))
    page.evaluate(BREAK_OFF)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.loaded") == 0
    join_again(own, wire)
    wait_until(page, f"{PLAYING} && {AT} > {held_at + 1}")
    assert page.evaluate("window.loaded") == 1
    expect(page.locator("#net")).to_be_hidden()
    page.locator("#play").click()
    assert settled(films, plan_id, page) >= int(held_at)


def test_a_film_that_is_there_before_its_script_starts_where_it_should(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "脚本来得晚", **ANY_ORDER)
    page = own.page
    page.route("**/js/player.js*", lambda _: None)
    page.goto(f"{own.site.url}/study/{plan_id}?at=12", wait_until="commit")
    wait_until(page, "document.getElementById('video')?.readyState > 0")
    expect(page.locator("#start")).to_be_hidden()
    expect(page.locator("#state")).to_be_empty()
    page.unroute("**/js/player.js*")
    expect(page.locator("#start")).to_contain_text("从 0:12 继续")
    wait_until(page, f"{AT} === 12")
    expect(page.locator("#state")).to_contain_text("播放后开始计时")

    # The other way round: somebody chooses a place before there is any film.
    page.route("**/media/**", lambda _: None)
    page.goto(f"{own.site.url}/study/{plan_id}?at=12", wait_until="commit")
    expect(page.locator("#start")).to_be_visible()
    page.locator("#seek").fill("20")
    page.unroute("**/media/**")
    wait_until(page, "document.getElementById('video').readyState > 0")
    wait_until(page, f"{AT} === 20")


def test_playing_what_is_missing_ends_when_somebody_goes_back(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "补看时往回", **ANY_ORDER)
    page = own.page
    elsewhere(own, plan_id).watch(12)
    page.goto(f"{own.site.url}/study/{plan_id}?at=0")
    button = page.get_by_role("button", name="播放还没计入的部分")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    wait_until(page, f"{AT} > 12.5 && {PLAYING}")
    page.locator("#back").click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(1500)
    assert page.evaluate(AT) < 8
    assert page.evaluate(PLAYING)
    button.click()
    wait_until(page, f"{AT} > 12")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.locator("#play").click()


def test_a_busy_server_is_not_called_an_outage_and_a_strange_answer_is_none(
    films: Office, window: Callable[..., Window]
) -> None:
    own, plan_id = student(films, window, "服务器忙", **ANY_ORDER)
    own.expect_refusals(503)
    page, wire = own.page, on_a_wire(own)
    wire.answer(lambda route: route.fulfill(status=503, body="busy"))
    page.locator("#start").click()
    expect(page.locator("#state")).to_contain_text("服务器忙", timeout=15_000)
    expect(page.locator("#net")).to_contain_text("服务器忙，视频已暂停", timeout=15_000)
    wire.answer(lambda route: route.fulfill(status=200, body="<p>请先登录网络</p>"))
    expect(page.locator("#state")).to_contain_text("断网", timeout=15_000)
    wire.mend()
    wait_until(page, PLAYING)
    page.locator("#play").click()
    assert settled(films, plan_id, page) > 0
