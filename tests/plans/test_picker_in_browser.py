"""The long list of occupations in a real browser: a filter, counts that stay true, nothing lost by hiding."""

import shutil

import pytest
from playwright.sync_api import Browser, Page, expect

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.plans.queries import get_plan
from tests.factories.plans import a_draft
from tests.support.people import People

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


def test_an_author_finds_an_occupation_by_name_and_keeps_what_was_ticked(
    chromium: Browser, address: str, runtime: Runtime, people: People
) -> None:
    plan = a_draft(runtime, people)
    page: Page = chromium.new_context(base_url=address, locale="zh-CN").new_page()
    author = people.staff(Role.EXAM_ADMIN)
    page.goto(f"/sign-in?next=/desk/plans/{plan.id}/edit")
    page.fill("[name=login_name]", author.login_name)
    page.fill("[name=password]", author.password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/edit")
    picker = page.locator("#occupations")
    expect(picker.locator("legend")).to_contain_text("已选 2 个")
    filter_field = page.get_by_label("在“考评员的职业”里找")
    filter_field.fill("茶艺师")
    expect(picker.locator("[data-found]")).to_have_text("找到 1 个")
    expect(picker.get_by_label("电工")).to_be_hidden()
    picker.get_by_label("茶艺师").check()
    expect(picker.locator("legend")).to_contain_text("已选 3 个")
    filter_field.press("Enter")
    assert page.url.endswith("/edit"), "Enter finds, it does not save"
    filter_field.fill("")
    expect(picker.get_by_label("电工")).to_be_visible()
    page.get_by_role("button", name="保存计划").click()
    page.wait_for_url(f"**/desk/plans/{plan.id}")
    with runtime.read() as uow:
        names = {one.name for one in get_plan(uow, plan.id).occupations}
    assert names == {"电工", "焊工", "茶艺师"}
