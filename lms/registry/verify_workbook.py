"""An employer's list: read from a workbook or a text table, and written back with the answers."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from lms.certificates.views import STANDING_PILLS
from lms.core.errors import N_, Invalid
from lms.core.formats import date_iso
from lms.core.speech import say
from lms.plans.policy import LEVEL_NAMES
from lms.registry.policy.entries import STANDING_NAMES
from lms.registry.policy.files import (
    BATCH_BYTES_MOST,
    BATCH_ROWS_MOST,
    ROW_WORDS,
    BatchRow,
    batch_refused,
    too_many_rows,
)
from lms.registry.queries.verification import RowAnswer
from question_bank.importing.lists import ListedRow, read_list
from question_bank.importing.report import UnreadableFile

HEADERS = (
    N_("行"), N_("证书编号"), N_("姓名"), N_("查验结果"), N_("职业（工种）"), N_("级别"), N_("有效期至"), N_("说明"),
)  # fmt: skip
_WIDTHS = (6, 24, 14, 14, 40, 14, 13, 40)
_WORDS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"证书编号", "编号", "certificate number", "number"}),
    "name": frozenset({"姓名", "持证人", "持证人姓名", "name"}),
}
_LONGEST_CELL = 60
STANDING_WORDS: Mapping[str, str] = {
    **{str(key): word for key, (_look, word) in STANDING_PILLS.items()},
    **{str(key): word for key, word in STANDING_NAMES.items()},
    **{str(key): word for key, word in ROW_WORDS.items()},
}
"""How each answer reads."""


def read_batch(data: bytes, filename: str) -> list[BatchRow]:
    """Read the rows of an employer's list; empty ones are left out. Raises Invalid for a file that is none."""
    if not data.strip():
        raise Invalid(batch_refused(N_("文件是空的"), N_("请选择有内容的文件")))
    if len(data) > BATCH_BYTES_MOST:
        raise Invalid(batch_refused(N_("文件超过 1 MB"), N_("名单只要两列文字，请删去图片和多余的工作表")))
    try:
        listed = read_list(data, filename, _WORDS, lambda found: found == _WORDS.keys())
    except UnreadableFile as error:
        raise Invalid(batch_refused("%(words)s", "", words=error.fault.what)) from error
    if listed is None:
        raise Invalid(batch_refused(N_("没有找到表头“证书编号”和“姓名”"), N_("请在第一行写上这两个表头")))
    return _rows(listed)


def _rows(listed: Sequence[ListedRow]) -> list[BatchRow]:
    if len(listed) > BATCH_ROWS_MOST:
        raise Invalid(too_many_rows(len(listed)))
    if not listed:
        raise Invalid(batch_refused(N_("表头下面没有内容"), N_("请每行填写一个证书编号和姓名")))
    return [
        BatchRow(row.number, row.texts["number"][:_LONGEST_CELL], row.texts["name"][:_LONGEST_CELL])
        for row in listed
    ]


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
