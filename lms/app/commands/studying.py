"""Verbs about study."""

import sys

import click
from flask.cli import with_appcontext

from lms.core.actors import Actor
from lms.core.web import runtime
from lms.study.queries import ledger as ledger_queries
from lms.study.service import rebuilding

OPERATOR = Actor.system("operator")


@click.group("study")
def study() -> None:
    """Look after the ledger of study."""


@study.command("rebuild")
@click.option("--plan", "plan_id", default="", help="only this plan, by its id")
@click.option("--person", "person_id", default="", help="only this person, by id")
@click.option("--apply", "is_applied", is_flag=True, help="write what the ledger says")
@with_appcontext
def rebuild(plan_id: str, person_id: str, *, is_applied: bool) -> None:
    """Compute totals and coverage anew from beats, windows and grants, and print every difference.

    Nothing is written without --apply; what --apply writes is in the record of acts. The exit status is 1 when
    differences were found and not written.
    """
    house = runtime()
    with house.read() as uow:
        people = ledger_queries.people_with_totals(uow, plan_id, person_id)
    count = 0
    for person, plan in people:
        with house.write() if is_applied else house.read() as uow:
            found = rebuilding.rebuild(uow, OPERATOR, person, plan, is_applied=is_applied)
        for one in found:
            click.echo(f"{plan} {person} {one.about} {one.key}: {one.stored} -> {one.derived}")
        count += len(found)
    click.echo(f"{len(people)} totals, {count} differences{' written' if count and is_applied else ''}")
    sys.exit(1 if count and not is_applied else 0)
