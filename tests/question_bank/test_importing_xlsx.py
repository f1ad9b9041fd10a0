"""Workbooks: several sheets, merged cells, typed cells, and crafted files that must not hurt the server."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from functools import partial

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from question_bank.exporting.xlsx import write_items
from question_bank.importing import read_questions
from question_bank.items import ItemType
from tests.factories.questions import single

HEADER = ["题型", "题干", "选项A", "选项B", "选项C", "答案", "知识领域", "难度"]


def workbook(*fill: Callable[[Worksheet], None], names: tuple[str, ...] = ("题目",)) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, write in zip(names, fill, strict=True):
        write(book.create_sheet(name))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows(*lines: list[object], header: list[str] = HEADER) -> Callable[[Worksheet], None]:
    def write(sheet: Worksheet) -> None:
        for line in [header, *lines]:
            sheet.append(line)

    return write


def test_the_content_decides_and_not_the_name() -> None:
    data = workbook(rows(["单选题", "题", "甲", "乙", "丙", "A", "政策法规", "易"]))
    for name in ("题库.xls", "题库.csv", "题库"):
        assert len(read_questions(data, name).items) == 1


def test_every_fault_of_a_row_stands_at_its_cell() -> None:
    report = read_questions(
        workbook(
            rows(
                ["单选题", "题一", "甲", "乙", "丙", "F", "政策法规", "容易吧"],
                ["单选题", "题二", "甲", "甲", "丙", "也许", "天文", "易"],
                ["判断题", "题三", "", "", "", "大概", "政策法规", "容易吧"],
                ["多选题", "题四", "甲", "乙", "丙", "A", "", "容易吧"],
            )
        ),
        "题库.xlsx",
    )
    assert report.items == ()
    assert [(one.row, one.column, one.code) for one in report.faults] == [
        (2, "H", "difficulty_unknown"),
        (2, "F", "answer_without_option"),
        (3, "G", "area_unknown"),
        (3, "F", "answer_unreadable"),
        (3, "D", "option_repeated"),
        (4, "H", "difficulty_unknown"),
        (4, "F", "answer_unreadable"),
        (5, "G", "area_unknown"),
        (5, "H", "difficulty_unknown"),
        (5, "F", "answer_not_multiple"),
    ]


def test_one_sheet_per_type_takes_the_type_from_the_sheet_name() -> None:
    header = HEADER[1:]
    data = workbook(
        rows(["题一", "甲", "乙", "丙", "A", "政策法规", "易"], header=header),
        rows(["题二", "甲", "乙", "丙", "AC", "政策法规", "易"], header=header),
        rows(["题三", "", "", "", True, "政策法规", "易"], header=header),
        lambda sheet: sheet.append(["这里是备注"]),
        lambda sheet: None,
        names=("单选题", "多选题", "判断题库", "备注", "空表"),
    )
    report = read_questions(data, "题库.xlsx")
    assert report.faults == ()
    assert [located.item.type for located in report.items] == [
        ItemType.SINGLE,
        ItemType.MULTIPLE,
        ItemType.TRUE_FALSE,
    ]
    assert [ignored.sheet for ignored in report.ignored] == ["备注", "空表"]


def test_a_table_that_starts_elsewhere_keeps_true_cell_addresses() -> None:
    def write(sheet: Worksheet) -> None:
        sheet["C3"] = "考评员题库"
        for row, line in enumerate(
            [HEADER, ["单选题", "题", "甲", "乙", "丙", "D", "政策法规", "易"]], start=5
        ):
            for column, value in enumerate(line, start=2):
                sheet.cell(row, column, value)

    [fault] = read_questions(workbook(write), "题库.xlsx").faults
    assert (fault.row, fault.column, fault.value) == (6, "G", "D")
    assert fault.message == "第 6 行 G 列：答案“D”没有对应选项，本题只有 A—C。请改答案，或补上选项 D。"


def test_a_fault_names_its_sheet_when_there_are_several() -> None:
    line: list[object] = ["单选题", "题", "甲", "乙", "丙", "D", "政策法规", "易"]
    report = read_questions(workbook(rows(line), rows(line), names=("一", "二")), "题库.xlsx")
    assert [fault.sheet for fault in report.faults] == ["一", "二"]
    assert report.faults[1].message.startswith("工作表“二”第 2 行 F 列：")


def test_merged_areas_are_filled_down_but_merged_answers_are_faults() -> None:
    def write(sheet: Worksheet) -> None:
        rows(
            ["单选题", "题一", "甲", "乙", "丙", "A", "政策法规", "易"],
            ["单选题", "题二", "甲", "乙", "丙", "A", None, "易"],
            ["单选题", "题三", "甲", "乙", "丙", "A", "政策法规", "易"],
            ["单选题", "题四", "甲", "乙", "丙", None, "政策法规", "易"],
        )(sheet)
        sheet.merge_cells("G2:G3")
        sheet.merge_cells("F4:F5")

    report = read_questions(workbook(write), "题库.xlsx")
    assert [located.item.stem for located in report.items] == ["题一", "题二"]
    assert {(fault.code, fault.row) for fault in report.faults} == {("cells_merged", 4), ("cells_merged", 5)}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (
            ["单选题", "题", "甲", "乙", "丙", date(2009, 5, 1), "政策法规", "易"],
            "answer_unreadable",
        ),
        (["单选题", "题", "甲", "乙", "丙", True, "政策法规", "易"], "answer_unreadable"),
        (["单选题", "题", "甲", "乙", "丙", 1, "政策法规", "易"], "answer_unreadable"),
        (["单选题", 131, "甲", "乙", "丙", "A", "政策法规", "易"], "stem_not_text"),
        (["单选题", "题", date(2009, 5, 1), "乙", "丙", "A", "政策法规", "易"], "option_is_date"),
    ],
)
def test_cells_that_excel_retyped_are_faults(line: list[object], code: str) -> None:
    report = read_questions(workbook(rows(line)), "题库.xlsx")
    assert ([fault.code for fault in report.faults], report.items) == ([code], ())


def test_number_options_keep_their_digits_and_doubtful_ones_are_pointed_out() -> None:
    report = read_questions(workbook(rows(["单选题", "几人", 3, 5, 0.5, "A", "政策法规", "易"])), "题库.xlsx")
    assert [option.text for option in report.items[0].item.options] == ["3", "5", "0.5"]
    assert [(warning.code, warning.column) for warning in report.warnings] == [("option_is_number", "E")]


def test_a_formula_is_never_evaluated() -> None:
    report = read_questions(
        workbook(rows(["单选题", "题", "甲", "乙", "丙", '="A"', "政策法规", "易"])), "题库.xlsx"
    )
    assert [(fault.code, fault.message) for fault in report.faults] == [
        (
            "cell_is_formula",
            "第 2 行 F 列：单元格是公式，不会计算。请复制后“选择性粘贴”为数值，或改成文字。",
        )
    ]


def repacked(change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_items([single()]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return buffer.getvalue()


def unchanged(_name: str, content: bytes) -> bytes:
    return content


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: (
        content.replace(old, new, 1) if name == "xl/worksheets/sheet1.xml" else content
    )


LAUGHS = b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
CANARY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/canary">]>'


def lying_about_size() -> bytes:
    data = bytearray(repacked(unchanged, {"xl/media/bomb.bin": b"\0" * 30_000_000}))
    place = data.rfind(b"PK\x01\x02")
    struct.pack_into("<II", data, place + 16, zlib.crc32(b"\0" * 10), data.find(b"PK\x01\x02") and 0)
    struct.pack_into("<I", data, place + 24, 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("craft", "code"),
    [
        (
            partial(
                repacked, lambda name, content: LAUGHS + content if name.endswith("sheet1.xml") else content
            ),
            "xml_doctype",
        ),
        (
            partial(repacked, lambda name, content: CANARY + content if "sharedStrings" in name else content),
            "xml_doctype",
        ),
        (
            partial(
                repacked,
                lambda name, content: CANARY.decode().encode("utf-16") if "styles" in name else content,
            ),
            "xml_doctype",
        ),
        (partial(repacked, unchanged, {"xl/media/bomb.bin": b"\0" * 120_000_000}), "too_large_unpacked"),
        (partial(repacked, unchanged, {"xl/media/bomb.bin": b"\0" * 30_000_000}), "too_large_unpacked"),
        (lying_about_size, "workbook_broken"),
        (partial(repacked, unchanged, {f"part{number}": b"" for number in range(2_500)}), "archive_parts"),
        (partial(repacked, in_sheet(b'<c r="A2"', b'<c r="XFD1048576"')), "too_many_rows"),
        (partial(repacked, in_sheet(b'<c r="A2"', b'<c r="A1048576"')), "too_many_rows"),
        (partial(repacked, in_sheet(b'<c r="A2"', b'<c r="xfd01048576"')), "too_many_rows"),
        (partial(repacked, in_sheet(b'<c r="A2"', b"<c")), "cells_unusual"),
        (partial(repacked, in_sheet(b'<c r="A2"', b"<c\nr='XFD9'")), "cells_unusual"),
        (
            partial(repacked, in_sheet(b"</sheetData>", b"<x:c><x:v>1</x:v></x:c></sheetData>")),
            "cells_unusual",
        ),
        (
            partial(
                repacked,
                lambda name, content: content.decode().encode("utf-16") if "sheet1" in name else content,
            ),
            "cells_unusual",
        ),
        (
            partial(repacked, lambda name, content: b"<broken" if name.endswith("sheet1.xml") else content),
            "workbook_broken",
        ),
        (
            partial(repacked, lambda name, content: b"not xml" if name == "xl/workbook.xml" else content),
            "workbook_broken",
        ),
        (lambda: b"PK\x03\x04 not a zip at all", "workbook_broken"),
        (lambda: write_items([single()])[:2000], "workbook_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_crafted_workbook_is_refused_before_it_is_parsed(craft: Callable[[], bytes], code: str) -> None:
    report = read_questions(craft(), "题库.xlsx")
    assert report.items == ()
    assert [fault.code for fault in report.faults] == [code]


@pytest.mark.parametrize(
    "change",
    [
        in_sheet(b'<row r="2"', b'<row r="1048576"'),
        in_sheet(b"<sheetData>", b"<sheetData>" + b"<row/>" * 130_000),
    ],
)
def test_rows_that_only_claim_to_be_far_away_do_no_harm(change: Callable[[str, bytes], bytes]) -> None:
    """The place of a cell is the one it says itself."""
    report = read_questions(repacked(change), "题库.xlsx")
    assert [(located.row, located.item) for located in report.items] == [(2, single())]


def test_one_long_shared_text_in_every_cell_is_a_bomb_too() -> None:
    def change(name: str, content: bytes) -> bytes:
        if name == "xl/sharedStrings.xml":
            return content.replace(b"<si><t>", b"<si><t>" + b"x" * 200_000, 1)
        if name == "xl/worksheets/sheet1.xml":
            cells = b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % row for row in range(9, 1009))
            return content.replace(b"</sheetData>", b'<row r="9">' + cells + b"</row></sheetData>")
        return content

    assert [fault.code for fault in read_questions(repacked(change), "题库.xlsx").faults] == [
        "too_large_unpacked"
    ]


def merging(ranges: list[str]) -> bytes:
    merges = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    return repacked(in_sheet(b"</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>".encode()))


def test_ranges_that_lie_upon_each_other_are_refused_and_not_walked_through() -> None:
    report = read_questions(merging(["A1:XFD1048576"] * 500), "题库.xlsx")
    assert report.items == ()
    assert [fault.code for fault in report.faults] == ["merges_overlap"]


def test_one_range_over_everything_is_a_fault_of_its_row() -> None:
    report = read_questions(merging(["A1:XFD1048576"]), "题库.xlsx")
    assert report.items == ()
    assert ("cells_merged", 2) in {(fault.code, fault.row) for fault in report.faults}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("readme.txt", "not_a_workbook"),
        ("xl/workbook.bin", "not_a_workbook"),
        ("item.xml", "manifest_missing"),
        ("../../etc/passwd", "archive_names"),
        ("/etc/passwd", "archive_names"),
        ("C:\\windows\\x.xml", "archive_names"),
    ],
)
def test_another_zip_is_named_as_what_it_is_not(name: str, code: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    assert [fault.code for fault in read_questions(buffer.getvalue(), "题库.xlsx").faults] == [code]
