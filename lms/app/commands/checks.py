"""Verbs that look for what must never be."""

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy import text

from lms.app.invariants import ALL_INVARIANTS
from lms.audit.queries import broken_links
from lms.core import invariants
from lms.core.web import runtime


@click.command("check-invariants")
@with_appcontext
def check_invariants() -> None:
    """Run every invariant against the live database and print offending rows."""
    with runtime().read() as uow:
        broken = invariants.check(uow, ALL_INVARIANTS)
    for invariant in ALL_INVARIANTS:
        rows = broken.get(invariant.id, ())
        click.echo(f"{'FAIL' if rows else 'ok  '} {invariant.id:6} {invariant.says}")
        for row in list(rows)[:20]:
            click.echo(f"       {tuple(row)}")
    click.echo(f"{len(ALL_INVARIANTS)} invariants, {len(broken)} broken")
    sys.exit(1 if broken else 0)


@click.command("check-audit")
@with_appcontext
def check_audit() -> None:
    """Verify the audit chain link by link."""
    with runtime().read() as uow:
        broken = broken_links(uow)
        count = uow.session.execute(text("SELECT count(*) FROM audit_seal")).scalar_one()
    click.echo(f"{count} links, {len(broken)} broken {broken[:20] if broken else ''}")
    sys.exit(1 if broken else 0)
