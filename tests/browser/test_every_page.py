"""Every page of everybody, at two widths and in two languages: readable for all, quiet, no wider than the screen."""

import gzip
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from lms.demo.logins import DEMO_PASSWORD, DemoLogin
from tests.browser.conftest import DESKTOP, PHONE, Window
from tests.browser.crawl import kind_of, pages
from tests.browser.demo_town import demo_town
from tests.support.server import LiveSite
from tests.support.thoroughness import IS_THOROUGH

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("demo-town")
]  # fmt: skip

Town = tuple[LiveSite, list[DemoLogin]]
GRAVE = ("serious", "critical")
ASKED = {"resultTypes": ["violations"]}
"""Describing in detail what is in order takes Axe as long as finding what is not."""
VISITORS = ("/sign-in", "/register", "/recover", "/verify", "/privacy", "/no-such-page")
SOME = [pytest.param(PHONE, "zh-CN", 0, id="phone-zh"), pytest.param(DESKTOP, "en", 1, id="desktop-en")]
OTHERS = [pytest.param(PHONE, "en", 0, id="phone-en"), pytest.param(DESKTOP, "zh-CN", 1, id="desktop-zh")]
VIEWS = SOME + OTHERS if IS_THOROUGH else SOME
"""The people in turns, one in Chinese on a phone, the next in English at a desk; everybody in each of the four
views when LMS_THOROUGH is set."""
MOST_SHAPES = 1_000 if IS_THOROUGH else 1
"""So many shapes of one kind of page are judged in each view: an empty list and a full one, say."""
BUDGET_BYTES = 300_000
"""What the style sheets and scripts of a page may weigh on their way, compressed; the chart library comes beside."""
TALLEST_MENU = 80
"""Pixels that the menu of a desk may take of a phone's page."""
CHART_LIBRARY = "echarts"
LOADED = "[...document.querySelectorAll('link[rel=stylesheet], script[src]')].map(one => one.href || one.src)"
JUDGED: set[str] = set()
"""Kinds of pages that Axe has looked at in another view; when LMS_THOROUGH is set it looks at them in every view."""
SHAPE = (
    "[...new Set([...document.querySelectorAll('body *')].map(one => one.tagName + '.' + one.className))]"
    ".sort().join(' ')"
)
"""What a page is built of: a page of the same kind and shape has been judged already."""


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all tests of this file; what was opened in it has changed nothing that must hold."""
    with demo_town(tmp_path_factory.mktemp("demo-town")) as opened:
        yield opened
        site = opened[0]
        done = site.command("check-invariants")
        assert done.status == 0, done.said
        assert site.troubles() == [], site.last_lines()


class Judge:
    """Looks at pages and writes down what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.judged = 0
        self._axe = Axe()
        self._seen: set[tuple[str, str]] = set()
        self._shapes: Counter[str] = Counter()
        self._weights: dict[str, int] = {}
        self.heaviest = 0

    @property
    def seen_enough(self) -> set[str]:
        """The kinds of pages that need not be opened for the next person: as many shapes of them were judged."""
        return {kind for kind, shapes in self._shapes.items() if shapes >= MOST_SHAPES}

    def look(self, own: Window, whose: str) -> None:
        """Judge the open page, unless one of the same kind and shape was judged before."""
        kind = kind_of(own.page.url)
        shape = (kind, own.page.evaluate(SHAPE))
        if shape in self._seen or self._shapes[kind] >= MOST_SHAPES:
            return
        self._shapes[kind] += 1
        self._seen.add(shape)
        self.judged += 1
        own.shot(f"{whose}{kind.replace('/', '-')}")
        if own.is_too_wide():
            self.faults.append(f"{whose} {kind}: wider than the screen")
        if own.width == PHONE["width"] and any(
            box.bounding_box()["height"] >= TALLEST_MENU for box in own.page.locator(".rail:visible").all()
        ):
            self.faults.append(f"{whose} {kind}: the menu leaves the page no room")
        weight = sum(self._weight(own, address) for address in own.page.evaluate(LOADED))
        self.heaviest = max(self.heaviest, weight)
        if weight > BUDGET_BYTES:
            self.faults.append(f"{whose} {kind}: {weight:,} bytes of style sheets and scripts")
        if kind in JUDGED and not IS_THOROUGH:
            return
        for found in self._axe.run(own.page, options=ASKED).response["violations"]:
            if found["impact"] in GRAVE:
                places = [node["html"][:160] for node in found["nodes"][:3]]
                self.faults.append(f"{whose} {kind}: {found['id']} ({found['impact']}) {places}")

    def _weight(self, own: Window, address: str) -> int:
        if CHART_LIBRARY in address:
            return 0
        if address not in self._weights:
            self._weights[address] = len(gzip.compress(own.page.request.get(address).body()))
        return self._weights[address]


@pytest.mark.parametrize(("size", "language", "turn"), VIEWS)
def test_every_page_can_be_read_by_everybody(
    town: Town, chromium: Browser, size: dict[str, int], language: str, turn: int
) -> None:
    site, logins = town
    judge = Judge()
    wanted = os.environ.get("LMS_SCREENSHOTS")
    known_pages: set[str] = set()

    context = chromium.new_context(
        viewport=size, locale=language, timezone_id="Asia/Shanghai", is_mobile=size == PHONE, has_touch=size == PHONE,
    )  # fmt: skip
    context.set_default_timeout(20_000)
    own = Window(context, site, size["width"], Path(wanted) if wanted else None)
    own.expect_refusals(401, 404)
    for path in VISITORS:
        own.page.goto(site.url + path)
        judge.look(own, "visitor")
    for login in logins if IS_THOROUGH else logins[turn::2]:
        context.clear_cookies()  # the next person at the same device: another browser costs a second of a core
        own.sign_in(login.login_name, DEMO_PASSWORD)
        if login.is_staff:
            for _ in pages(own, own.page.url, known_pages, judge.seen_enough):
                judge.look(own, login.login_name)
        else:
            for path in ("/home", "/applications", "/study/", "/exam/", "/certificates", "/account/profile"):
                own.page.goto(site.url + path)
                judge.look(own, login.login_name)
            for _ in pages(own, f"{site.url}/applications", known_pages, judge.seen_enough):
                judge.look(own, login.login_name)
    context.close()
    JUDGED.update(judge.seen_enough)
    assert judge.faults == []
    assert own.complaints == []
    assert own.strangers == []
    assert judge.judged > (60 if IS_THOROUGH else 40)
    assert judge.heaviest > 10_000, "style sheets and scripts were weighed"
    print(
        f"{judge.judged} pages; the heaviest loads {judge.heaviest:,} compressed bytes of style sheets and scripts"
    )
