"""Verbs that are processes of the site."""

import click
from flask.cli import with_appcontext

from lms.app import scheduler, worker
from lms.core.web import runtime


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Serve the job queue."""
    worker.work(runtime().settings)


@click.command("scheduler")
@with_appcontext
def run_scheduler() -> None:
    """Run the sweepers."""
    scheduler.run(runtime().settings)
