"""`python -m tests.questions.stock_reader`: another process, which says for each line it is sent what it would draw."""

import json
import sys

from lms.app.house import build_runtime
from lms.core.settings import Settings
from lms.questions.queries import drawing_stock


def main() -> None:
    """Answer every line with what papers may draw, as this one process remembers it."""
    runtime = build_runtime(Settings.load())[0]
    for _ in sys.stdin:
        with runtime.read() as uow:
            cells = drawing_stock(uow).cells
        print(json.dumps([[*cell, item_id] for cell, ids in cells.items() for item_id in ids]), flush=True)


if __name__ == "__main__":
    main()
