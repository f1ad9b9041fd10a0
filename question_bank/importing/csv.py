"""Comma-, semicolon-, tab- and bar-separated text."""

import csv
import io

from question_bank.importing.archive import ROWS_MAX
from question_bank.importing.report import Table, UnreadableFile
from question_bank.phrases import N_

COLUMNS_MAX = 64
_DELIMITERS = ",\t;|，"


def read_csv(text: str, name: str) -> Table:
    """Read text as one sheet; raises `UnreadableFile` when it is no table."""
    if text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise UnreadableFile(
            "not_a_table", N_("这是网页或 XML 文件，不是表格。请用 Excel 打开后另存为 .xlsx 再导入。")
        )
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            if len(rows) >= ROWS_MAX:
                raise UnreadableFile(
                    "too_many_rows", N_("表格超过 %(most)s 行。请分成几个文件导入。"), most=ROWS_MAX
                )
            if len(row) > COLUMNS_MAX:
                raise UnreadableFile(
                    "too_many_columns",
                    N_("第 %(row)s 行有 %(count)s 列，最多 %(most)s 列。请检查分隔符和引号。"),
                    row=len(rows) + 1,
                    count=len(row),
                    most=COLUMNS_MAX,
                )
            rows.append(row)
    except csv.Error as error:
        raise UnreadableFile(
            "csv_broken",
            N_("第 %(row)s 行附近的引号没有成对，无法断开各列。请改好引号，或另存为 .xlsx。"),
            row=len(rows) + 1,
        ) from error
    return Table(name, rows)


def _delimiter(text: str) -> str:
    # The separator is the one that splits the first filled line most often; headings hold no quoted
    # separators.
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=line.count)
