"""Verbs that register what plans are made of."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from lms.app.commands.wording import in_words
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.web import runtime
from lms.courses import service as courses
from lms.courses.preparing import prepare_lessons
from lms.questions import service as questions
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT


@click.command("register-course")
@with_appcontext
@click.argument("code")
@click.argument("title")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def register_course(code: str, title: str, files: tuple[Path, ...]) -> None:
    """Register a course of videos (MP4, MOV, MKV) in the order given; titles come from the file names."""
    house = runtime()
    try:
        lessons = [(file.stem, "", file) for file in files]
        stored = prepare_lessons(house.storage, lessons, house.root / "videos")
        with house.write() as uow:
            facts = courses.add_course(uow, Actor.system("operator"), code, title, stored)
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from refusal
    click.echo(f"course {facts.title}: {facts.lesson_count} lessons, {facts.total_seconds} seconds")


@click.command("register-blueprint")
@with_appcontext
@click.argument("code")
@click.argument("title")
def register_blueprint(code: str, title: str) -> None:
    """Register the blueprint of the examiner course under a code; plans name it. Twice changes nothing."""
    try:
        with runtime().write() as uow:
            questions.ensure_blueprint(uow, Actor.system("operator"), code, title, EXAMINER_COURSE_BLUEPRINT)
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from refusal
    click.echo(f"blueprint {code}: {title}")
