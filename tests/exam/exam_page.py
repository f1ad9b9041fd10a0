"""What tests do on the exam page in a real browser: arrive, begin, lose the network, go on with another device."""

from playwright.sync_api import Browser, BrowserContext, Page

from lms.exam.queries import saved_answers
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.doorway import walk_in


def arrive(chromium: Browser, address: str, candidate: Candidate, *, scripts: bool = True) -> Page:
    """Sign in on a new device."""
    context: BrowserContext = chromium.new_context(
        java_script_enabled=scripts, base_url=address, locale="zh-CN"
    )
    return walk_in(context, candidate.person)


def begin(page: Page, house: ExamHouse) -> str:
    """Start the exam and return the attempt's id."""
    page.goto(f"/exam/{house.plan_id}")
    opener = page.locator("form[action$='/start'] > button")
    if opener.is_visible():
        opener.click()
    page.locator("dialog button[type=submit]").click()
    page.wait_for_url("**/exam/attempts/*")
    ready(page)
    return page.url.rsplit("/", 1)[1]


def ready(page: Page) -> None:
    """Wait until the scripts of the sheet listen; without scripts there is nothing to wait for."""
    page.locator("#sheet[data-ready], main button[value=save]").first.wait_for()


def stored(house: ExamHouse, attempt_id: str) -> dict[int, int]:
    """Return position -> revision of what is on disk."""
    with house.runtime.read() as uow:
        return {position: one.revision for position, one in saved_answers(uow, attempt_id).items()}


def number_of(page: Page) -> int:
    """The number of the question that is shown."""
    return int(page.locator("section[data-position]:visible").get_attribute("data-position") or 0)


def go_on_here(page: Page) -> None:
    """Go on here with an attempt that another device holds."""
    page.locator("main form button").click()
    ready(page)


def cut_network(page: Page) -> None:
    """Let nothing leave this device any more."""
    page.context.set_offline(True)


def mend_network(page: Page) -> None:
    """Give the device its network back."""
    page.context.set_offline(False)
