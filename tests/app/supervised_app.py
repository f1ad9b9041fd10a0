"""A site of a few lines for the supervisor's tests: it answers, counts nothing and knows no room."""

import os
import signal
import threading

import click
from flask import Flask
from flask.cli import AppGroup

app = Flask(__name__)
commands = AppGroup("lms")
app.cli.add_command(commands)


@app.get("/healthz")
def healthz() -> dict[str, int]:
    return {"pid": os.getpid()}


def wait_for_the_end(name: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    click.echo(f"{name} is up")
    if os.environ.get("LMS_TEST_STUBBORN") == name:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stop.wait()
    click.echo(f"{name} says goodbye")


@commands.command()
@click.option("--long", is_flag=True)
def worker(*, long: bool) -> None:
    if os.environ.get("LMS_TEST_BROKEN_WORKER") and not long:
        raise click.ClickException("the worker's last words")
    wait_for_the_end("videos" if long else "worker")


@commands.command()
def scheduler() -> None:
    wait_for_the_end("scheduler")
