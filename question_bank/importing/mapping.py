"""What the columns of a file are taken for, so that its owner can look at it and say otherwise."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from question_bank.importing.cells import cell_text, is_filled
from question_bank.importing.headers import HEADER_SEARCH_ROWS, find_heading
from question_bank.importing.profile import Profile
from question_bank.importing.report import Table, column_letter
from question_bank.importing.words import header_field, plain

SAMPLES = 3
TEXT_MAX = 80
COLUMNS_MAX = 60
_HEADINGS_MIN = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its letter and heading, the field it is taken for (None when nobody knows), and its first cells."""

    letter: str
    heading: str
    field: str | None
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """The columns of the sheet that questions are looked for in; `row` is the heading's, counted from 1.

    `is_known` tells that the headings name enough to read questions by.
    """

    sheet: str
    row: int
    columns: tuple[Column, ...]
    is_known: bool

    @property
    def key(self) -> str:
        """The same for every file with these headings, in whatever order the columns stand."""
        headings = sorted(plain(column.heading) for column in self.columns)
        return hashlib.sha256(json.dumps(headings, ensure_ascii=False).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the columns as plain JSON values; the way back is `columns_from_json`."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "is_known": self.is_known,
            "columns": [[one.letter, one.heading, one.field, list(one.samples)] for one in self.columns],
        }


def columns_from_json(value: dict[str, Any]) -> SheetColumns:
    """Rebuild what `SheetColumns.to_json` wrote."""
    columns = tuple(
        Column(letter, heading, name, tuple(samples)) for letter, heading, name, samples in value["columns"]
    )
    return SheetColumns(value["sheet"], value["row"], columns, value["is_known"])


def columns_of(tables: Sequence[Table], profile: Profile | None = None) -> SheetColumns | None:
    """Return the columns of the first sheet whose headings are known, or else of the longest; None without any."""
    for table in tables:
        heading = find_heading(table, profile)
        if heading is not None:
            return _columns(table, heading.row, profile, is_known=True)
    for table in sorted(tables, key=lambda one: -len(one.rows)):
        row = _likely_heading(table)
        if row is not None:
            return _columns(table, row, profile, is_known=False)
    return None


def _likely_heading(table: Table) -> int | None:
    """Return the first of the rows that hold the most texts; a title has one cell, not several."""
    widths = [
        sum(1 for value in row if isinstance(value, str) and value.strip())
        for row in table.rows[:HEADER_SEARCH_ROWS]
    ]
    most = max(widths, default=0)
    return widths.index(most) if most >= _HEADINGS_MIN else None


def _columns(table: Table, row: int, profile: Profile | None, *, is_known: bool) -> SheetColumns:
    below = [one for one in table.rows[row + 1 :] if is_filled(one)][:SAMPLES]
    columns = []
    for index, value in enumerate(table.rows[row][:COLUMNS_MAX]):
        if not str(value).strip():
            continue
        samples = tuple(cell_text(one[index])[:TEXT_MAX] if index < len(one) else "" for one in below)
        name = (profile.field_of(value) if profile else None) or header_field(value)
        columns.append(Column(column_letter(index), cell_text(value)[:TEXT_MAX], name, samples))
    return SheetColumns(table.name, row + 1, tuple(columns), is_known)
