"""Reading questions from the spreadsheets people already have.

`read_questions` is the whole interface. Each format has a module that turns bytes into sheets of cells;
`tables` turns cells into items and faults. Nothing is guessed: what could mean two things is a fault that
names its cell.
"""

from pathlib import PurePath

from question_bank.importing.csv import read_csv
from question_bank.importing.report import (
    Ignored,
    ImportReport,
    LocatedItem,
    Table,
    UnreadableFile,
)
from question_bank.importing.tables import read_tables
from question_bank.importing.xlsx import read_xlsx
from question_bank.items import Difficulty
from question_bank.phrases import N_

__all__ = ["BYTES_MAX", "Ignored", "ImportReport", "LocatedItem", "read_questions"]

BYTES_MAX = 10 * 1024 * 1024
"""The largest file that is read at all (D2)."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_questions(
    data: bytes,
    filename: str,
    *,
    default_area: str | None = None,
    default_difficulty: Difficulty = Difficulty.MEDIUM,
) -> ImportReport:
    """Read the questions of one file; never raises for bad content, whatever it is.

    The content decides the format, not the name (a .xls may be an xlsx, a .xlsx a CSV); `filename` only
    names the sheet of a CSV. `default_area` (a code of `AREAS`) stands in where a row or the whole file
    names no area, `default_difficulty` likewise. A file that cannot be read at all gives a report with one
    fault and no items.
    """
    try:
        tables = _tables(data, filename)
        return read_tables(tables, default_area=default_area, default_difficulty=default_difficulty)
    except UnreadableFile as error:
        return ImportReport(faults=(error.fault,))


def _tables(data: bytes, filename: str) -> list[Table]:
    if not data.strip():
        raise UnreadableFile("empty_file", N_("文件是空的。请选择有内容的文件。"))
    if len(data) > BYTES_MAX:
        raise UnreadableFile(
            "too_large",
            N_("文件超过 %(limit)s MB。请删去图片，或分成几个文件导入。"),
            limit=BYTES_MAX // 1024**2,
        )
    if data.startswith(_ZIP):
        return read_xlsx(data)
    if data.startswith(_OLE):
        raise UnreadableFile(
            "old_workbook",
            N_("这是旧版 .xls 工作簿，或加了密码的 .xlsx。请用 Excel 打开，去掉密码，另存为 .xlsx 再导入。"),
        )
    return [read_csv(data, PurePath(filename).stem or "CSV")]
