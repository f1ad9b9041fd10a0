"""Takes the pictures of the documentation: `script/screenshots`."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from lms.core.settings import ROOT
from lms.demo.logins import DEMO_PASSWORD
from tests.browser import register_pictures as register
from tests.browser.demo_town import demo_town

CHROMIUM = "/usr/bin/chromium"
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Picture(NamedTuple):
    """One picture: its file name, who looks, where, and what is done before it is taken."""

    name: str
    login_name: str
    path: str
    size: ViewportSize = DESKTOP
    language: str = "zh-CN"
    prepare: Callable[[Page], None] = lambda _page: None
    theme: str = "light"
    shows_film: bool = False
    """It shows a frame of a lesson: the real lessons are made for it, which takes minutes."""


def _start_exam(page: Page) -> None:
    page.locator("form button.btn-lg").first.click()
    page.locator("dialog[open] .btn-primary").click()
    page.wait_for_url("**/exam/attempts/*")
    page.locator(".opt").nth(1).click()
    page.locator("[data-saved]").first.wait_for()
    page.locator("#next").click()
    page.wait_for_timeout(300)


def _play(page: Page) -> None:
    page.locator("#play").click()
    page.wait_for_timeout(4000)
    page.locator("#play").click()


def _first_link(selector: str) -> Callable[[Page], None]:
    def follow(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return follow


def _compare_pairs(page: Page) -> None:
    _first_link("tbody a")(page)
    _first_link("a[href$='/pairs']")(page)


PICTURES = (
    Picture("home", "13800005623", "/home"),
    Picture("home-phone", "13800005623", "/home", PHONE),
    Picture("home-english", "13800005623", "/home", language="en"),
    Picture("study", "13800005623", "/study/", prepare=_play, shows_film=True),
    Picture("study-phone", "13800005623", "/study/", PHONE, shows_film=True),
    Picture("certificate", "13800005627", "/certificates"),
    Picture("exam", "13800005625", "/exam/", prepare=_start_exam),
    Picture("review", "reviewer", "/desk/reviews", prepare=_first_link("tbody a")),
    Picture("plan", "exam", "/desk/plans", prepare=_first_link("tbody a")),
    Picture("figures", "exam", "/desk/figures"),
    Picture("import", "bank", "/questions/imports", prepare=_first_link("tbody a")),
    Picture("import-pairs", "bank", "/questions/imports", prepare=_compare_pairs),
    Picture("registry", "registrar", "/desk/registry"),
    Picture("registry-dark", "registrar", "/desk/registry", theme="dark"),
    Picture("examiner", "registrar", "/desk/registry", prepare=_first_link("tbody a")),
    Picture("audit", "auditor", "/desk/audit"),
    Picture("search", "registrar", "/desk/registry?q=gys"),
    Picture("unfinished", "registrar", "/desk/registry/pending"),
    Picture("layout", "admin", "/desk/certificates/layout/"),
    Picture("verify-valid", "registrar", "/verify", prepare=register.verify("唐采薇")),
    Picture("verify-valid-phone", "registrar", "/verify", PHONE, prepare=register.verify("唐采薇")),
    Picture("verify-expiring", "registrar", "/verify", prepare=register.verify("高远山")),
    Picture("verify-expired", "registrar", "/verify", prepare=register.verify("梁月白")),
    Picture("verify-revoked", "registrar", "/verify", prepare=register.verify("魏承泽")),
    Picture("verify-unknown", "registrar", "/verify", prepare=register.verify("唐采薇", is_found=False)),
    Picture("verify-altered", "registrar", "/verify", prepare=register.altered("唐采薇")),
    # These two change what they show, so they come last.
    Picture("verify-suspended", "registrar", "/verify", prepare=register.suspended("高远山")),
    Picture("verify-replaced", "registrar", "/verify", prepare=register.replaced("唐采薇")),
    Picture("examiner-history", "registrar", "/desk/registry", prepare=register.entry_of("唐采薇")),
)


def take(browser: Browser, site_url: str, wanted: Picture, folder: Path) -> None:
    """Sign in, go there, prepare, and keep the picture."""
    context = browser.new_context(
        viewport=wanted.size, locale=wanted.language, timezone_id="Asia/Shanghai", device_scale_factor=1.5,
        color_scheme="dark" if wanted.theme == "dark" else "light", base_url=site_url,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{site_url}/sign-in")
    page.locator("input[name=login_name]").fill(wanted.login_name)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(site_url + wanted.path)
    wanted.prepare(page)
    page.wait_for_timeout(400)
    page.screenshot(path=folder / f"{wanted.name}.png")
    context.close()


def main() -> None:
    """Fill a site with the demo, take every picture (or those named), and stop it."""
    folder = ROOT / "docs" / "pictures"
    named = set(sys.argv[1:])
    unknown = named - {one.name for one in PICTURES}
    if unknown:
        raise SystemExit(f"no such picture: {', '.join(sorted(unknown))}")
    wanted_ones = [one for one in PICTURES if not named or one.name in named]
    with (
        tempfile.TemporaryDirectory(prefix="lms-pictures-") as scratch,
        demo_town(Path(scratch), filmed=any(one.shows_film for one in wanted_ones)) as (site, _logins),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for wanted in wanted_ones:
            take(browser, site.url, wanted, folder)
            sys.stdout.write(f"docs/pictures/{wanted.name}.png\n")
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
