"""Verbs about the registry."""

import click
from flask.cli import with_appcontext

from lms.core.web import runtime
from lms.registry import search_service
from lms.registry.search_jobs import fill_search


@click.group("registry")
def registry() -> None:
    """Look after the registry."""


@registry.command("rebuild-search")
@with_appcontext
def rebuild_search() -> None:
    """Write anew what entries are found by: after an update of the library that reads names.

    Until an entry's turn comes it is not found by name or number; the list without a search shows it all the same.
    """
    house = runtime()
    with house.write() as uow:
        search_service.forget_grams(uow)
    click.echo(f"{fill_search(house)} entries")
