"""Short lists that somebody filled in, such as seats or certificate numbers: texts under headings, and no questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from question_bank.importing.cells import cell_text
from question_bank.importing.csv import read_csv
from question_bank.importing.decoding import decode
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import Table, UnreadableFile
from question_bank.importing.sniffing import ZIP, Kind, kind_of_archive, refuse_known
from question_bank.importing.workbooks import read_xlsx
from question_bank.importing.zipped import Zipped
from question_bank.phrases import N_

# A title and a few notes may stand above the headings.
HEADING_WITHIN = 20

Headings = Mapping[str, frozenset[str]]
IsEnough = Callable[[frozenset[str]], bool]


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One filled row: its number as the spreadsheet counts (from 1), and what stands under each heading it knows."""

    number: int
    texts: Mapping[str, str]
    """By field, without blanks around; a field is missing when the list has no such column."""
    is_refused: bool
    """A cell holds a formula or a format whose value cannot be trusted."""


def read_list(data: bytes, filename: str, headings: Headings, is_enough: IsEnough) -> list[ListedRow] | None:
    """Return the filled rows of the first sheet with a row of headings, or None when no sheet has one.

    `headings` names the words of each field in small letters; `is_enough` tells whether the fields that were found in
    a row make it the one with the headings. The content decides what the file is: an .xlsx workbook, or else
    separated text. Raises UnreadableFile for what is neither.
    """
    for table in _tables(data, PurePath(filename).stem):
        if found := _heading(table, headings, is_enough):
            return _rows(table, *found)
    return None


def _tables(data: bytes, name: str) -> Sequence[Table]:
    if data.startswith(ZIP):
        zipped = Zipped(data)
        if kind_of_archive(zipped) is not Kind.XLSX:
            raise UnreadableFile("not_a_workbook", N_("这不是 Excel 工作簿。请另存为 .xlsx 再上传。"))
        return read_xlsx(data, zipped, Pictures())
    refuse_known(data)
    text, _encoding = decode(data)
    return [read_csv(text, name)]


def _heading(table: Table, headings: Headings, is_enough: IsEnough) -> tuple[int, Mapping[str, int]] | None:
    for index, row in enumerate(table.rows[:HEADING_WITHIN]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            word = _text(cell).lower()
            for field, words in headings.items():
                if word in words:
                    columns.setdefault(field, column)
        if is_enough(frozenset(columns)):
            return index, columns
    return None


def _rows(table: Table, heading: int, columns: Mapping[str, int]) -> list[ListedRow]:
    found = []
    for index, cells in enumerate(table.rows[heading + 1 :], start=heading + 1):
        texts = {
            field: _text(cells[column]) if column < len(cells) else "" for field, column in columns.items()
        }
        if any(texts.values()):
            is_refused = any((index, column) in table.refused for column in columns.values())
            found.append(ListedRow(index + 1, texts, is_refused))
    return found


def _text(cell: object) -> str:
    return cell_text(cell).strip()
