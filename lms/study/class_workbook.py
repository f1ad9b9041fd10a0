"""The list of a class as a workbook for an office. ID numbers are not in it."""

import io
from collections.abc import Sequence

import xlsxwriter

from lms.core.formats import datetime_cn
from lms.courses.queries import LessonFacts
from lms.study.policy.appeals import REASON_NAMES
from lms.study.queries.classes import ClassLine

HEADERS = (
    "姓名", "单位", "状态", "已计入（分钟）", "待确认（分钟）", "要求（分钟）", "还差（分钟）", "每天需学（分钟）",
    "最近学习",
)  # fmt: skip
_WIDTHS = (12, 28, 12, 14, 14, 12, 12, 14, 20)
_TEXTS = (0, 1, 2, 8)
MINUTE = 60


def write_class(lines: Sequence[ClassLine], lessons: Sequence[LessonFacts]) -> bytes:
    """Return the workbook: a row for each trainee, then a column for each lesson and each reason, in minutes.

    Names are written as text, also one that starts with "=".
    """
    has_grants = any(line.granted for line in lines)
    reasons = [why for why in REASON_NAMES if any(why in line.refused for line in lines)]
    headers = [
        *HEADERS,
        *(f"第 {one.position} 课 {one.title}（分钟）" for one in lessons),
        *(["申诉后计入（分钟）"] if has_grants else []),
        *(f"未计入：{REASON_NAMES[why]}（分钟）" for why in reasons),
    ]
    buffer = io.BytesIO()
    # No temporary files: a list of people must not lie about on a disk.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        body = workbook.add_format({"num_format": "@"})
        minutes = workbook.add_format({"num_format": "0.0"})
        sheet = workbook.add_worksheet("班级学习情况")
        sheet.freeze_panes(1, 1)
        for column, header in enumerate(headers):
            sheet.set_column(column, column, _WIDTHS[column] if column < len(_WIDTHS) else 14)
            sheet.write_string(0, column, header, head)
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(_cells(line, lessons, reasons, with_grants=has_grants)):
                if column in _TEXTS:
                    sheet.write_string(number, column, str(value), body)
                else:
                    sheet.write_number(number, column, float(value), minutes)
        sheet.autofilter(0, 0, len(lines), len(headers) - 1)
    return buffer.getvalue()


def _cells(
    line: ClassLine, lessons: Sequence[LessonFacts], reasons: Sequence[str], *, with_grants: bool
) -> list[str | float]:
    missing = max(0, line.required - line.counted)
    return [
        line.name,
        line.employer_name,
        state_word(line),
        *(
            seconds / MINUTE
            for seconds in (line.counted, line.pending, line.required, missing, line.needed_a_day)
        ),
        datetime_cn(line.last_seen) if line.last_seen else "还没有学过",
        *(line.lessons.get(one.id, 0) / MINUTE for one in lessons),
        *([line.granted / MINUTE] if with_grants else []),
        *(line.refused.get(why, 0) / MINUTE for why in reasons),
    ]


def state_word(line: ClassLine) -> str:
    """Say in a word how somebody gets on."""
    if line.is_complete:
        return "学满"
    if not line.is_studying:
        return "学习已结束"
    return "低于节奏" if line.is_behind else "按期"
