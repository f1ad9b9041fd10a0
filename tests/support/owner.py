"""What only the database's owner could do, for tests that damage things on purpose."""

import sqlite3
from contextlib import closing

from lms.core.unit_of_work import Runtime


def by_force(runtime: Runtime, *statements: str) -> None:
    """Do what no part of the house can: change the record behind its triggers, as the database's owner."""
    if runtime.database.is_sqlite:
        with closing(sqlite3.connect(runtime.database.engine.url.database or "")) as owner:
            for (name,) in owner.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                owner.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                owner.execute(statement)
            owner.commit()
        return
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
