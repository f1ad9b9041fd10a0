"""What is asked of the database inside a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from lms.core.unit_of_work import Runtime


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """Collect the SELECTs that run inside the block.

    The clock's own question is none of them: it is asked when an anchor has aged, by whoever comes then.
    """
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")) and "clock_timestamp()" not in statement:
            seen.append(statement)

    engine = runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
