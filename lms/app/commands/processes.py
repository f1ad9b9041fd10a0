"""Verbs that are processes of the site."""

import click
from flask.cli import with_appcontext

from lms.app import scheduler, worker
from lms.core.web import runtime


@click.command("worker")
@with_appcontext
@click.option("--long", is_flag=True, help="Serve the long lane: videos.")
def run_worker(*, long: bool) -> None:
    """Serve the job queue."""
    worker.work(runtime().settings, long=long)


@click.command("scheduler")
@with_appcontext
def run_scheduler() -> None:
    """Run the sweepers."""
    scheduler.run(runtime().settings)
