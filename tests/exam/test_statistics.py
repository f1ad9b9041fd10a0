"""A class sits an exam with one wrong key in the bank, and the bank's keeper finds it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.core.errors import NotFound
from lms.core.unit_of_work import Runtime
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.queries import bank_statistics, graded_counts, graded_sheets, question_statistics
from lms.exam.service import attempts
from lms.exam.service.attempts import SheetAnswer
from lms.questions import queries as bank
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.items import Blueprint, BlueprintSection, ItemType
from question_bank.paper_json import key_from_json, questions_from_json
from question_bank.statistics import Suspicion, item_figures
from tests.exam.conftest import ExamHouse
from tests.factories.questions import multiple, single, true_false
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

pytestmark = pytest.mark.one_database

SignIn = Callable[[KnownPerson], Browser]
EXAMINEES = 32
WRONG = "单选第 0 题（ ）？"
"""Marked B, and those who know choose C."""
WHOLE_BANK = Blueprint(
    title="全卷",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 9, 600),
        BlueprintSection(ItemType.MULTIPLE, None, None, 4, 800),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 4, 350),
    ),
)


@dataclass
class Sat:
    """A class that has sat: what each attempt chose, by stem."""

    house: ExamHouse
    attempt_ids: list[str]
    item_id: str


def choices(house: ExamHouse, attempt_id: str, rank: int) -> dict[int, SheetAnswer]:
    """What the examinee of a rank writes: the higher the rank, the more of it is right; everybody leaves one out."""
    with house.runtime.read() as uow:
        paper = uow.session.scalar(
            select(Paper).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
        )
        assert paper is not None
    sheet = {}
    keys = key_from_json(json.loads(paper.key)).entries
    for question, entry in zip(questions_from_json(json.loads(paper.public)), keys, strict=True):
        number = int("".join(sign for sign in question.stem if sign.isdigit()))
        by_text = {option.text: option.id for option in question.options}
        knows = rank * 10 // EXAMINEES + 1 >= number + (rank + number) % 3
        if question.stem == WRONG:
            chosen = {by_text["五人" if rank >= EXAMINEES // 2 else "三人"]}
        elif knows:
            chosen = set(entry.correct)
        elif question.type is ItemType.TRUE_FALSE and number == 3:
            chosen = set()
        else:
            chosen = {next(option.id for option in question.options if option.id not in entry.correct)}
        sheet[question.position] = SheetAnswer(question.position, 0, frozenset(chosen))
    return sheet


def sit(house: ExamHouse, rank: int) -> str:
    candidate = house.candidate()
    attempt_id = house.start(candidate)
    sheet = choices(house, attempt_id, rank)
    with house.runtime.write() as uow:
        attempts.save_sheet(uow, house.lease(candidate, attempt_id), sheet)
    house.hand_in(candidate, attempt_id)
    return attempt_id


@pytest.fixture
def sat(house: ExamHouse) -> Sat:
    with house.runtime.write() as uow:
        house.blueprint_id = questions.ensure_blueprint(uow, house.operator, "whole", "全卷", WHOLE_BANK)
    house.plan_id = house.plan()
    ids = [sit(house, rank) for rank in range(EXAMINEES)]
    with house.runtime.read() as uow:
        item_id = next(item_id for item_id, item in bank.drawing_pool(uow) if item.stem == WRONG)
    return Sat(house, ids, item_id)


def test_the_figures_are_those_of_the_class(sat: Sat, people: People) -> None:
    keeper = people.actor(people.staff(Role.QUESTION_ADMIN))
    with sat.house.runtime.read() as uow:
        graded = graded_sheets(uow, keeper, blueprint_id=sat.house.blueprint_id)
        found = bank_statistics(uow, keeper, sat.house.blueprint_id)
        scores = list(uow.session.scalars(select(Attempt.score).where(Attempt.id.in_(sat.attempt_ids))))
    assert (found.papers, found.total, len(graded.sheets)) == (EXAMINEES, EXAMINEES, EXAMINEES)
    assert sorted(sheet.points for sheet in graded.sheets) == sorted(scores), "nothing is graded another way"
    assert len(found.lines) == 17
    assert found.reliability is not None
    assert found.reliability.mean == pytest.approx(sum(scores) / EXAMINEES / 100)
    assert 0.5 < (found.reliability.kr20 or 0) < 1
    figures = item_figures(graded.sheets, graded.items)
    assert {line.wording.item.stem: line.figures for line in found.lines} == {
        graded.items[version].stem: one for version, one in figures.items()
    }
    assert {line.exposure for line in found.lines} == {1.0}
    left_out = next(line for line in found.lines if line.wording.item.stem == "判断第 3 题。")
    assert left_out.figures.answered < left_out.figures.shown == EXAMINEES

    wrong = found.lines[0]
    assert wrong.wording.item.stem == WRONG, "the gravest comes first"
    assert wrong.suspicions[:2] == (Suspicion.KEY, Suspicion.NEGATIVE)
    counts = {wrong.option_texts[option.key]: option.count for option in wrong.figures.options}
    assert counts == {"两人": 0, "三人": 16, "五人": 16, "七人": 0}


def test_the_keeper_finds_the_wrong_key_on_the_page_and_retires_the_question(
    sat: Sat, people: People, signed_in: SignIn
) -> None:
    browser = signed_in(people.staff(Role.QUESTION_ADMIN))
    page = browser.get("/exam/desk/questions").text
    assert "请看这几题" in page
    assert "答案可能有误" in page
    assert 'aria-label="选项 C：16 人选，共 32 人"' in page
    assert "信度 KR-20" in page
    assert page.index(WRONG) < page.index("全部试题")
    one = browser.get(f"/exam/desk/questions/{sat.item_id}").text
    assert "近一年抽到 32 份试卷里" in one
    assert "区分度为负" in one
    retired = browser.post(f"/questions/{sat.item_id}/retire", {"remark": "答案有误，改后再导入"})
    assert retired.status_code == 303
    assert "已停用" in browser.get("/exam/desk/questions").text
    assert browser.get("/exam/desk/questions/0000000000000000").status_code == 404


def test_a_corrected_edition_is_compared_with_the_one_before(sat: Sat, people: People) -> None:
    house, keeper = sat.house, people.actor(people.staff(Role.QUESTION_ADMIN))
    with house.runtime.write() as uow:
        questions.retire_item(uow, house.operator, sat.item_id, "答案有误")
        questions.import_questions(uow, house.operator, "改.xlsx", write_items([single(WRONG, answer="C")]))
    for rank in range(EXAMINEES - 4, EXAMINEES):
        sit(house, rank)
    with house.runtime.read() as uow:
        found = question_statistics(uow, keeper, sat.item_id)
        [new_id] = bank.same_questions(uow, [sat.item_id]) - {sat.item_id}
        assert question_statistics(uow, keeper, new_id).lines == found.lines
        with pytest.raises(NotFound):
            question_statistics(uow, keeper, "0000000000000000")
    new, old = found.lines
    assert (new.wording.item_id, old.wording.item_id) == (new_id, sat.item_id)
    assert (new.figures.shown, new.figures.difficulty) == (4, 1)
    assert new.change is not None
    assert new.change.change == pytest.approx(1 - old.figures.difficulty)
    assert old.change is None
    assert found.drawn == EXAMINEES + 4


def test_a_voided_attempt_counts_no_more_and_other_scopes_see_nothing(sat: Sat, people: People) -> None:
    house = sat.house
    exam_admin = people.actor(people.staff(Role.EXAM_ADMIN))
    keeper = people.actor(people.staff(Role.QUESTION_ADMIN))
    with house.runtime.read() as uow:
        failed = [one for one in sat.attempt_ids if not house.attempt(one).passed]
    with house.runtime.write() as uow:
        attempts.void(uow, exam_admin, failed[0], "停电，经核实作废")
    with house.runtime.read() as uow:
        assert graded_counts(uow, keeper) == {house.blueprint_id: EXAMINEES - 1}
        assert graded_counts(uow, exam_admin) == {}, (
            "the figures give keys away, so only the bank's keepers see them"
        )
        assert bank_statistics(uow, exam_admin, house.blueprint_id).lines == ()


def test_before_the_first_exam_the_page_says_what_will_be_here(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    browser = signed_in(people.staff(Role.QUESTION_ADMIN))
    assert "还没有评过分的考试" in browser.get("/exam/desk/questions").text
    with runtime.write() as uow:
        questions.import_questions(uow, people.operator, "题.xlsx", write_items([multiple(), true_false()]))
    with runtime.read() as uow:
        item_id = bank.drawing_pool(uow)[0][0]
    assert "还没有人答过这道题" in browser.get(f"/exam/desk/questions/{item_id}").text


def test_no_address_breaks_the_page(sat: Sat, people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.staff(Role.QUESTION_ADMIN))
    for address in ("?page=0", "?page=x", "?blueprint=nope", "?page=99999999"):
        assert browser.get(f"/exam/desk/questions{address}").status_code == 200, address
