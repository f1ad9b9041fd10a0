"""A file given back with its verdicts, looked at by readers that are not ours."""

import io
import zipfile
from datetime import date

import openpyxl
from python_calamine import CalamineWorkbook

from lms.questions.annotation import annotated_workbook, as_it_is
from lms.questions.policy import KnownItem, judge, question_key
from question_bank.exporting.annotated import Mark, write_annotated
from question_bank.exporting.xlsx import write_items
from question_bank.importing import Table, read_questions, read_sheets
from tests.factories.questions import single

HEADING = "题型,题干,选项A,选项B,选项C,答案,知识领域\n"
RED, YELLOW = "FFF6D5CF", "FFF7E6BF"


def give_back(data: bytes, name: str, known: dict[str, KnownItem] | None = None) -> openpyxl.Workbook:
    report = read_questions(data, name, default_area="policy")
    made = annotated_workbook(read_sheets(data, name), report, judge(report, known or {}), as_it_is)
    return openpyxl.load_workbook(io.BytesIO(made))


def test_each_row_says_its_result_and_the_faulty_cell_is_red_with_the_reason() -> None:
    rows = HEADING + "单选,题一（ ）,甲,乙,丙,E,政策法规\n单选,题二（ ）,甲,乙,丙,A,政策法规\n"
    sheet = give_back(rows.encode(), "某表.csv").active
    assert [sheet.cell(1, column).value for column in (1, 7)] == ["题型", "知识领域"]
    assert sheet["H1"].value.split("\n")[:2] == ["结果", "请留意"]
    assert sheet["H2"].value.startswith("内容有误\n")
    assert "F 列" in sheet["H2"].value
    assert sheet["H3"].value == "可以导入"
    assert (sheet["F2"].value, sheet["F2"].fill.fgColor.rgb) == ("E", RED)
    assert "没有对应选项" in sheet["F2"].comment.text
    assert sheet["F3"].fill.fgColor.rgb != RED
    assert sheet["F3"].comment is None


def test_what_the_bank_knows_and_what_contradicts_it_are_told_apart() -> None:
    items = [single(answer="B"), single("另一题（ ）？", answer="C")]
    known = {question_key(items[0]): KnownItem("i1", items[0]),
             question_key(items[1]): KnownItem("i2", single("另一题（ ）？", answer="B"))}  # fmt: skip
    sheet = give_back(write_items(items), "题.xlsx", known)["题目"]
    assert [sheet.cell(row, sheet.max_column).value.split("\n")[0] for row in (2, 3)] == [
        "题库已有",
        "与题库矛盾",
    ]


def test_every_sheet_is_there_and_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    hostile = '=HYPERLINK("http://x.invalid","点我")'
    tables = [
        Table(
            "一",
            [["题干", "答案"], [hostile, 3.0], ["+1+1", True], ["@SUM(A1)", date(2026, 3, 5)], ["-2", 2**60]],
        ),
        Table("空", []),
        Table("history", [["1"]]),
        Table("一/二[三]" * 9, [["x" * 40_000]]),
        Table("一_二_三_", [["y"]]),
    ]
    marks = [Mark("一", 2, "坏", "=1+1", "A", is_fault=True), Mark("一", 9, "在表外", column="ZZZ")]
    made = write_annotated(tables, marks, "结果", {"一": 0})
    sheet = openpyxl.load_workbook(io.BytesIO(made))["一"]
    assert [sheet.cell(row, 1).data_type for row in range(2, 6)] == ["s"] * 4
    assert sheet["A2"].value == hostile
    assert sheet["A2"].comment.text == "=1+1"
    assert [sheet.cell(row, 2).value for row in range(2, 6)] == [3, True, "2026-03-05", str(2**60)]
    assert sheet["C9"].value == "在表外"
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if name.endswith(".xml"))
        assert not any("externalLink" in name for name in parts.namelist())
    again = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert len(again.sheet_names) == len({name.casefold() for name in again.sheet_names}) == 5
    assert again.get_sheet_by_name("一").to_python()[1][0] == hostile


def test_a_file_of_text_becomes_one_sheet_of_places_and_texts() -> None:
    text = "单选题\n1. 甲题（ ）？\nA. 一\nB. 二\n答案：A\n\n2. 乙题（ ）？\nA. 一\nB. 二\n答案：E\n"
    book = give_back(text.encode(), "题.txt")
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert book.active["C1"].value == "结果"
    assert [(row[0], row[1], str(row[2]).split("\n")[0]) for row in rows] == [
        ("2", "甲题（ ）？", "可以导入"), ("7", "E", "内容有误"),
    ]  # fmt: skip


def test_sheets_of_a_file_that_cannot_be_read_are_none() -> None:
    for data in (b"", b"%PDF-1.7", b"PK\x03\x04 not a zip", b"<quiz></quiz>"):
        assert read_sheets(data, "x.xlsx") == ()
