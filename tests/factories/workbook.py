"""A workbook of as many questions as asked for, as banks of the field have them, for measuring."""

import xlsxwriter

from tests.factories.sheets import xlsx_by

HEADER = ("题型", "题干", *(f"选项{key}" for key in "ABCDEF"), "答案", "解析", "知识领域", "难度")
AREAS = ("政策法规", "考务管理", "考评技术与方法")
OPTIONS = ("检查考场设备与工具", "宣读考场纪律", "填写评分记录表", "", "")
KINDS = ("单选题", "多选题", "判断题")


def row(number: int) -> tuple[str, ...]:
    """The cells of one question; no two are alike, and the three types take turns."""
    kind = KINDS[number % 3]
    texts = ("",) * 6 if kind == "判断题" else (f"核对考生身份{number}", *OPTIONS)
    answer = ("ABCD"[number % 4], "ABD", "正确")[number % 3]
    return (
        kind, f"考评员第{number}号条款规定，现场考评时应当首先完成的工作是（）。", *texts, answer,
        f"见工作流程第{number}条。", AREAS[number % 3], "易中难"[number % 3],
    )  # fmt: skip


def workbook(count: int) -> bytes:
    """An .xlsx of 12 columns with a heading and `count` questions."""

    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("题目")
        sheet.write_row(0, 0, HEADER)
        for number in range(count):
            sheet.write_row(number + 1, 0, row(number))

    return xlsx_by(write)
