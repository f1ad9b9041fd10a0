"""The list of entries as a workbook for an office. ID numbers are not in it."""

import io
from collections.abc import Sequence

import xlsxwriter

from lms.core.formats import date_iso
from lms.plans.policy import LEVEL_NAMES
from lms.registry.policy.entries import STANDING_NAMES, EntryStanding
from lms.registry.queries.entries import EntryFacts

HEADERS = ("证书编号", "姓名", "职业（工种）", "职业编码", "级别", "有效期至", "状态")
_WIDTHS = (24, 12, 24, 16, 14, 13, 10)


def write_entries(rows: Sequence[tuple[EntryFacts, EntryStanding]]) -> bytes:
    """Return the workbook; every cell is written as text, also a name that starts with "="."""
    buffer = io.BytesIO()
    # No temporary files: a list of people must not lie about on a disk.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        body = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet("考评员登记")
        sheet.freeze_panes(1, 0)
        for column, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, body)
            sheet.write_string(0, column, header, head)
        for number, (entry, standing) in enumerate(rows, start=1):
            for column, text in enumerate(_cells(entry, standing)):
                sheet.write_string(number, column, text, body)
        sheet.autofilter(0, 0, len(rows), len(HEADERS) - 1)
    return buffer.getvalue()


def _cells(entry: EntryFacts, standing: EntryStanding) -> tuple[str, ...]:
    return (
        entry.certificate_number, entry.holder_name, entry.occupation_name, entry.occupation_code,
        LEVEL_NAMES[entry.level], date_iso(entry.valid_until), STANDING_NAMES[standing],
    )  # fmt: skip
