"""What is asked of the database inside a block."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import event

from lms.core.hot_statements import HotStatement, PostgresqlHot, SqliteHot
from lms.core.unit_of_work import Runtime


def all_statements(runtime: Runtime) -> AbstractContextManager[list[str]]:
    """Collect what is asked of the database inside the block: by SQLAlchemy, and past it on the driver."""
    return _collected(runtime, lambda _statement: True)


def statements(runtime: Runtime) -> AbstractContextManager[list[str]]:
    """Collect the questions that are asked inside the block.

    The clock's own is none of them: it is asked when an anchor has aged, by whoever comes then.
    """
    return _collected(runtime, _is_question)


def _is_question(statement: str) -> bool:
    is_reading = statement.startswith(("SELECT", "WITH")) and "INSERT INTO" not in statement
    return is_reading and "clock_timestamp()" not in statement


@contextmanager
def _collected(runtime: Runtime, is_wanted: Callable[[str], bool]) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if is_wanted(statement):
            seen.append(statement)

    def noting(run: Any) -> Any:
        def noted(hot: Any, statement: HotStatement, values: Any) -> Any:
            note(None, None, statement.sqlite)
            return run(hot, statement, values)

        return noted

    engine = runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with (
            mock.patch.multiple(SqliteHot, rows=noting(SqliteHot.rows), run=noting(SqliteHot.run)),
            mock.patch.multiple(
                PostgresqlHot, rows=noting(PostgresqlHot.rows), run=noting(PostgresqlHot.run)
            ),
        ):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
