"""The list of what has to be repaired, as a workbook to work through (Q57)."""

import io
from collections.abc import Callable

import xlsxwriter

from question_bank.importing.report import ImportReport
from question_bank.phrases import N_
from question_bank.validation import Fault

_HEADS = (N_("类别"), N_("工作表或文件"), N_("行"), N_("列"), N_("原内容"), N_("问题与改法"))
_WIDTHS = (8, 20, 8, 6, 40, 90)


def write_fault_sheet(report: ImportReport, translate: Callable[[str], str] = str) -> bytes:
    """Return a workbook with one line for each fault and warning; every text is written as text.

    The words are Chinese unless `translate` knows others.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        body = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        sheet = workbook.add_worksheet(translate(N_("问题清单")))
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, body)
            sheet.write_string(0, column, translate(title), head)
        lines = [(translate(N_("不能导入")), fault) for fault in report.faults]
        lines += [(translate(N_("提醒")), warning) for warning in report.warnings]
        for number, (kind, fault) in enumerate(lines, start=1):
            for column, text in enumerate(_cells(kind, fault, translate)):
                sheet.write_string(number, column, text, body)
    return buffer.getvalue()


def _cells(kind: str, fault: Fault, translate: Callable[[str], str]) -> tuple[str, ...]:
    row = "" if fault.row is None else str(fault.row)
    return (
        kind,
        fault.sheet or "",
        row,
        fault.column or "",
        (fault.value or "")[:200],
        fault.words.say(translate),
    )
