"""The list of seats as a workbook: written for an office to fill in, and read back. ID numbers are not in it."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import xlsxwriter

from lms.accounts.policy import plain_login_name
from lms.core.errors import N_, Invalid, Reason
from lms.exam.policy.rooms import LIST_BYTES_MAX, LIST_ROWS_MOST, ListRow, written_number
from lms.exam.queries.rooms import Standee
from question_bank.importing.csv import read_csv
from question_bank.importing.decoding import decode
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import Table, UnreadableFile
from question_bank.importing.sniffing import ZIP, Kind, kind_of_archive, refuse_known
from question_bank.importing.workbooks import read_xlsx
from question_bank.importing.zipped import Zipped
from question_bank.phrases import Phrase

HEADERS = ("考场", "座位", "考生号", "姓名", "单位")
_WIDTHS = (18, 8, 10, 14, 32)
_WORDS: Mapping[str, frozenset[str]] = {
    "room": frozenset({"考场", "考场名称", "room"}),
    "seat": frozenset({"座位", "座位号", "seat"}),
    "number": frozenset({"考生号", "考生编号", "candidate number", "number"}),
    "login": frozenset({"登录名", "账号", "login", "login name"}),
    "name": frozenset({"姓名", "考生姓名", "name"}),
}
_HEADING_WITHIN = 20


def write_seats(people: Iterable[tuple[Standee, str, int | None]]) -> bytes:
    """Return the workbook of candidates, each with the name of his room and his seat, if he has one.

    Everything but the seat is written as text, also a name that starts with "=".
    """
    buffer = io.BytesIO()
    # No temporary files: a list of people must not lie about on a disk.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        body = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet("座位表")
        sheet.freeze_panes(1, 0)
        for column, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, None if column == 1 else body)
            sheet.write_string(0, column, header, head)
        for row, (person, room, seat) in enumerate(people, start=1):
            texts = (room, "", written_number(person.number or 0), person.name, person.employer)
            for column, text in enumerate(texts):
                if text:
                    sheet.write_string(row, column, text, body)
            if seat is not None:
                sheet.write_number(row, 1, seat)
    return buffer.getvalue()


def read_seats(data: bytes, filename: str) -> list[ListRow]:
    """Read the rows of an .xlsx or a text table; empty rows are left out.

    Raises Invalid for a file that cannot be read as a whole, that has no headings, or too many rows.
    """
    if not data.strip():
        raise _refused("list.empty", N_("文件是空的"), N_("请选择有内容的文件"))
    if len(data) > LIST_BYTES_MAX:
        raise _refused(
            "list.large", N_("文件超过 %(most)s MB"), N_("座位表只要文字，请删去图片和多余的工作表"),
            most=LIST_BYTES_MAX >> 20,
        )  # fmt: skip
    try:
        tables = _tables(data, PurePath(filename).stem)
    except UnreadableFile as error:
        raise _refused("list.unreadable", "%(words)s", "", words=error.fault.what) from error
    for table in tables:
        heading = _heading(table)
        if heading is not None:
            return _rows(table, *heading)
    raise _refused(
        "list.headings", N_("没有找到表头：要有“考场”“座位”，以及“考生号”或“登录名”"),
        N_("请下载座位表，填好后再上传"),
    )  # fmt: skip


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
            word = _text(cell).lower()
            for field, words in _WORDS.items():
                if word in words:
                    found.setdefault(field, column)
        if {"room", "seat"} <= found.keys() and {"number", "login"} & found.keys():
            return index, found
    return None


def _rows(table: Table, heading: int, columns: Mapping[str, int]) -> list[ListRow]:
    found = []
    for index, cells in enumerate(table.rows[heading + 1 :], start=heading + 1):
        texts = {
            field: _text(cells[column]) if column < len(cells) else "" for field, column in columns.items()
        }
        if not any(texts.values()):
            continue
        if any((index, column) in table.refused for column in columns.values()):
            raise _refused(
                "list.formula", N_("第 %(row)s 行有公式或特殊格式"), N_("请复制后“选择性粘贴”为数值再上传"),
                row=index + 1,
            )  # fmt: skip
        found.append(
            ListRow(
                index + 1, texts["room"], texts["seat"], texts.get("number", ""),
                plain_login_name(texts.get("login", "")), texts.get("name", ""),
            )
        )  # fmt: skip
    if len(found) > LIST_ROWS_MOST:
        raise _refused(
            "list.rows", N_("座位表有 %(count)s 行，最多 %(most)s 行"), N_("请分成几个文件上传"),
            count=len(found), most=LIST_ROWS_MOST,
        )  # fmt: skip
    return found


def _text(cell: object) -> str:
    """Return a cell as somebody reads it: a whole number has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _refused(code: str, now: str, way_out: str, **params: int | Phrase) -> Invalid:
    return Invalid(
        Reason(
            code, N_("座位表是 xlsx 或 csv 文件"), now=now, way_out=way_out, source="6", field_name="file",
            params=params,
        )
    )  # fmt: skip
