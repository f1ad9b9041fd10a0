"""Back after a form that came back with faults: the form again, not the browser's own page of trouble."""

import shutil

import pytest
from playwright.sync_api import Browser, Page

from lms.accounts.policy import OrganisationKind
from lms.core.unit_of_work import Runtime
from tests.factories.plans import PROVINCE_ONLY, a_plan, a_reviewer, an_applicant
from tests.support.people import People

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


@pytest.fixture
def page(address: str, chromium: Browser) -> Page:
    """A window before this house."""
    return chromium.new_context(base_url=address, locale="zh-CN").new_page()


def test_back_to_a_registration_that_was_refused_shows_its_form(page: Page) -> None:
    page.goto("/register")
    page.locator("main button[type=submit]").click()
    page.locator("#name-error").wait_for()
    page.goto("/privacy")
    page.go_back()
    assert page.locator("form [name=mobile]").is_visible()
    page.reload()
    assert page.locator("form [name=mobile]").is_visible()


def test_back_to_a_refused_decision_shows_the_case(page: Page, runtime: Runtime, people: People) -> None:
    _, application = an_applicant(runtime, people, a_plan(runtime, people, review_route=PROVINCE_ONLY))
    reviewer = a_reviewer(people, OrganisationKind.PROVINCE)
    page.goto(f"/sign-in?next=/desk/reviews/{application.id}")
    page.fill("[name=login_name]", reviewer.login_name)
    page.fill("[name=password]", reviewer.password)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/desk/reviews/{application.id}")
    for _ in range(2):
        page.locator("button[value=return]").click()
        page.locator("#remark-error").wait_for()
    page.goto("/desk")
    page.go_back()
    assert page.url.endswith(f"/desk/reviews/{application.id}")
    assert page.locator("button[value=return]").is_visible()
    page.goto(f"/desk/reviews/{application.id}/reject")
    assert page.url.endswith(f"/desk/reviews/{application.id}")
