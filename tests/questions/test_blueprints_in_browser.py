"""A blueprint is drafted and published in a real browser by the keyboard alone, on a phone and at a desk."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.questions.queries import blueprints
from question_bank.items import Difficulty, ItemType
from tests.browser.hands import Keyboard
from tests.factories.plans import a_blueprint
from tests.support.doorway import walk_in
from tests.support.people import People
from tests.support.width import is_too_wide

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


def a_page(chromium: Browser, address: str, people: People, size: dict[str, int], **options: object) -> Page:
    """Open the list of blueprints as a question administrator."""
    context: BrowserContext = chromium.new_context(
        base_url=address, viewport=size, locale="zh-CN", is_mobile=size == PHONE, has_touch=size == PHONE,
        **options,  # type: ignore[arg-type]  # a test names the options it sets
    )  # fmt: skip
    page = walk_in(context, people.staff(Role.QUESTION_ADMIN))
    page.goto("/questions/blueprints")
    return page


def look(page: Page, name: str) -> None:
    """Judge the page by the rules of accessibility, and keep pictures of it for whoever wants to look."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert not is_too_wide(page), name
    shots = os.environ.get("LMS_SCREENSHOTS")
    if shots:
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
            page.wait_for_timeout(400)  # colours fade over
            width = page.evaluate("innerWidth")
            page.screenshot(path=Path(shots) / f"{width}-{name}-{theme}.png", full_page=True)
        page.evaluate("document.documentElement.dataset.bsTheme = 'light'")


def arrange_sections(page: Page, hands: Keyboard) -> None:
    """Add, fill, move and remove sections while the figures beside them keep up; one of ten questions stays."""
    hands.press(page.get_by_role("button", name="添加大题"))
    expect(page.locator("#s1-type")).to_be_focused()
    expect(page.locator("#s1-easy")).to_be_hidden()
    page.locator("#s1-level").focus()
    page.locator("#s1-level").select_option("spread")
    expect(page.locator("#s1-easy")).to_be_visible()
    page.locator("#s1-easy").focus()
    page.keyboard.type("20")
    page.locator("#s1-count").fill("20")
    page.locator("#s1-points").fill("4")
    # Nobody pressed anything: the bank's answer comes by itself.
    expect(page.locator("[data-stock]").first).to_contain_text("易：题库有 12 题，缺 8 题")
    expect(page.locator("[data-proof]")).to_contain_text("还缺 8 题")
    expect(page.locator("[data-told]")).to_have_text("还有 2 处要改")
    hands.press(page.get_by_role("button", name="添加大题"))
    expect(page.locator("#s2-type")).to_be_focused()
    page.locator("#s2-type").select_option("multiple")
    hands.choose(page.locator("#s2-partial"))
    look(page, "edit-thin")
    # A tick is not sent any more once its box is out of sight.
    page.locator("#s2-type").select_option("single")
    expect(page.locator("#s2-partial")).to_be_hidden()
    hands.press(page.locator("#s2-up"))
    expect(page.locator("#s1-up")).to_be_focused()
    expect(page.locator("#s2-easy")).to_have_value("20")
    hands.press(page.locator("#s2-remove"))
    expect(page.locator("#s1-remove")).to_be_focused()
    expect(page.locator("[data-section]")).to_have_count(1)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_author_drafts_and_publishes_with_the_keyboard_alone(
    chromium: Browser, address: str, runtime: Runtime, people: People, size: dict[str, int]
) -> None:
    a_blueprint(runtime)
    page = a_page(chromium, address, people, size)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    keys, hands = page.keyboard, Keyboard()
    look(page, "list")
    hands.press(page.get_by_role("link", name="新建方案"))
    page.wait_for_url("**/new")
    page.locator("#title").focus()
    keys.type("春季卷")
    look(page, "new")
    keys.press("Enter")
    page.wait_for_url("**/edit")

    arrange_sections(page, hands)
    page.locator("#s1-points").fill("ten")
    hands.press(page.get_by_role("button", name="保存草稿"))
    expect(page.locator("#errors")).to_be_focused()
    look(page, "edit-refused")
    page.locator("#s1-points").fill("10")
    keys.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/edit"))
    expect(page.get_by_role("heading", name="可以发布了")).to_be_visible()
    look(page, "draft")
    hands.press(page.get_by_role("button", name="发布", exact=True))
    hands.press(page.get_by_role("button", name="发布方案"))
    expect(page.get_by_role("button", name="停用", exact=True)).to_be_visible()
    look(page, "published")
    with runtime.read() as uow:
        made = next(one for one in blueprints(uow) if one.title == "春季卷")
    section = made.blueprint.sections[0]
    assert made.is_on_offer
    assert (section.type, section.count, section.points_each) == (ItemType.SINGLE, 10, 10_00)
    assert (section.partial_credit, section.difficulty) == (False, None)
    assert Difficulty.EASY not in dict(section.spread)
    assert complaints == []


def test_an_author_without_javascript_reaches_the_same(
    chromium: Browser, address: str, runtime: Runtime, people: People
) -> None:
    a_blueprint(runtime)
    page = a_page(chromium, address, people, PHONE, java_script_enabled=False)
    page.get_by_role("link", name="新建方案").click()
    page.locator("#title").fill("夏季卷")
    page.get_by_role("button", name="建立草稿").click()
    page.get_by_role("button", name="添加大题").click()
    page.locator("#s1-points").fill("5")
    page.get_by_role("button", name="重新计算").click()
    expect(page.locator("[data-proof]")).to_contain_text("少了 50 分")
    page.get_by_role("button", name="添加大题").click()
    page.locator("#s2-level").select_option("hard")
    page.get_by_role("button", name="上移 第 2 大题").click()
    expect(page.locator("#s1-level")).to_have_value("hard")
    page.get_by_role("button", name="删除 第 1 大题").click()
    page.locator("#s1-points").fill("10")
    page.get_by_role("button", name="保存草稿").last.click()
    page.get_by_role("button", name="发布方案").click()
    expect(page.get_by_role("button", name="停用方案")).to_be_visible()
