"""Our own workbook: items in the template that the importer reads back exactly, and the blank template."""

import io
from collections.abc import Iterable

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from question_bank.importing.headers import NOTES_SHEET, TEMPLATE_HEADERS
from question_bank.items import (
    AREAS,
    DIFFICULTY_NAMES,
    FALSE_TEXT,
    OPTION_KEYS,
    TRUE_KEY,
    TRUE_TEXT,
    TYPE_NAMES,
    Item,
    ItemType,
)

TEMPLATE_ROWS = 2000
"""How many rows of the blank template carry drop-downs."""

_TEMPLATE_OPTIONS = 6
_SHEET = "题目"
_NOTES = (
    "每行一题。题型、知识领域、难度请从下拉列表中选。",
    "单选题、多选题：从选项A起连续填写，中间不留空；答案填选项字母，多选题如 AC。",
    "判断题：选项留空，答案填“正确”或“错误”。",
    "填空题：选项留空，题干里用（ ）或 ____ 标出一个空，答案填文字。",
    "填空题的答案有几种都算对的，用竖线分开，如 三|3；数值可以写误差，如 3.14±0.01。",
    "解析和依据会在考后显示给有权查看的人，请写明规则的出处。",
    "请不要改动第一行的表头；需要 7 个以上选项时，在“选项F”后插入“选项G”“选项H”两列。",
    "导入前会逐格检查；有问题的行会指出行号、列号和改法，其余各行不受影响。",
)
# One sample of each type, written across: a row of headings here would be read as a sheet of questions.
_SAMPLES = (
    ("题型", *TYPE_NAMES.values()),
    (
        "题干",
        "考评员发现考生是自己的亲属，应当（ ）。",
        "下列哪些情形应当回避？（ ）",
        "考评员可以在考评现场向考生提示答案。",
        "等边三角形有（ ）条边。",
    ),
    ("选项A", "主动申请回避", "考生是近亲属", "", ""),
    ("选项B", "照常考评", "考生是本人的学徒", "", ""),
    ("选项C", "请考生回避", "考生与本人同姓", "", ""),
    ("答案", "A", "AB", "错误", "三|3"),
    ("难度", "易", "中", "易", "中"),
)
_WIDTHS = {"题型": 9, "题干": 48, "答案": 9, "解析": 40, "知识领域": 22, "难度": 7, "依据": 20}
_OPTION_WIDTH = 22


def write_items(items: Iterable[Item]) -> bytes:
    """Return a workbook of `items` in our template.

    Every text is written as text, also one that starts with "=".
    """
    rows = list(items)
    most = max((len(item.options) for item in rows), default=0)
    headers = _headers(len(OPTION_KEYS) if most > _TEMPLATE_OPTIONS else _TEMPLATE_OPTIONS)
    return _workbook(headers, rows, max(len(rows), 1))


def write_template() -> bytes:
    """Return the blank template with drop-downs and a sheet of notes."""
    return _workbook(TEMPLATE_HEADERS, [], TEMPLATE_ROWS)


def _headers(options: int) -> tuple[str, ...]:
    before, after = TEMPLATE_HEADERS[:2], TEMPLATE_HEADERS[2 + _TEMPLATE_OPTIONS :]
    return (*before, *(f"选项{key}" for key in OPTION_KEYS[:options]), *after)


def _workbook(headers: tuple[str, ...], items: list[Item], rows: int) -> bytes:
    buffer = io.BytesIO()
    # No temporary files: a question bank before its exam must not lie about on a disk.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        head = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "valign": "vcenter"})
        body = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        sheet = workbook.add_worksheet(_SHEET)
        _lay_out(sheet, headers, head, body, rows)
        for number, item in enumerate(items, start=1):
            for column, text in enumerate(_cells(item, headers)):
                if text:
                    sheet.write_string(number, column, text, body)
        notes = workbook.add_worksheet(NOTES_SHEET)
        notes.set_column(0, 0, 9, body)
        notes.set_column(1, len(TYPE_NAMES), 30, body)
        for number, line in enumerate(_NOTES):
            notes.merge_range(number, 0, number, len(TYPE_NAMES), line, body)
            notes.set_row(number, 30)
        below = len(_NOTES) + 1
        for number, sample in enumerate(_SAMPLES, start=below):
            for column, text in enumerate(sample):
                notes.write_string(number, column, text, head if number == below or column == 0 else body)
    return buffer.getvalue()


def _lay_out(sheet: Worksheet, headers: tuple[str, ...], head: Format, body: Format, rows: int) -> None:
    sheet.freeze_panes(1, 2)
    for column, title in enumerate(headers):
        sheet.set_column(column, column, _WIDTHS.get(title, _OPTION_WIDTH), body)
        sheet.write_string(0, column, title, head)
    choices = {
        "题型": list(TYPE_NAMES.values()),
        "知识领域": list(AREAS.values()),
        "难度": list(DIFFICULTY_NAMES.values()),
    }
    for title, words in choices.items():
        column = headers.index(title)
        sheet.data_validation(
            1,
            column,
            rows,
            column,
            {
                "validate": "list",
                "source": words,
                "error_title": title,
                "error_message": f"请从列表中选：{'、'.join(words)}。",
            },
        )


def _cells(item: Item, headers: tuple[str, ...]) -> list[str]:
    if item.blank is not None:
        answer = item.blank.text
    elif item.type is ItemType.TRUE_FALSE:
        answer = TRUE_TEXT if TRUE_KEY in item.answer else FALSE_TEXT
    else:
        answer = "".join(sorted(item.answer))
    values = {
        "题型": TYPE_NAMES[item.type],
        "题干": item.stem,
        "答案": answer,
        "解析": item.explanation,
        "知识领域": AREAS[item.area],
        "难度": DIFFICULTY_NAMES[item.difficulty],
        "依据": item.source,
        **{f"选项{option.key}": option.text for option in item.options},
    }
    return [values.get(title, "") for title in headers]
