"""Sheets with one option on each row, the stem only on the first: brought together on that row (Q08)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from question_bank.importing.cells import cell_text, is_filled
from question_bank.importing.headers import Heading
from question_bank.importing.report import Table
from question_bank.items import OPTION_KEYS


def has_option_rows(heading: Heading) -> bool:
    """Tell whether a heading has one column for the option and one for whether it is right."""
    return "flag" in heading.columns and "options" in heading.columns


def gathered(table: Table, heading: Heading) -> tuple[Table, Heading, dict[int, int]]:
    """Return the sheet with all options of a question on its first row, in columns behind the last one.

    The third value is how many options there were on first rows that have more than can be taken.
    """
    columns = heading.columns
    width = max(map(len, table.rows), default=0)
    rows: list[Sequence[object]] = [_filled(table, index) for index in range(len(table.rows))]
    first: int | None = None
    options: dict[int, list[tuple[object, object]]] = {}
    for index in range(heading.row + 1, len(rows)):
        row = rows[index]
        if not is_filled(row):
            continue
        if first is None or _begins(row, rows[first], columns):
            first = index
            options[first] = []
        options[first].append((_cell(row, columns, "options"), _cell(row, columns, "flag")))
        if index != first:
            rows[index] = ()
    for index, pairs in options.items():
        texts = [text for text, _ in pairs[: len(OPTION_KEYS)]]
        flags = [flag for _, flag in pairs[: len(OPTION_KEYS)]]
        blanks = [""] * (len(OPTION_KEYS) - len(texts))
        kept = [*rows[index], *[""] * (width - len(rows[index]))]
        rows[index] = [*kept, *texts, *blanks, *flags, *blanks]
    placed = {f"option:{key}": width + place for place, key in enumerate(OPTION_KEYS)}
    placed |= {f"flag:{key}": width + len(OPTION_KEYS) + place for place, key in enumerate(OPTION_KEYS)}
    shown = {name: columns["options" if name.startswith("option") else "flag"] for name in placed}
    kept_columns = {name: column for name, column in columns.items() if name not in {"options", "flag"}}
    wide = replace(
        heading,
        columns={**kept_columns, **placed},
        covered=heading.covered | set(placed.values()),
        shown=shown,
    )
    too_many = {index: len(pairs) for index, pairs in options.items() if len(pairs) > len(OPTION_KEYS)}
    return replace(table, rows=rows, merges=()), wide, too_many


def _filled(table: Table, index: int) -> Sequence[object]:
    """Return a row with the values of the merged ranges that cover it."""
    row = table.rows[index]
    for merge in table.merges:
        if merge.top < index <= merge.bottom and merge.top < len(table.rows):
            top = table.rows[merge.top]
            value = top[merge.left] if merge.left < len(top) else ""
            row = [value if column == merge.left else cell for column, cell in enumerate(row)]
    return row


def _begins(row: Sequence[object], first: Sequence[object], columns: Mapping[str, int]) -> bool:
    """Tell whether a row begins another question: a number or a stem that is not the one above."""
    for name in ("number", "stem"):
        here = cell_text(_cell(row, columns, name)).strip()
        if here and here != cell_text(_cell(first, columns, name)).strip():
            return True
    return False


def _cell(row: Sequence[object], columns: Mapping[str, int], name: str) -> object:
    column = columns.get(name)
    return row[column] if column is not None and column < len(row) else ""
