"""A file given back as it was read, with what was found in it: at the row in words, at the cell in colour.

Whoever calls says every word; nothing here knows a language.
"""

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from question_bank.importing.cells import cell_text
from question_bank.importing.report import Table

CELL_MAX = 32_767
"""What one cell of the format holds."""
COMMENT_MAX = 500
_NAME_MAX = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_EXACT_MAX = 10**15
_RESULT_WIDTH = 48
_LETTERS = re.compile(r"[A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What was found at one place: `row` counts from 1, `column` is a letter or None for the whole row.

    `verdict` is one word for the row, `reason` says why, `is_fault` tells that the row does not come in.
    """

    sheet: str
    row: int
    verdict: str
    reason: str = ""
    column: str | None = None
    is_fault: bool = False


def write_annotated(
    tables: Sequence[Table], marks: Sequence[Mark], title: str, heading_rows: Mapping[str, int]
) -> bytes:
    """Return a workbook of `tables` with one more column, called `title`, behind the last one.

    Columns keep their letters, so that reasons which name a place stay right. `heading_rows` says (from 0) beside
    which row of a sheet the title stands. Every text is written as text, also one that starts with "=".
    """
    by_sheet: dict[str, dict[int, list[Mark]]] = {}
    for mark in marks:
        by_sheet.setdefault(mark.sheet, {}).setdefault(mark.row, []).append(mark)
    buffer = io.BytesIO()
    # No temporary files: a question bank before its exam must not lie about on a disk.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        looks = _Looks(
            head=workbook.add_format({"bold": True, "bg_color": "#E8EEF4"}),
            text=workbook.add_format({"num_format": "@"}),
            fault=workbook.add_format(
                {"num_format": "@", "bg_color": "#F6D5CF", "border": 1, "border_color": "#B43C28"}
            ),
            doubt=workbook.add_format({"num_format": "@", "bg_color": "#F7E6BF"}),
            result=workbook.add_format({"text_wrap": True, "valign": "top"}),
        )
        for table, name in zip(tables, _names(tables), strict=True):
            _write(
                workbook.add_worksheet(name), table, by_sheet.get(table.name, {}), title, heading_rows, looks
            )
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Looks:
    head: Format
    text: Format
    fault: Format
    doubt: Format
    result: Format


def _write(
    sheet: Worksheet, table: Table, marks: Mapping[int, list[Mark]], title: str, heading_rows: Mapping[str, int],
    looks: _Looks,
) -> None:  # fmt: skip
    width = max((len(row) for row in table.rows), default=0)
    sheet.set_column(width, width, _RESULT_WIDTH)
    for number, row in enumerate(table.rows):
        for column, value in enumerate(row):
            _put(sheet, number, column, value, looks.text)
    heading = heading_rows.get(table.name)
    if heading is not None:
        sheet.write_string(heading, width, title, looks.head)
    for place, found in marks.items():
        row = table.rows[place - 1] if place <= len(table.rows) else ()
        for mark in found:
            column = _index(mark.column)
            if column < 0 or column >= width:
                continue
            look = looks.fault if mark.is_fault else looks.doubt
            text = cell_text(row[column]) if column < len(row) else ""
            if text:
                sheet.write_string(place - 1, column, text[:CELL_MAX], look)
            else:
                sheet.write_blank(place - 1, column, None, look)
            reasons = "\n".join(one.reason for one in found if one.column == mark.column)
            sheet.write_comment(place - 1, column, reasons[:COMMENT_MAX])
        is_bad = any(mark.is_fault for mark in found)
        said = "\n".join(dict.fromkeys(_said(mark) for mark in found if mark.is_fault or not is_bad))
        if place - 1 == heading:
            said = f"{title}\n{said}"
        sheet.write_string(place - 1, width, said[:CELL_MAX], looks.fault if is_bad else looks.result)


def _said(mark: Mark) -> str:
    return f"{mark.verdict}\n{mark.reason}" if mark.reason else mark.verdict


def _put(sheet: Worksheet, row: int, column: int, value: object, look: Format) -> None:
    if value == "" or value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value) and abs(value) < _EXACT_MAX:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, cell_text(value)[:CELL_MAX], look)


def _index(letters: str | None) -> int:
    """Return a column counted from 0 by its letters, or -1 for what is no column."""
    if letters is None or not _LETTERS.fullmatch(letters):
        return -1
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _names(tables: Sequence[Table]) -> Iterator[str]:
    """Give each sheet a name that a workbook may have, as near as can be to its own."""
    taken: set[str] = set()
    for number, table in enumerate(tables, start=1):
        plain = _NOT_IN_NAMES.sub(" ", table.name).strip("' ")[:_NAME_MAX].strip("' ") or f"Sheet{number}"
        name = plain
        while name.casefold() in taken or name.casefold() == "history":
            end = f" ({number})"
            name = plain[: _NAME_MAX - len(end)] + end
            number += 1  # noqa: PLW2901 - another number until the name is free
        taken.add(name.casefold())
        yield name
