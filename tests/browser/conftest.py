"""A real browser before a real site. Skipped, with a word, on a machine without Chromium."""

import os
from collections.abc import Callable, Iterator
from gettext import NullTranslations, translation
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from lms.core.settings import ROOT
from tests.journeys.office import Office, open_office
from tests.support.server import LiveSite, running_site
from tests.support.thoroughness import IS_THOROUGH
from tests.support.width import is_too_wide

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]
A_SIZE = pytest.mark.parametrize("size", SIZES if IS_THOROUGH else SIZES[:1], indirect=True)
"""For walks whose desktop side another walk has seen."""
A_VIEW = pytest.mark.parametrize(
    ("size", "in_english"),
    [
        pytest.param(size, in_english, id=f"{name}-{'english' if in_english else 'chinese'}")
        for name, size in (("phone", PHONE), ("desktop", DESKTOP))
        for in_english in (False, True)
        if IS_THOROUGH or in_english == (size == DESKTOP)
    ],
    indirect=["size"],
)
"""A width with a language: Chinese on a phone and English at a desk, or all four."""
CATALOGUES = ROOT / "lms" / "app" / "translations"


class Window:
    """One browser window, with everything it complained about and every address it asked for."""

    def __init__(
        self,
        context: BrowserContext,
        site: LiveSite,
        width: int,
        shots: Path | None,
        *,
        in_english: bool = False,
    ) -> None:
        self.context = context
        self._catalogue = translation("messages", CATALOGUES, ["en"]) if in_english else NullTranslations()
        self.site = site
        self.width = width
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self._shots = shots
        self._count = 0
        self._refusals: set[int] = set()
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._see)

    def say(self, text: str, context: str = "", **values: object) -> str:
        """Return a text of the pages in the language of this window."""
        said = self._catalogue.pgettext(context, text) if context else self._catalogue.gettext(text)
        return said % values if values else said

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page when somebody wants to look at it."""
        if self._shots is None:
            return
        self._count += 1
        self.page.screenshot(path=self._shots / f"{self.width}-{self._count:02d}-{name}.png", full_page=True)

    def expect_refusals(self, *statuses: int) -> None:
        """Take these answers of the site as part of the story; Chromium writes each into its console."""
        self._refusals.update(statuses)

    def is_too_wide(self) -> bool:
        """Tell whether the page scrolls sideways as a whole."""
        return is_too_wide(self.page)

    def sign_in(self, login_name: str, password: str) -> None:
        """Sign in through the form."""
        self.page.goto(f"{self.site.url}/sign-in")
        self.page.locator("input[name=login_name]").fill(login_name)
        self.page.locator("input[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def _hear(self, message: ConsoleMessage) -> None:
        if any(
            f"the server responded with a status of {status} " in message.text for status in self._refusals
        ):
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _see(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.site.url).netloc:
            self.strangers.append(request.url)


@pytest.fixture(scope="session")
def office(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A site that is open for business."""
    with running_site(tmp_path_factory.mktemp("site-browser")) as site:
        yield open_office(site, tmp_path_factory.mktemp("lessons"))
        done = site.command("check-invariants")
        assert done.status == 0, done.said
        assert site.troubles() == [], site.last_lines()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    """The two sizes every page is made for."""
    chosen: dict[str, int] = request.param
    return chosen


@pytest.fixture
def window(office: Office, chromium: Browser, size: dict[str, int]) -> Iterator[Callable[..., Window]]:
    """Open windows; at the end none has complained or asked a stranger for anything."""
    wanted = os.environ.get("LMS_SCREENSHOTS")
    shots = Path(wanted) if wanted else None
    opened: list[Window] = []

    def open_window(*, in_english: bool = False) -> Window:
        context = chromium.new_context(
            viewport=size, locale="en-GB" if in_english else "zh-CN", timezone_id="Asia/Shanghai",
            accept_downloads=True, is_mobile=size == PHONE, has_touch=size == PHONE,
        )  # fmt: skip
        context.set_default_timeout(20_000)
        fresh = Window(context, office.site, size["width"], shots, in_english=in_english)
        opened.append(fresh)
        return fresh

    yield open_window
    for one in opened:
        one.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []
    assert [address for one in opened for address in one.strangers] == []
