"""The desk of a reviewer and the forms of an applicant in a real browser, on a phone and at a desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.journeys.office import INSTITUTION, Office, publish_plan

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("site-browser")
]  # fmt: skip


@pytest.fixture
def waiting_case(office: Office, size: dict[str, int]) -> str:
    """One application that waits for a reviewer; return the applicant's name."""
    plan_id = publish_plan(office, f"考评员培训班（审核 {size['width']}）")
    trainee = office.newcomer()
    trainee.register()
    trainee.fill_profile()
    assert "申请已提交" in trainee.apply(plan_id).words
    return trainee.name


def test_a_reviewer_decides_a_case_through_the_dialog(
    office: Office, window: Callable[[], Window], waiting_case: str
) -> None:
    own = window()
    own.sign_in("reviewer", office.reviewer.password)
    page = own.page
    page.goto(f"{office.site.url}/desk/reviews")
    page.get_by_role("link", name=waiting_case).last.click()
    own.shot("case")
    page.get_by_role("button", name="不通过").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").fill("没有本职业的工作经历")
    own.shot("case-reject")
    dialog.get_by_role("button", name="不通过").click()
    expect(page.locator("main")).to_contain_text("已办理为不通过")


def test_the_applicants_forms_fit_and_say_what_is_wrong(
    office: Office, window: Callable[[], Window], size: dict[str, int]
) -> None:
    trainee = office.newcomer()
    trainee.register()
    own = window()
    own.expect_refusals(422)
    page = own.page
    page.goto(f"{office.site.url}/register")
    page.get_by_role("button", name="注册").click()
    expect(page.locator("#errors")).to_be_visible()
    own.shot("register-errors")
    assert not own.is_too_wide()
    own.sign_in(trainee.mobile, trainee.person.password)
    page.goto(f"{office.site.url}/account/profile")
    own.shot("profile")
    page.get_by_label("证件号码").fill("340104190001010000")
    page.get_by_label("最高学历").select_option("大学本科")
    page.get_by_label("工作单位").select_option(INSTITUTION)
    page.get_by_label("联系地址").fill("江岚省云浦市文澜路 8 号")
    page.get_by_role("button", name="保存个人信息").click()
    expect(page.locator("#errors")).to_contain_text("校验码")
    own.shot("profile-errors")
    assert not own.is_too_wide()
    plan_id = publish_plan(office, f"考评员培训班（报名 {size['width']}）")
    page.goto(f"{office.site.url}/applications/plans/{plan_id}")
    own.shot("apply-locked")
    button = page.get_by_role("button", name="提交申请")
    assert button.get_attribute("aria-disabled") == "true"
    button.click(force=True)  # a person presses it all the same
    expect(page.locator("#why-gaps")).to_be_visible()
    assert page.url.endswith(plan_id), "a locked button sends nothing"
    assert not own.is_too_wide()
