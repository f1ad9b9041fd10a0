"""The bank as a place of work in a real browser: find, take out, change, and let another person look at it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import A_VIEW, Window
from tests.journeys.office import Office

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("site-browser")
]  # fmt: skip

Open = Callable[..., Window]


@A_VIEW
def test_questions_are_taken_out_while_the_page_watches(
    office: Office, window: Open, *, in_english: bool
) -> None:
    own = window(in_english=in_english)
    own.sign_in("bank", office.staff["bank"].password)
    page = own.page
    page.goto(f"{office.site.url}/questions/?type=single")
    own.shot("bank")
    assert not own.is_too_wide()
    page.get_by_role("link", name=own.say("导出这些试题")).click()
    page.get_by_label(own.say("GIFT（Moodle 文本）")).check()
    own.shot("export-ask")
    page.get_by_label(own.say("用途")).fill("proof-reading by the authors")
    page.get_by_role("button", name=own.say("开始导出")).click()
    page.wait_for_url("**/exports/*")
    own.shot("export-card")
    # The card renews itself: nobody reloads the page.
    expect(page.get_by_role("link", name=own.say("下载文件"))).to_be_visible(timeout=60_000)
    own.shot("export-done")
    assert not own.is_too_wide()
    with page.expect_download() as download:
        page.get_by_role("link", name=own.say("下载文件")).click()
    assert download.value.suggested_filename.endswith(".gift.txt")
    page.goto(f"{office.site.url}/exports/")
    own.shot("exports")
    assert not own.is_too_wide()


@A_VIEW
def test_a_new_version_is_written_and_waits_for_somebody_else(
    office: Office, window: Open, *, in_english: bool
) -> None:
    own = window(in_english=in_english)
    own.expect_refusals(422)
    own.sign_in("bank", office.staff["bank"].password)
    page = own.page
    page.goto(f"{office.site.url}/questions/?type=single")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name=own.say("修改"), exact=True).click()
    own.shot("edit")
    assert not own.is_too_wide()
    page.get_by_role("button", name=own.say("存成新版本")).click()
    expect(page.locator("#errors")).to_be_visible()
    own.shot("edit-errors")
    page.get_by_label(own.say("规则版本")).fill("2026")
    page.get_by_label(own.say("改了什么，为什么")).fill("which edition of the rules it follows")
    page.get_by_role("button", name=own.say("存成新版本")).click()
    expect(page.locator("#de")).to_be_visible()
    own.shot("item-waiting")
    assert not own.is_too_wide()
    page.goto(f"{office.site.url}/questions/reviews")
    own.shot("reviews")
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name=own.say("撤回这一版")).click()
    expect(page.locator("#de")).to_have_count(0)


@A_VIEW
def test_ticked_questions_are_looked_at_before_they_are_changed(
    office: Office, window: Open, *, in_english: bool
) -> None:
    own = window(in_english=in_english)
    own.sign_in("bank", office.staff["bank"].password)
    page = own.page
    page.goto(f"{office.site.url}/questions/")
    for row in range(3):
        page.locator("input[name=ids]").nth(row).check()
    page.get_by_role("button", name=own.say("修改勾选的题")).click()
    page.wait_for_url("**/questions/bulk?*")
    own.shot("bulk")
    assert not own.is_too_wide()
    expect(page.locator("main li").filter(has_not=page.locator("a"))).to_have_count(3)
