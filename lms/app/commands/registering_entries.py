"""Verbs about the registry."""

import click
from flask.cli import with_appcontext

from lms.core.web import runtime
from lms.registry.jobs import search as search_jobs


@click.group("registry")
def registry() -> None:
    """Look after the registry."""


@registry.command("rebuild-search")
@with_appcontext
def rebuild_search() -> None:
    """Write anew what entries are found by: after an update of the library that reads names.

    The search can be used meanwhile. It may take half an hour where there are a million entries.
    """
    entries, grams = search_jobs.rebuild_search(runtime())
    click.echo(f"{entries} entries, {grams} words that led nowhere")
