"""What is written out comes back exactly, and nothing in it is ever a formula."""

import io

import openpyxl
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.exporting.xlsx import write_items, write_template
from question_bank.importing import read_questions
from question_bank.importing.headers import NOTES_SHEET, TEMPLATE_HEADERS
from question_bank.items import Item, ItemType
from tests.factories.questions import multiple, single, true_false
from tests.question_bank.item_strategy import sound_items


def has_a_column_for_everything(item: Item) -> bool:
    return item.blank is None or not item.blank.case_matters


@given(
    st.lists(
        sound_items().filter(has_a_column_for_everything),
        min_size=1,
        max_size=4,
        unique_by=lambda item: item.stem,
    )
)
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


def test_two_other_readers_see_every_cell_as_the_text_it_is() -> None:
    """They are openpyxl and calamine, neither of which wrote the file; calamine hands numbers and dates out as such."""
    stems = [
        "=HYPERLINK(1)",
        "@SUM(A1)",
        "+1",
        "-1",
        "0012",
        "1E5",
        "2026-11-21",
        "TRUE",
        "18位 110101200001011234",
    ]
    written = [single(stem=stem, texts=(stem, f"{stem} 二", "丙")) for stem in stems]
    data = write_items(written)
    wanted = [[item.stem, *(option.text for option in item.options)] for item in written]

    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = [[sheet.cell(row, column) for column in range(2, 6)] for row in range(2, len(stems) + 2)]
    assert [[cell.value for cell in row] for row in cells] == wanted
    assert {cell.data_type for row in cells for cell in row} == {"s"}

    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [row[1:5] for row in rows[1:]] == wanted


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
    read = read_questions(write_template(), "模板.xlsx")
    assert (read.items, read.faults, read.ignored) == ((), (), ())


def test_the_template_shows_a_sample_of_each_type_that_is_sound() -> None:
    notes = openpyxl.load_workbook(io.BytesIO(write_template()))[NOTES_SHEET]
    table = [[str(cell or "") for cell in row] for row in notes.iter_rows(values_only=True)]
    start = next(number for number, row in enumerate(table) if row[0] == "题型")
    samples = list(zip(*table[start:], strict=True))
    assert samples[0][0] == "题型"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for sample in samples:
        sheet.append(sample)
    buffer = io.BytesIO()
    book.save(buffer)
    read = read_questions(buffer.getvalue(), "示例.xlsx", default_area="policy")
    assert read.faults == ()
    assert {one.item.type for one in read.items} == set(ItemType)
