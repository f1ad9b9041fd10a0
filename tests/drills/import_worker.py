"""`python -m tests.drills.import_worker BATCH TURN [STATEMENT TIMES]`: brings a file in, and may kill itself.

It dies by its own hand, as kill -9 does it, after so many TIMES a statement that begins as STATEMENT says (a regular
expression): a watcher that looks from outside comes too late on a machine with other work to do.
"""

import os
import re
import signal
import sys
from typing import Any

from sqlalchemy import event

from lms.app.house import build_runtime
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime
from lms.questions.jobs.imports import accept_import


def die_after(runtime: Runtime, beginning: str, times: int) -> None:
    met = 0

    def count(_connection: Any, _cursor: Any, statement: str, *_facts: Any) -> None:
        nonlocal met
        met += bool(re.match(beginning, statement))
        if met == times:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(runtime.database.engine, "after_cursor_execute", count)


if __name__ == "__main__":
    house = build_runtime(Settings.load())[0]
    if len(sys.argv) > 3:
        die_after(house, sys.argv[3], int(sys.argv[4]))
    accept_import(house, batch_id=sys.argv[1], turn=int(sys.argv[2]))
