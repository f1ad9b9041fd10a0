"""Questions as an enemy would write them, in a real browser: no script runs, and pictures make nothing jump."""

import shutil

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lms.accounts.policy import Role
from lms.questions import service as questions
from lms.questions.queries import drawing_pool
from question_bank.exporting.xlsx import write_items
from question_bank.items import FULL_MARK, Blueprint, BlueprintSection, Difficulty, Item, ItemType, Option
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin
from tests.exam.illustrated import open_with_a_picture
from tests.support.people import People

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
STEM = (
    r"若 \(x^2+\frac{1}{y}\le\sqrt{2}\)，则 <img src=x onerror=run(1)><script>run(2)</script>"
    r"<svg onload=run(3)></svg>\(x\)\" onmouseover=\"run(4)？"
)
OPTIONS = (
    "<script>run(5)</script>",
    r"\(\frac{a}{b}\)",
    "<a href=javascript:run(6)>x</a>",
    r"\(\alpha\)\"><iframe srcdoc=x>",
)
HOSTILE = Item(
    ItemType.SINGLE, STEM, tuple(Option(key, text) for key, text in zip("ABCD", OPTIONS, strict=True)), frozenset("B"),
    r"<script>run(7)</script>见 \(\sum_{i=1}^{n} x_i\)。", "standards", Difficulty.HARD, "N3 E3",
)  # fmt: skip
ONLY_HOSTILE = Blueprint(
    title="敌意", sections=(BlueprintSection(ItemType.SINGLE, "standards", None, 1, FULL_MARK),)
)


def watch(page: Page) -> list[str]:
    """Note every script that an item runs, every one the policy stops, and every request it makes."""
    noted: list[str] = []
    page.expose_function("run", lambda number: noted.append(f"ran {number}"))
    page.on("dialog", lambda dialog: noted.append(dialog.message))
    page.on(
        "console", lambda said: noted.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("request", lambda asked: noted.append(asked.url) if asked.url.endswith("/x") else None)
    return noted


def test_no_script_of_a_question_runs_wherever_it_is_shown(
    chromium: Browser, address: str, house: ExamHouse, people: People
) -> None:
    with house.runtime.write() as uow:
        taken = questions.import_questions(uow, house.operator, "题.xlsx", write_items([HOSTILE]))
        assert (taken.added, taken.faults) == (1, ())
        house.blueprint_id = questions.ensure_blueprint(uow, house.operator, "hostile", "敌意", ONLY_HOSTILE)
    house.plan_id = house.plan()
    page = arrive(chromium, address, house.candidate())
    noted = watch(page)
    begin(page, house)
    expect(page.locator("#q1 legend math").first).to_be_visible()
    assert page.locator("#q1 legend mfrac").count() == 1
    assert page.locator("#q1 .opt math").count() == 2
    assert page.locator("#q1 img, #q1 script, #q1 svg[onload], #q1 iframe, #q1 a").count() == 0
    page.locator("#q1 legend").hover()
    page.locator("#q1 .opt").nth(1).click()
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert noted == []

    with house.runtime.read() as uow:
        [item_id] = [item_id for item_id, item in drawing_pool(uow) if item.stem == STEM]
    keeper = people.staff(Role.QUESTION_ADMIN)
    desk = arrive(chromium, address, Candidate(keeper, people.actor(keeper), ""))
    noted = watch(desk)
    for url in (f"/questions/{item_id}", "/questions/", f"/exam/desk/questions/{item_id}"):
        desk.goto(url)
        desk.locator("main").hover()
    desk.goto(f"/questions/{item_id}")
    assert desk.locator("main math").count() == 5
    assert noted == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_picture_fits_the_screen_and_makes_nothing_jump(
    chromium: Browser, address: str, house: ExamHouse, width: int
) -> None:
    key = open_with_a_picture(house, 1200, 700)
    page = arrive(chromium, address, house.candidate())
    page.set_viewport_size({"width": width, "height": 800})
    begin(page, house)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/pictures/{key}", hold)
    page.reload(wait_until="domcontentloaded")
    image = page.locator("#q1 img.picture")
    expect(image).to_have_js_property("loading", "eager")
    option = page.locator("#q1 .opt").first
    before, place = option.bounding_box(), image.bounding_box()
    assert before is not None
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= width
    assert abs(place["height"] / place["width"] - 700 / 1200) < 0.01
    assert not image.evaluate("one => one.complete")
    [waiting] = held
    waiting.continue_()
    expect(image).to_have_js_property("naturalWidth", 1200)
    assert option.bounding_box() == before
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
