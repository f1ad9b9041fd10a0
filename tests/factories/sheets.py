"""Tables as files, each written by another library than the one that reads it, or by hand."""

import io
from collections.abc import Callable, Sequence

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

Row = Sequence[object]
HEADER: Row = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "知识领域", "难度")


def line(
    answer: object = "B",
    *,
    type_: object = "单选题",
    stem: object = "题干（ ）",
    options: Row = ("甲", "乙", "丙", "丁"),
    area: object = "政策法规",
    difficulty: object = "易",
) -> Row:
    """A sound row under `HEADER`, changed where the story needs it."""
    return (type_, stem, *options, *[""] * (4 - len(options)), answer, area, difficulty)


def xlsx(*rows: Row, name: str = "题目", more: dict[str, Sequence[Row]] | None = None,
         change: Callable[[Worksheet], None] | None = None) -> bytes:  # fmt: skip
    """A workbook of openpyxl: one sheet, and more by name; `change` may do to the first what rows cannot."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, lines in {name: rows, **(more or {})}.items():
        sheet = book.create_sheet(title)
        for cells in lines:
            sheet.append([None if cell == "" else cell for cell in cells])
    if change:
        change(book.worksheets[0])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsx_by(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook of XlsxWriter, for what it alone can write."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        write(book)
    return buffer.getvalue()


def xls(*rows: Row, name: str = "题目") -> bytes:
    """An old workbook of xlwt."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(name)
    for index, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell != "":
                sheet.write(index, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv(*rows: Row, separator: str = ",", end: str = "\r\n") -> str:
    """A text table, quoted by hand as RFC 4180 says."""
    return "".join(separator.join(_quoted(str(cell), separator) for cell in cells) + end for cells in rows)


def _quoted(text: str, separator: str) -> str:
    if any(sign in text for sign in (separator, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text
