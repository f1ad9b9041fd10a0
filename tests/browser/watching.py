"""What every walk through the player does: waiting for the film, hiding the page, taking the network away."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import cinema
from tests.browser.cinema import counted
from tests.browser.conftest import Window
from tests.journeys.office import Office
from tests.support.wire import Wire

HIDE = (
    "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
    " document.dispatchEvent(new Event('visibilitychange')); }"
)
PLAYING = "!document.getElementById('video').paused"
AT = "document.getElementById('video').currentTime"
NOT_YET = 20.0
ON_ITS_WAY = re.compile("正在记录|断网|服务器忙")
BEATS = "**/api/v1/study/beat"


def wait_until(page: Page, fact: str) -> None:
    """Wait until something is so; the page's own policy lets nothing wait inside it."""
    end = time.monotonic() + NOT_YET
    while not page.evaluate(fact):
        assert time.monotonic() < end, (fact, page.evaluate(AT))
        page.wait_for_timeout(50)


def settled(office: Office, plan_id: str, page: Page) -> int:
    """Return what is credited once nothing more is on its way, as the page says and as the server shows."""
    before = -1
    while before != (now := sum(counted(office, plan_id))):
        expect(page.locator("#state")).not_to_contain_text(ON_ITS_WAY, timeout=30_000)
        before = now
        page.wait_for_timeout(600)
    return now


def student(
    films: Office, window: Callable[..., Window], title: str, *, in_english: bool = False, **rules: str
) -> tuple[Window, str]:
    """Return the window of somebody who may study in a new plan, and the plan."""
    plan_id = cinema.open_plan(films, title, **rules)
    trainee = films.newcomer()
    trainee.become_approved(plan_id)
    own = window(in_english=in_english)
    own.sign_in(trainee.mobile, trainee.person.password)
    own.page.goto(f"{own.site.url}/study/{plan_id}")
    return own, plan_id


def on_a_wire(own: Window) -> Wire:
    """Load the page anew, and return the wire on which it tells from now on what was watched."""
    wire = Wire(own.page, BEATS)
    own.page.reload()
    return wire


def cut_off(own: Window, wire: Wire, *, is_told: bool) -> None:
    """Take the network away. When the browser is not told, requests fail and nothing else happens."""
    if is_told:
        own.context.set_offline(True)
    else:
        wire.cut()


def join_again(own: Window, wire: Wire) -> None:
    """Give the network back; what failed without it is no complaint."""
    wire.mend()
    own.context.set_offline(False)
    lost = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    own.complaints[:] = [one for one in own.complaints if not any(why in one for why in lost)]


def lesson_ids(page: Page) -> list[str]:
    """Return the ids of the lessons as the page lists them."""
    links = page.locator(".lessons a").all()
    return [str(link.get_attribute("href")).rsplit("lesson=", 1)[-1] for link in links]
