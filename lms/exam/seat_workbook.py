"""The list of seats as a workbook: written for an office to fill in, and read back. ID numbers are not in it."""

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from lms.accounts.policy import plain_login_name
from lms.core.errors import N_, Invalid, Reason
from lms.exam.policy.rooms import LIST_BYTES_MAX, LIST_ROWS_MOST, ListRow, written_number
from lms.exam.queries.rooms import Standee
from question_bank.importing.lists import ListedRow, read_list
from question_bank.importing.report import UnreadableFile
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
        listed = read_list(data, filename, _WORDS, _is_heading)
    except UnreadableFile as error:
        raise _refused("list.unreadable", "%(words)s", "", words=error.fault.what) from error
    if listed is None:
        raise _refused(
            "list.headings", N_("没有找到表头：要有“考场”“座位”，以及“考生号”或“登录名”"),
            N_("请下载座位表，填好后再上传"),
        )  # fmt: skip
    return _rows(listed)


def _rows(listed: Sequence[ListedRow]) -> list[ListRow]:
    found = []
    for row in listed:
        if row.is_refused:
            raise _refused(
                "list.formula", N_("第 %(row)s 行有公式或特殊格式"), N_("请复制后“选择性粘贴”为数值再上传"),
                row=row.number,
            )  # fmt: skip
        texts = row.texts
        found.append(
            ListRow(
                row.number, texts["room"], texts["seat"], texts.get("number", ""),
                plain_login_name(texts.get("login", "")), texts.get("name", ""),
            )
        )  # fmt: skip
    if len(found) > LIST_ROWS_MOST:
        raise _refused(
            "list.rows", N_("座位表有 %(count)s 行，最多 %(most)s 行"), N_("请分成几个文件上传"),
            count=len(found), most=LIST_ROWS_MOST,
        )  # fmt: skip
    return found


def _is_heading(found: frozenset[str]) -> bool:
    return {"room", "seat"} <= found and bool({"number", "login"} & found)


def _refused(code: str, now: str, way_out: str, **params: int | Phrase) -> Invalid:
    return Invalid(
        Reason(
            code, N_("座位表是 xlsx 或 csv 文件"), now=now, way_out=way_out, source="6", field_name="file",
            params=params,
        )
    )  # fmt: skip
