"""An employer's list: read from a workbook or a text table, and written back with the answers."""

import io
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import xlsxwriter

from lms.certificates.views import STANDING_PILLS
from lms.core.errors import N_, Invalid
from lms.core.formats import date_iso
from lms.core.speech import say
from lms.plans.policy import LEVEL_NAMES
from lms.registry.file_policy import (
    BATCH_BYTES_MOST,
    BATCH_ROWS_MOST,
    ROW_WORDS,
    BatchRow,
    batch_refused,
    too_many_rows,
)
from lms.registry.policy import STANDING_NAMES
from lms.registry.verify_queries import RowAnswer
from question_bank.importing.csv import read_csv
from question_bank.importing.decoding import decode
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import Table, UnreadableFile
from question_bank.importing.sniffing import ZIP, Kind, kind_of_archive, refuse_known
from question_bank.importing.workbooks import read_xlsx
from question_bank.importing.zipped import Zipped

HEADERS = (
    N_("行"), N_("证书编号"), N_("姓名"), N_("查验结果"), N_("职业（工种）"), N_("级别"), N_("有效期至"), N_("说明"),
)  # fmt: skip
_WIDTHS = (6, 24, 14, 14, 40, 14, 13, 40)
_WORDS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"证书编号", "编号", "certificate number", "number"}),
    "name": frozenset({"姓名", "持证人", "持证人姓名", "name"}),
}
_HEADING_WITHIN = 20
_LONGEST_CELL = 60
STANDING_WORDS: Mapping[str, str] = {
    **{str(key): word for key, (_look, word) in STANDING_PILLS.items()},
    **{str(key): word for key, word in STANDING_NAMES.items()},
    **{str(key): word for key, word in ROW_WORDS.items()},
}
"""How each answer reads."""


def read_list(data: bytes, filename: str) -> list[BatchRow]:
    """Read the rows of an employer's list; empty ones are left out. Raises Invalid for a file that is none."""
    if not data.strip():
        raise Invalid(batch_refused(N_("文件是空的"), N_("请选择有内容的文件")))
    if len(data) > BATCH_BYTES_MOST:
        raise Invalid(batch_refused(N_("文件超过 1 MB"), N_("名单只要两列文字，请删去图片和多余的工作表")))
    try:
        tables = _tables(data, PurePath(filename).stem)
    except UnreadableFile as error:
        raise Invalid(batch_refused("%(words)s", "", words=error.fault.what)) from error
    for table in tables:
        if heading := _heading(table):
            return _rows(table, *heading)
    raise Invalid(batch_refused(N_("没有找到表头“证书编号”和“姓名”"), N_("请在第一行写上这两个表头")))


def _tables(data: bytes, name: str) -> Sequence[Table]:
    if data.startswith(ZIP):
        zipped = Zipped(data)
        if kind_of_archive(zipped) is not Kind.XLSX:
            raise UnreadableFile("not_a_workbook", N_("这不是 Excel 工作簿。请另存为 .xlsx 再上传。"))
        return read_xlsx(data, zipped, Pictures())
    refuse_known(data)
    text, _encoding = decode(data)
    return [read_csv(text, name)]


def _heading(table: Table) -> tuple[int, dict[str, int]] | None:
    for index, row in enumerate(table.rows[:_HEADING_WITHIN]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row):
            for field, words in _WORDS.items():
                if _text(cell).lower() in words:
                    found.setdefault(field, column)
        if found.keys() == _WORDS.keys():
            return index, found
    return None


def _rows(table: Table, heading: int, columns: Mapping[str, int]) -> list[BatchRow]:
    found = []
    for index, cells in enumerate(table.rows[heading + 1 :], start=heading + 1):
        texts = {
            field: _text(cells[column]) if column < len(cells) else "" for field, column in columns.items()
        }
        if any(texts.values()):
            found.append(BatchRow(index + 1, texts["number"], texts["name"]))
    if len(found) > BATCH_ROWS_MOST:
        raise Invalid(too_many_rows(len(found)))
    if not found:
        raise Invalid(batch_refused(N_("表头下面没有内容"), N_("请每行填写一个证书编号和姓名")))
    return found


def _text(cell: object) -> str:
    """Return a cell as somebody reads it: a whole number has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()[:_LONGEST_CELL]


def write_answers(answers: Sequence[RowAnswer]) -> bytes:
    """Return the list with its answers as a workbook in the reader's language; every cell is text."""
    buffer = io.BytesIO()
    # No temporary files: a list of people must not lie about on a disk.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        body = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet(say(N_("查验结果")))
        sheet.freeze_panes(1, 0)
        for column, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, body)
            sheet.write_string(0, column, say(header), head)
        for place, one in enumerate(answers, start=1):
            for column, text in enumerate(_cells(one)):
                sheet.write_string(place, column, text, body)
    return buffer.getvalue()


def _cells(one: RowAnswer) -> tuple[str, ...]:
    return (
        str(one.row), one.number, one.name, say(STANDING_WORDS[one.standing]),
        say(one.occupation) if one.occupation else "", say(LEVEL_NAMES[one.level]) if one.level else "",
        date_iso(one.valid_until) if one.valid_until else "", say(one.fault),
    )  # fmt: skip
