"""What is written out comes back exactly, and nothing in it is ever a formula."""

import io

import openpyxl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from question_bank.exporting.xlsx import write_items, write_template
from question_bank.importing import read_questions
from question_bank.importing.headers import TEMPLATE_HEADERS
from question_bank.items import (
    AREAS,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    Difficulty,
    Item,
    ItemType,
    Option,
)
from question_bank.validation import tidy_text, validate_item
from tests.factories.questions import multiple, single, true_false

tricky = st.sampled_from(
    [
        "=1+1",
        "@SUM(A1)",
        "+cmd",
        "-2",
        "A.甲",
        "1、题",
        "_x0041_",
        "<b>&amp;",
        "{{7*7}}",
        "0012",
        "'x",
        "A",
        "正确",
    ]
)
alphabet = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Cn", "Zl", "Zp"], exclude_characters="\ufffd")
texts = tricky | st.text(alphabet, min_size=1, max_size=30).map(tidy_text).filter(bool)


@st.composite
def items(draw: st.DrawFn) -> Item:
    type_ = draw(st.sampled_from(ItemType))
    if type_ is ItemType.TRUE_FALSE:
        options = TRUE_FALSE_OPTIONS
        answer = {draw(st.sampled_from("AB"))}
    else:
        words = draw(st.lists(texts, min_size=2, max_size=8, unique=True))
        options = tuple(Option(key, text) for key, text in zip(OPTION_KEYS, words, strict=False))
        fewest, most = (1, 1) if type_ is ItemType.SINGLE else (2, len(options))
        keys = st.sampled_from([option.key for option in options])
        answer = draw(st.sets(keys, min_size=fewest, max_size=most))
    item = Item(
        type_,
        draw(texts),
        options,
        frozenset(answer),
        draw(texts | st.just("")),
        draw(st.sampled_from(list(AREAS))),
        draw(st.sampled_from(Difficulty)),
        draw(texts | st.just("")),
    )
    assume(not validate_item(item))
    return item


@given(st.lists(items(), min_size=1, max_size=4, unique_by=lambda item: item.stem))
@settings(max_examples=60, deadline=None)
def test_every_sound_item_comes_back_exactly(written: list[Item]) -> None:
    report = read_questions(write_items(written), "题库.xlsx")
    assert ([located.item for located in report.items], report.faults) == (written, ())


def test_the_usual_items_come_back_without_a_single_doubt() -> None:
    written = [
        single(),
        multiple(),
        true_false(),
        single(stem="八项", texts=tuple("甲乙丙丁戊己庚辛"), answer="H"),
    ]
    report = read_questions(write_items(written), "题库.xlsx")
    assert ([located.item for located in report.items], report.faults) == (written, ())


def test_formula_look_alikes_are_written_as_text() -> None:
    data = write_items([single(stem="=1+1", texts=("@SUM(A1)", "+cmd|'/c calc'!A0", "http://x.test"))])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = [sheet.cell(2, column) for column in range(2, 6)]
    assert [cell.data_type for cell in cells] == ["s"] * 4
    assert [cell.hyperlink for cell in cells] == [None] * 4
    assert cells[0].value == "=1+1"


def test_the_blank_template_has_the_headings_and_the_drop_downs() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template()))
    sheet = book.worksheets[0]
    assert tuple(cell.value for cell in sheet[1]) == TEMPLATE_HEADERS
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert any("单选题" in rule and "判断题" in rule for rule in lists)
    assert any("政策法规" in rule for rule in lists)
    assert read_questions(write_template(), "模板.xlsx").faults == ()
