"""Excel workbooks (.xlsx), read by calamine after `archive.check_workbook` found them safe."""

import io
from typing import cast

import python_calamine

from question_bank.importing.archive import check_workbook
from question_bank.importing.report import Merge, Table, UnreadableFile
from question_bank.phrases import N_

ROWS_MAX = 20_000
SHEETS_MAX = 30


def read_xlsx(data: bytes) -> list[Table]:
    """Read all sheets, hidden ones too.

    Raises `UnreadableFile` when the workbook is unsafe, broken or too large. Formulas are never evaluated: a
    cell that holds one gives the value that Excel stored beside it.
    """
    check_workbook(data)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_table(workbook.get_sheet_by_name(name)) for name in _sheet_names(workbook)]
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


def _sheet_names(workbook: python_calamine.CalamineWorkbook) -> list[str]:
    names = workbook.sheet_names
    if len(names) > SHEETS_MAX:
        text = N_("工作簿超过 %(limit)s 个工作表。请删去无关的工作表。")
        raise UnreadableFile("too_many_sheets", text, limit=SHEETS_MAX)
    return names


def _table(sheet: python_calamine.CalamineSheet) -> Table:
    rows = cast(list[list[object]], sheet.to_python(skip_empty_area=False))
    while rows and not any(value != "" for value in rows[-1]):
        rows.pop()
    if len(rows) > ROWS_MAX:
        raise UnreadableFile(
            "too_many_rows",
            N_("工作表“%(sheet)s”有 %(count)s 行，最多 %(limit)s 行。请分成几个文件导入。"),
            sheet=sheet.name,
            count=len(rows),
            limit=ROWS_MAX,
        )
    merges = tuple(Merge(start[0], start[1], end[0], end[1]) for start, end in sheet.merged_cell_ranges or ())
    return Table(sheet.name, rows, merges)
