"""Many rows of one table at once, past everything that is done for single rows.

For rows that are made in thousands: the ORM and the types cost several times what the database needs for them.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from lms.core.database import Base, driver_trouble

Row = tuple[str | int | None, ...]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert whole rows: a value for every column in the order of the table, as the database keeps it.

    It happens in the session's transaction: one statement on SQLite, one COPY on PostgreSQL. Raises DBAPIError.
    """
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    connection = session.connection()
    columns = table.columns.keys()
    if connection.dialect.name == "sqlite":
        plain = insert(table).compile(dialect=connection.dialect, column_keys=columns)
        connection.exec_driver_sql(str(plain), list(rows))
        return
    driver: Any = connection.connection.dbapi_connection
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # What goes past SQLAlchemy is to be told from trouble of the store like everything else.
        raise driver_trouble(connection, statement, error) from error
