"""Verbs about the schema of the database."""

import sys

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask.cli import with_appcontext

from lms.app.tables import all_tables
from lms.core.settings import ROOT
from lms.core.web import runtime


def migration_config(url: str) -> Config:
    """Return Alembic's configuration for a database address."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database_url"] = url
    return config


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = runtime().settings
    settings.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(migration_config(runtime().database.url), "head")
    click.echo("database is at the newest schema")


@click.command("check-migrations")
@with_appcontext
def check_migrations() -> None:
    """Fail when the models say something that no migration does."""
    with runtime().database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        drift = compare_metadata(context, all_tables())
    for difference in drift:
        click.echo(repr(difference))
    sys.exit(1 if drift else 0)
