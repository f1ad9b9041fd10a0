"""How Alembic reaches the database: one transaction for each migration, on SQLite and PostgreSQL."""

from alembic import context
from sqlalchemy import create_engine, event, pool

from lms.app.tables import all_tables
from lms.core.database import Instant

LOCK_TIMEOUT = "4s"


def _render(kind: str, item: object, _context: object) -> str | bool:
    """Write plain column types: a migration imports nothing from the house."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


def run() -> None:
    """Apply the migrations; a killed one rolls back whole, because we say BEGIN ourselves (fault R1)."""
    url = context.config.attributes["database_url"]
    engine = create_engine(url, poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _no_implicit_commit(connection, _record):  # type: ignore[no-untyped-def]
            connection.isolation_level = None
            # Said once for the file: later it would have to wait for every other connection.
            connection.execute("PRAGMA journal_mode=WAL")

        @event.listens_for(engine, "begin")
        def _begin(connection):  # type: ignore[no-untyped-def]
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=all_tables(),
            transaction_per_migration=True,
            render_as_batch=False,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
