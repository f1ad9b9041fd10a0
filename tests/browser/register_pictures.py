"""What is done before the pictures of the register and of the public check are taken."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page

FILE_INPUT = "form[action$='/verify/file'] input[type=file]"
LONGEST_PRINTING_SECONDS = 60.0
REASON = "接到举报，正在核实"


def verify(name: str, *, is_found: bool = True) -> Callable[[Page], None]:
    """Ask the public page for somebody's certificate by number and name."""

    def ask(page: Page) -> None:
        number = _number_of(page, name)
        page.goto("/verify")
        page.locator("input[name=number]").fill(number)
        page.locator("input[name=name]").fill(name if is_found else "甄无名")
        page.locator("form:has(input[name=number]) button").click()
        page.locator("section.verdict, .verdict").first.wait_for()

    return ask


def suspended(name: str) -> Callable[[Page], None]:
    """Suspend somebody's entry and ask for his certificate."""

    def suspend(page: Page) -> None:
        _open_entry(page, name)
        page.locator("form[action$='/suspend'] > button").click()
        page.locator("#suspend[open] textarea").fill(REASON)
        page.locator("#suspend[open] .btn-primary").click()
        page.locator("form[action$='/resume']").wait_for(state="attached")
        verify(name)(page)

    return suspend


def replaced(name: str) -> Callable[[Page], None]:
    """Have somebody's certificate printed anew, and show what the code of the first one says then."""

    def reissue(page: Page) -> None:
        _open_entry(page, name)
        entry = page.url
        code = _code_of(page, name)
        page.goto(entry)
        page.locator("a[href$='/reissue']").click()
        page.locator("input[name=cause][value=lost]").check()
        page.locator("textarea[name=reason]").fill("持证人书面声明原证书遗失")
        page.locator("main form.stack button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        until = time.monotonic() + LONGEST_PRINTING_SECONDS
        while page.goto(code) and "已被替代" not in page.content():
            if time.monotonic() > until:
                raise AssertionError("the next version was not printed")
            page.wait_for_timeout(1000)

    return reissue


def altered(name: str) -> Callable[[Page], None]:
    """Hand the public page a certificate to which something was added."""

    def hand_in(page: Page) -> None:
        _open_entry(page, name)
        data = page.request.get(f"{page.url}/certificate").body()
        page.goto("/verify")
        page.locator(FILE_INPUT).set_input_files(
            {
                "name": "certificate.pdf",
                "mimeType": "application/pdf",
                "buffer": data + b"\n% one more line\n",
            }
        )
        page.locator(f"form:has({FILE_INPUT.rsplit(' ', maxsplit=1)[-1]}) button").click()
        page.locator(".verdict").first.wait_for()

    return hand_in


def entry_of(name: str) -> Callable[[Page], None]:
    """Open somebody's entry."""
    return lambda page: _open_entry(page, name)


def _open_entry(page: Page, name: str) -> None:
    page.goto(f"/desk/registry?q={name}")
    page.locator("tbody a").first.click()
    page.wait_for_load_state("networkidle")


def _number_of(page: Page, name: str) -> str:
    page.goto(f"/desk/registry?q={name}")
    return re.sub(r"\s", "", page.locator("tbody tr").first.locator("td.num").first.inner_text())


def _code_of(page: Page, name: str) -> str:
    """Return the address that the certificate's code leads to, which the public page names after a question."""
    verify(name)(page)
    return str(page.locator("meta[name=page-address]").get_attribute("content"))
