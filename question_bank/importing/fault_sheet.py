"""The list of what has to be repaired, as a workbook to work through (Q57)."""

import io

import xlsxwriter

from question_bank.importing.report import ImportReport
from question_bank.validation import Fault

_HEADS = ("类别", "工作表或文件", "行", "列", "原内容", "问题与改法")
_WIDTHS = (8, 20, 8, 6, 40, 90)


def write_fault_sheet(report: ImportReport) -> bytes:
    """Return a workbook with one line for each fault and warning; every text is written as text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        body = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        sheet = workbook.add_worksheet("问题清单")
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, body)
            sheet.write_string(0, column, title, head)
        lines = [
            *(("不能导入", fault) for fault in report.faults),
            *(("提醒", one) for one in report.warnings),
        ]
        for number, (kind, fault) in enumerate(lines, start=1):
            for column, text in enumerate(_cells(kind, fault)):
                sheet.write_string(number, column, text, body)
    return buffer.getvalue()


def _cells(kind: str, fault: Fault) -> tuple[str, ...]:
    row = "" if fault.row is None else str(fault.row)
    return (kind, fault.sheet or "", row, fault.column or "", (fault.value or "")[:200], fault.message)
