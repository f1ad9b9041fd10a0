"""Workbooks (.xlsx, .xls, .ods) as tables, read by calamine after somebody has found them safe."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, cast

import python_calamine

from question_bank.importing.archive import ROWS_MAX, check_workbook
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import Merge, Table, UnreadableFile
from question_bank.importing.xlsx_parts import Places, look_up, picture_name
from question_bank.importing.zipped import Zipped
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase

SHEETS_MAX = 30

FORMULA = (
    "cell_is_formula",
    phrase(N_("单元格是公式，不会计算。请复制后“选择性粘贴”为数值，或改成文字。")),
)
MIXED = (
    "raised_unclear",
    phrase(
        N_(
            "单元格带有上标或下标，而同样的文字在别处没有，分不清是哪一种。请改用 ²、₂ 这样的字符，或写成公式。"
        )
    ),
)

Refused = dict[tuple[int, int], tuple[str, Phrase]]
Result = TypeVar("Result")


def read_xlsx(data: bytes, zipped: Zipped, pictures: Pictures) -> list[Table]:
    """Read all sheets of an .xlsx, hidden ones too.

    Raises `UnreadableFile` when the workbook is unsafe, broken or too large. Formulas are never evaluated;
    the table names the cells that hold one.
    """
    extras = look_up(check_workbook(zipped), pictures)
    tables = read_sheets(data)
    found: list[Table] = []
    for table in tables:
        rows = cast(list[list[object]], table.rows)
        refused = dict.fromkeys(extras.formulas.get(table.name, ()), FORMULA)
        refused |= _put_rich_texts(rows, extras.rich_texts)
        if extras.cell_pictures:
            _put_named_pictures(rows, extras.cell_pictures, refused)
        _put_pictures(rows, extras.pictures.get(table.name, {}))
        found.append(replace(table, refused=refused))
    return found


def read_sheets(data: bytes) -> list[Table]:
    """Read the cells of all sheets of a workbook that has been found safe; raises `UnreadableFile`."""
    return guarded(lambda: _read_sheets(data))


def guarded(read: Callable[[], Result]) -> Result:
    """Call the parser and turn whatever it raises into an `UnreadableFile`."""
    try:
        return read()
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise UnreadableFile(
            "workbook_broken", N_("文件已损坏，无法打开。请用 Excel 打开原文件，另存为新的 .xlsx。")
        ) from error
    except BaseException as error:
        # The parser is Rust: a bug in it arrives as a PanicException, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(
            "workbook_broken", N_("文件的内部结构有误，无法打开。请用 Excel 另存为新的 .xlsx。")
        ) from error


def _read_sheets(data: bytes) -> list[Table]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = workbook.sheet_names
    if len(names) > SHEETS_MAX:
        raise UnreadableFile(
            "too_many_sheets",
            N_("工作簿超过 %(sheets_max)s 个工作表。请删去无关的工作表。"),
            sheets_max=SHEETS_MAX,
        )
    return [_table(workbook.get_sheet_by_name(name)) for name in names]


def _table(sheet: python_calamine.CalamineSheet) -> Table:
    rows = cast(list[list[object]], sheet.to_python(skip_empty_area=False))
    while rows and not any(value != "" for value in rows[-1]):
        rows.pop()
    if len(rows) > ROWS_MAX:
        raise UnreadableFile(
            "too_many_rows",
            N_("工作表“%(name)s”有 %(count)s 行，最多 %(rows_max)s 行。请分成几个文件导入。"),
            name=sheet.name,
            count=len(rows),
            rows_max=ROWS_MAX,
        )
    merges = tuple(Merge(start[0], start[1], end[0], end[1]) for start, end in sheet.merged_cell_ranges or ())
    return Table(sheet.name, rows, merges)


def _put_rich_texts(rows: list[list[object]], rich: Mapping[str, str | None]) -> Refused:
    """Put texts with raised letters in the place of plain ones; return the places where that is not certain."""
    refused: Refused = {}
    for index, row in enumerate(rows if rich else []):
        for column, value in enumerate(row):
            if isinstance(value, str) and value in rich:
                meant = rich[value]
                if meant is None:
                    refused[index, column] = MIXED
                else:
                    row[column] = meant
    return refused


def _put_named_pictures(rows: list[list[object]], named: Mapping[str, str], refused: Refused) -> None:
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            name = picture_name(value) if isinstance(value, str) else None
            if name is not None:
                row[column] = named.get(name, picture_mark(MISSING, name))
                refused.pop((index, column), None)


def _put_pictures(rows: list[list[object]], places: Places) -> None:
    for (row, column), marks in places.items():
        if row >= ROWS_MAX:
            continue
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (column + 1 - len(rows[row]))
        text = rows[row][column]
        rows[row][column] = "\n".join([*([str(text)] if text != "" else []), *marks])
