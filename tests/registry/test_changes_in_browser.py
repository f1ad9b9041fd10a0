"""The pages of change requests in a real browser: a holder's on a phone, a registrar's on a phone and at a desk."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.registry.queries.entries import entries_of
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.doorway import walk_in
from tests.support.people import KnownPerson, People
from tests.support.threads import aside
from tests.support.width import is_too_wide

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
LONG = "调" * 200


def a_window(chromium: Browser, address: str, person: KnownPerson, size: dict[str, int]) -> Page:
    context = chromium.new_context(
        base_url=address, viewport=size, locale="zh-CN", is_mobile=size == PHONE, has_touch=size == PHONE
    )  # type: ignore[arg-type]  # a size is one
    return walk_in(context, person)


def look(page: Page) -> None:
    """Judge a page by the rules of accessibility and by its width."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert not is_too_wide(page), page.url


def test_asking_and_deciding_fit_a_phone_and_a_desk(
    chromium: Browser, address: str, runtime: Runtime, people: People
) -> None:
    def registered() -> tuple[KnownPerson, str]:
        graduate = a_graduate(runtime, people, a_plan(runtime, people))
        deliver_blank(runtime, graduate)
        with runtime.read() as uow:
            return graduate.person, entries_of(uow, graduate.person.id)[0].id

    person, entry_id = aside(registered)
    registrar = aside(lambda: people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    holder = a_window(chromium, address, person, PHONE)
    holder.goto("/entries")
    look(holder)
    holder.get_by_role("link", name="申请变更工作单位").click()
    look(holder)
    holder.get_by_role("button", name="提交申请").click()
    look(holder)
    holder.get_by_label("现在的工作单位").select_option(label="岚山机电技能评价中心")
    holder.get_by_label("依据").fill(LONG)
    holder.get_by_role("button", name="提交申请").click()
    holder.get_by_role("button", name="撤回申请").wait_for()
    look(holder)
    for size in (DESKTOP, PHONE):
        desk = a_window(chromium, address, registrar, size)
        desk.goto("/desk/registry/changes")
        look(desk)
        desk.goto(f"/desk/registry/{entry_id}")
        look(desk)
        desk.get_by_role("link", name="查看和处理").click()
        look(desk)
    desk.get_by_label("同意，变更登记").check()
    desk.get_by_label("理由").fill(LONG)
    desk.get_by_role("button", name="记录决定").click()
    desk.get_by_text("决定已记录").wait_for()
    look(desk)
    desk.goto(f"/desk/registry/{entry_id}")
    look(desk)
    for path in ("/entries", "/home", "/certificates", "/account/profile"):
        holder.goto(path)
        look(holder)
