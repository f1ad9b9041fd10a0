"""Filling gaps in a real browser: typing is saved by itself, survives a lost network, and keys stay keys."""

import shutil

import pytest
from playwright.sync_api import Browser, Page, expect

from lms.exam.queries import saved_answers
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.exam_page import arrive, begin
from tests.exam.gaps import open_with_gaps, position_of
from tests.support.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]


@pytest.fixture
def house(house: ExamHouse) -> ExamHouse:
    """An open exam with four gaps."""
    return open_with_gaps(house)


def written(house: ExamHouse, attempt_id: str) -> dict[int, str]:
    """What is on disk, by position."""
    with house.runtime.read() as uow:
        return {position: one.written for position, one in saved_answers(uow, attempt_id).items()}


def turn_to(page: Page, position: int) -> None:
    """Show a question by its number."""
    page.locator(f"#numbers .q[href='#q{position}']").click()
    expect(page.locator(f"#q{position}")).to_be_visible()


def sit_before(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate, words: str
) -> tuple[Page, str, int]:
    """Begin an exam and turn to the gap of these words; return the page, the attempt, and where the gap stands."""
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    where = position_of(house, attempt_id, words)
    turn_to(page, where)
    return page, attempt_id, where


def test_typing_is_saved_when_the_hand_rests_and_no_key_is_taken_for_a_command(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    attempt_id = begin(page, house)
    where = position_of(house, attempt_id, "简称")
    sends: list[str] = []
    page.on("request", lambda asked: sends.append(asked.url) if asked.url.endswith("/exam/answer") else None)
    turn_to(page, where)
    page.keyboard.type("bamsasac", delay=20)
    gap = page.locator(f"#w{where}")
    expect(gap).to_have_value("bamsasac")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert written(house, attempt_id) == {where: "bamsasac"}
    assert len(sends) == 1, "one save, not one for every key"
    expect(page.locator(f"#q{where} [data-flag]")).to_have_text("标记复查")
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("Delete")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"#q{where}")).to_be_visible()
    page.keyboard.press("Enter")
    if where < 10:
        expect(page.locator(f"#q{where + 1}")).to_be_visible()
    expect(page.locator(f"#q{where} [data-saved]")).to_have_text("已保存")
    assert written(house, attempt_id) == {where: "sasac"}
    expect(page.locator("#numbers [data-done-count]")).to_have_text("1")
    page.click("#hand-in-button")
    page.click("#hand-in [data-really]")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).score == 1000


def test_handing_in_at_once_takes_the_last_letters_along(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page, attempt_id, where = sit_before(chromium, address, house, candidate, "考评小组")
    page.locator(f"#w{where}").focus()
    page.keyboard.type("三人")
    page.click("#hand-in-button")
    page.click("#hand-in [data-really]")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).score == 1000


def test_what_was_typed_without_network_survives_a_reload(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate)
    wire = Wire(page, "**/api/v1/exam/answer")
    attempt_id = begin(page, house)
    where = position_of(house, attempt_id, "考评小组")
    wire.cut()
    turn_to(page, where)
    page.locator(f"#w{where}").fill("三人")
    expect(page.locator("#save-state")).to_contain_text("存在本机")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator(f"#w{where}")).to_have_value("三人")
    wire.mend()
    # By hand, unless the page was faster: it tries again by itself.
    page.locator("[data-retry]").evaluate_all("all => all.forEach(one => one.click())")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert written(house, attempt_id) == {where: "三人"}


def test_a_number_gets_the_pad_of_digits_and_a_sign_of_its_own(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page, attempt_id, where = sit_before(chromium, address, house, candidate, "气温")
    gap = page.locator(f"#w{where}")
    expect(gap).to_have_attribute("inputmode", "decimal")
    gap.fill("5")
    page.locator(f"#q{where} [data-sign]").click()
    expect(gap).to_have_value("-5")
    # The press of the button hurries the digit, which may be saved before the sign is.
    expect(page.locator(f"#q{where} [data-saved]")).to_have_text("已保存")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert written(house, attempt_id) == {where: "-5"}
    text = position_of(house, attempt_id, "考评小组")
    assert page.locator(f"#w{text}").get_attribute("inputmode") is None


def test_what_was_said_of_one_word_is_not_left_standing_for_the_next(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page, attempt_id, where = sit_before(chromium, address, house, candidate, "考评小组")
    gap = page.locator(f"#w{where}")
    gap.fill("三")
    state = page.locator("#save-state")
    expect(state).to_contain_text("已保存")
    # In one turn of the page: a letter waits for the hand to rest, and nothing is on its way to the server yet.
    said = gap.evaluate(
        """gap => {
          gap.value = "三人";
          gap.dispatchEvent(new InputEvent("input", { bubbles: true }));
          return document.getElementById("save-state").textContent;
        }"""
    )
    assert "正在保存" in said
    expect(state).to_contain_text("已保存")
    assert written(house, attempt_id) == {where: "三人"}


def test_an_input_method_on_its_way_to_a_word_saves_nothing(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page, attempt_id, where = sit_before(chromium, address, house, candidate, "考评小组")
    page.locator(f"#w{where}").focus()
    desk = page.context.new_cdp_session(page)
    desk.send("Input.imeSetComposition", {"text": "san", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(1500)
    assert written(house, attempt_id) == {}
    desk.send("Input.insertText", {"text": "三"})
    expect(page.locator(f"#w{where}")).to_have_value("三")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    assert written(house, attempt_id) == {where: "三"}


def test_a_gap_works_without_scripts(
    chromium: Browser, address: str, house: ExamHouse, candidate: Candidate
) -> None:
    page = arrive(chromium, address, candidate, scripts=False)
    attempt_id = begin(page, house)
    where = position_of(house, attempt_id, "考评小组")
    page.locator(f"#w{where}").fill("三")
    page.click("button[value=save]")
    expect(page.locator(f"#w{where}")).to_have_value("三")
    page.click("main button[value=hand_in]")
    page.wait_for_url("**/result")
    assert house.attempt(attempt_id).score == 1000
