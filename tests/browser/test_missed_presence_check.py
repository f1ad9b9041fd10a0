"""A trainee who looked away: the answer time runs out before his eyes, and he studies on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import A_SIZE, DESKTOP, Window
from tests.journeys.office import Office, publish_plan
from tests.journeys.player import Player
from tests.support.person import Person

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("site-browser")
]  # fmt: skip

ANSWER_SECONDS = 90
LEFT_SECONDS = 12
"""What is left of the answer time when the page opens."""
GRACE_SECONDS = 3
"""An answer on its way is still taken, so the page asks what became of the check after them."""
SOME_SECONDS = re.compile(r"^[1-9]\d? ")


@A_SIZE
def test_a_missed_check_closes_its_question_and_study_goes_on(
    office: Office, window: Callable[..., Window], size: dict[str, int]
) -> None:
    plan_id = publish_plan(office, f"没有回答的确认（{size['width']}）")
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    own = window()
    own.sign_in(trainee.mobile, trainee.person.password)
    watch_until_asked(own, plan_id)
    page = own.page
    office.site.clock.advance(ANSWER_SECONDS - LEFT_SECONDS)
    page.goto(f"{own.site.url}/study/{plan_id}")
    page.locator("#play").click()
    expect(page.locator("#presence")).to_be_visible()
    expect(page).to_have_title(re.compile("^等待在学确认"))
    expect(page.locator("#missed")).to_be_visible(timeout=(LEFT_SECONDS + GRACE_SECONDS + 5) * 1000)
    expect(page.locator("#presence")).to_be_hidden()
    expect(page).to_have_title(re.compile("^学习"))
    # Whatever was played before the question is reported once it is void, and does not bring it back.
    page.wait_for_timeout(4_000)
    expect(page.locator("#presence")).to_be_hidden()
    own.shot("missed")
    way = page.locator("#missed").get_by_role("link", name="查看和申诉")
    expect(way).to_have_attribute("href", f"/study/{plan_id}/refused")
    page.locator("#missed").get_by_role("button", name="继续学习").click()
    expect(page.locator("#missed")).to_be_hidden()
    expect(page.locator("#pending")).to_have_text(SOME_SECONDS, timeout=30_000)
    page.locator("#play").click()
    expect(page.locator("#state")).to_contain_text("已保存，待确认")


@pytest.mark.parametrize("size", [DESKTOP], indirect=True)
def test_a_check_that_was_answered_elsewhere_is_not_called_missed(
    office: Office, window: Callable[..., Window]
) -> None:
    plan_id = publish_plan(office, "在别处回答的确认")
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    own = window()
    own.sign_in(trainee.mobile, trainee.person.password)
    player = watch_until_asked(own, plan_id)
    page = own.page
    office.site.clock.advance(ANSWER_SECONDS - LEFT_SECONDS)
    page.goto(f"{own.site.url}/study/{plan_id}")
    page.locator("#play").click()
    expect(page.locator("#presence")).to_be_visible()
    own.expect_refusals(409)
    assert player.connect().status_code == 201
    assert player.answer()["verdict"] == "counted"
    expect(page.locator("#takeover")).to_be_visible(timeout=(LEFT_SECONDS + GRACE_SECONDS + 5) * 1000)
    expect(page.locator("#presence")).to_be_hidden()
    expect(page.locator("#missed")).to_be_hidden()


def watch_until_asked(own: Window, plan_id: str) -> Player:
    """Let the same login watch by wire until a check is raised."""
    person = Person(own.site)
    person.carry_on({one["name"]: one["value"] for one in own.context.cookies()})
    player = Player(person, plan_id)
    player.open_page()
    assert player.connect().status_code == 201
    player.watch_until_checked()
    return player
