"""One of the two readers of the import bench: a process that reads a workbook and tells how long that took.

`python -m tests.bench.reader ours|cells FILE`. Each line of the input is one reading. `ours` reads and judges every
row; `cells` only hands out the cells, with the reader that `ours` is built on, the fastest there is for Python.
"""

import io
import json
import sys
import time
from pathlib import Path

import python_calamine

from question_bank.importing import read_questions
from tests.support.memory import peak_mb


def ours(data: bytes) -> int:
    """Read and judge; return the count of sound questions."""
    report = read_questions(data, "题库.xlsx")
    return 0 if report.faults else len(report.items)


def cells(data: bytes) -> int:
    """Hand out the cells of every sheet; return the count of rows below the heading."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names) - 1


def main() -> None:
    """Read once for each line of the input."""
    read, data = {"ours": ours, "cells": cells}[sys.argv[1]], Path(sys.argv[2]).read_bytes()
    for _ in sys.stdin:
        began = time.perf_counter()
        rows = read(data)
        taken = (time.perf_counter() - began) * 1000
        print(json.dumps({"ms": taken, "rows": rows, "rss_mb": peak_mb()}), flush=True)


if __name__ == "__main__":
    main()
