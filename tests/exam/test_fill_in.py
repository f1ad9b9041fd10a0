"""Fill-in questions in the exam: written, saved, refused, graded, and looked at afterwards."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.core.errors import Invalid
from lms.exam.models.attempts import AnswerRevision
from lms.exam.policy.attempts import read_choice, write_choice
from lms.exam.queries import question_statistics, saved_answers
from lms.exam.service.attempts import SheetAnswer, save_sheet
from lms.questions.queries import drawing_pool
from question_bank.grading import WRITTEN_MAX
from question_bank.items import ItemType, PaperQuestion, questions_to_json
from question_bank.paper_json import questions_from_json
from tests.exam.conftest import ExamHouse
from tests.exam.gaps import GAPS, key_of, open_with_gaps, position_of, sheet_of
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]


@pytest.fixture
def house(house: ExamHouse) -> ExamHouse:
    """An open exam with four gaps."""
    return open_with_gaps(house)


def begin(browser: Browser, house: ExamHouse) -> dict[str, Any]:
    reply = browser.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.get_json()
    return found


def write(browser: Browser, lease: str, position: int, revision: int, written: object, **more: object) -> Any:
    body = {"lease": lease, "position": position, "revision": revision, "written": written, **more}
    return browser.client.post("/api/v1/exam/answer", json=body)


def written_rows(house: ExamHouse) -> list[str]:
    with house.runtime.read() as uow:
        return list(uow.session.scalars(select(AnswerRevision.choice)))


def test_what_is_written_is_saved_comes_back_and_earns_the_points_of_its_gap(
    house: ExamHouse, signed_in: SignIn
) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    attempt_id, lease = sent["attempt_id"], sent["lease"]
    place = {words: position_of(house, attempt_id, words) for words in ("考评小组", "简称", "圆周率", "气温")}
    assert write(browser, lease, place["考评小组"], 1, " ３　").status_code == 200
    assert write(browser, lease, place["简称"], 1, "sasac").status_code == 200
    assert write(browser, lease, place["圆周率"], 1, "3.2").status_code == 200
    assert write(browser, lease, place["圆周率"], 2, "３．１５").status_code == 200
    assert write(browser, lease, place["气温"], 1, "\u22125").status_code == 200
    page = browser.get(f"/exam/attempts/{attempt_id}").text
    assert 'value="sasac"' in page
    assert len(re.findall(r"data-number", page)) == 2, "the candidate is told that a number is wanted"
    again = begin(browser, house)["answers"]
    assert again[str(place["圆周率"])] == {"revision": 2, "written": "３．１５"}
    assert browser.client.post("/api/v1/exam/submit", json={"lease": lease}).status_code == 200
    attempt = house.attempt(attempt_id)
    assert attempt.score == 4000
    assert attempt.breakdown["types"][1] == ["fill_in", 4, 4, 4000, 4000]
    result = browser.get(f"/exam/attempts/{attempt_id}/result").text
    assert "填空题" in result


def test_a_gap_is_filled_without_any_script(house: ExamHouse, signed_in: SignIn) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    started = browser.post(f"/exam/{house.plan_id}/start")
    attempt_id = started.location.rsplit("/", 1)[1]
    page = browser.get(started.location).text
    lease = re.search(r'name="lease" value="([^"]+)"', page)
    assert lease is not None
    where = position_of(house, attempt_id, "考评小组")
    form: dict[str, Any] = {"lease": lease[1], "action": "save"}
    for position in range(1, 11):
        form[f"r{position}"] = "0"
    form |= {f"w{position}": "" for position in GAPS}
    form[f"w{where}"] = "三人, =三"
    assert browser.post(f"/exam/attempts/{attempt_id}/hand-in", form).location == started.location
    assert written_rows(house) == ["=三人, =三"]
    page = browser.get(started.location).text
    assert 'value="三人, =三"' in page
    form |= {f"r{where}": "1", f"w{where}": "三人", "action": "hand_in"}
    assert browser.post(f"/exam/attempts/{attempt_id}/hand-in", form).status_code == 303
    assert house.attempt(attempt_id).score == 1000
    assert house.attempt(attempt_id).breakdown["answered"] == 1


def test_forged_and_unfitting_texts_are_refused_with_reasons_and_leave_no_row(
    house: ExamHouse, signed_in: SignIn
) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    lease, gap = sent["lease"], 7
    option = sent["questions"][0]["options"][0]["id"]
    refused = [
        write(browser, lease, gap, 1, written)
        for written in (None, 3, True, ["三"], {"a": 1}, "三" * (WRITTEN_MAX + 1), "x" * 3000, "\ud800三")
    ]
    refused += [
        write(browser, lease, 1, 1, option),
        write(browser, lease, 1, 1, "三"),
        write(browser, lease, gap, 1, "三", choice=[]),
        write(browser, lease, 11, 1, "三"),
        browser.client.post(
            "/api/v1/exam/answer", json={"lease": lease, "position": gap, "revision": 1, "choice": ["三"]}
        ),
    ]
    for number, reply in enumerate(refused):
        assert reply.status_code == 422, (number, reply.text)
        assert reply.get_json()["reasons"], number
    assert written_rows(house) == []


def test_signs_that_nobody_sees_are_not_kept_and_do_not_cost_the_points(
    house: ExamHouse, signed_in: SignIn
) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    where = position_of(house, sent["attempt_id"], "考评小组")
    raw = json.dumps(
        {"lease": sent["lease"], "position": where, "revision": 1, "written": "\u202e三\u200b\x07人\n"}
    )
    saved = browser.client.post("/api/v1/exam/answer", data=raw, content_type="application/json")
    assert saved.status_code == 200, saved.text
    assert written_rows(house) == ["=三人"]
    assert write(browser, sent["lease"], where, 2, " \u3000 ").status_code == 200
    with house.runtime.read() as uow:
        assert saved_answers(uow, sent["attempt_id"])[where].chosen == frozenset(), "spaces take it back"


def test_the_page_gives_no_answer_away(house: ExamHouse, signed_in: SignIn) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    page = browser.get(f"/exam/attempts/{sent['attempt_id']}").text
    for text in (page, json.dumps(sent, ensure_ascii=False)):
        for secret in ("SASAC", "国资委", "3.14", "blank", "tolerance", "-5"):
            assert not re.search(rf"(?<![\w-]){re.escape(secret)}(?!\w)", text), secret


def test_a_sheet_refuses_a_text_where_an_option_belongs(house: ExamHouse) -> None:
    candidate = house.candidate()
    attempt_id = house.start(candidate)
    lease = house.lease(candidate, attempt_id)
    for answer in (
        SheetAnswer(1, 0, frozenset({"三"}), is_written=True),
        SheetAnswer(7, 0, frozenset({"三"})),
        SheetAnswer(7, 0, frozenset({"三" * (WRITTEN_MAX + 1)}), is_written=True),
    ):
        with pytest.raises(Invalid), house.runtime.write() as uow:
            save_sheet(uow, lease, {answer.position: answer})
    assert written_rows(house) == []


def test_stored_answers_of_both_kinds_read_back_and_those_of_before_are_untouched() -> None:
    assert read_choice("a1b2,c3d4") == frozenset({"a1b2", "c3d4"})
    assert read_choice("") == frozenset()
    for text in ("三,人", "=", "=3", "a,b", "x"):
        assert read_choice(write_choice({text}, is_written=True)) == frozenset({text})
    assert write_choice(frozenset(), is_written=True) == ""
    assert len(write_choice({"三" * WRITTEN_MAX}, is_written=True)) <= AnswerRevision.choice.type.length


def test_a_paper_says_that_a_number_is_wanted_and_an_older_one_reads_without() -> None:
    number = PaperQuestion(1, ItemType.FILL_IN, "圆周率约为____。", (), 100, False, wants_number=True)
    text = PaperQuestion(2, ItemType.FILL_IN, "____", (), 100, False)
    public = questions_to_json((number, text))
    assert "wants_number" not in public["questions"][1], "the hash of a stored paper stays as it is"  # type: ignore[index]  # JSON is typed as object
    assert questions_from_json(public) == (number, text)


def test_the_keeper_of_the_bank_sees_what_was_written_and_what_counted(
    house: ExamHouse, people: People, signed_in: SignIn
) -> None:
    for written in ("三", "３", "叁", "叁 ", "", "=七"):
        candidate = house.candidate()
        attempt_id = house.start(candidate)
        where = position_of(house, attempt_id, "考评小组")
        with house.runtime.write() as uow:
            answer = SheetAnswer(where, 0, frozenset({written.strip()} - {""}), is_written=True)
            save_sheet(uow, house.lease(candidate, attempt_id), {where: answer})
        house.hand_in(candidate, attempt_id)
    keeper = people.staff(Role.QUESTION_ADMIN)
    with house.runtime.read() as uow:
        item_id = next(
            item_id for item_id, item in drawing_pool(uow) if "考评小组一般不少于____" in item.stem
        )
        [line] = question_statistics(uow, people.actor(keeper), item_id).lines
    assert {(said.text, said.count, said.is_right) for said in line.figures.written} == {
        ("叁", 2, False), ("３", 1, True), ("=七", 1, False), ("三", 1, True),
    }  # fmt: skip
    assert line.figures.written[0].text == "叁", "the most frequent first"
    assert (line.figures.shown, line.figures.answered) == (6, 5)
    browser = signed_in(keeper)
    page = browser.get(f"/exam/desk/questions/{item_id}").text
    assert "考生填的答案" in page
    assert "三|3|三人" in page
    assert "叁" in page
    item_page = browser.get(f"/questions/{item_id}").text
    assert "算对的答案" in item_page
    assert "<bdi>三人</bdi>" in item_page


def test_the_key_of_a_paper_holds_the_blank(house: ExamHouse) -> None:
    candidate = house.candidate()
    attempt_id = house.start(candidate)
    key = key_of(house, attempt_id)
    assert all((key[position].blank is not None) == (position in GAPS) for position in key)
    assert [sheet_of(house, attempt_id)[position].options for position in GAPS] == [()] * 4
