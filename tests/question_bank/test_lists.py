"""Lists that somebody filled in: found by their headings, read as texts, and formulas told."""

import io

import pytest
import xlsxwriter

from question_bank.importing.lists import ListedRow, read_list
from question_bank.importing.report import UnreadableFile

HEADINGS = {"seat": frozenset({"座位", "seat"}), "name": frozenset({"姓名"})}


def read(data: bytes) -> list[ListedRow] | None:
    return read_list(data, "名单.xlsx", HEADINGS, lambda found: "seat" in found)


def workbook(*sheets: tuple[tuple[object, ...], ...]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_rows_keep_their_numbers_and_say_what_a_person_sees() -> None:
    made = workbook((("名单",),), (("说明",), (" Seat ", "姓名"), (7.0, " 安然 "), ("", " "), ("8",)))
    assert read(made) == [
        ListedRow(3, {"seat": "7", "name": "安然"}, is_refused=False),
        ListedRow(5, {"seat": "8", "name": ""}, is_refused=False),
    ]


def test_a_field_without_a_column_is_missing_and_a_column_named_twice_is_the_first() -> None:
    assert read("座位,座位\n1,2\n".encode()) == [ListedRow(2, {"seat": "1"}, is_refused=False)]


def test_a_formula_is_told_of_its_row() -> None:
    rows = read(workbook((("座位", "姓名"), (1, "安然"), ("=1+1", "白露"))))
    assert rows is not None
    assert [row.is_refused for row in rows] == [False, True]


def test_without_headings_there_is_no_list_and_without_rows_an_empty_one() -> None:
    assert read("姓名\n安然\n".encode()) is None
    assert read("座位\n".encode()) == []


def test_a_file_that_is_neither_workbook_nor_text_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read(b"%PDF-1.7\n")
