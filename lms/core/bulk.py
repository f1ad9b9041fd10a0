"""Many rows of one table at once, past everything that is done for single rows.

For rows that are made in thousands: the ORM and the types cost several times what the database needs for them.
"""

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.orm import Session

Row = tuple[str | int | None, ...]


def insert_rows(session: Session, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows whose values stand as the database keeps them, in the order of `columns`; no default is filled in.

    It happens in the session's transaction: one statement on SQLite, one COPY on PostgreSQL.
    """
    if not rows:
        return
    connection = session.connection()
    named = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({named}) VALUES ({places})", list(rows))
        return
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({named}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
