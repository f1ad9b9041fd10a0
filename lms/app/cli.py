"""The operator's verbs: ``flask --app wsgi lms …``."""

import sys
from functools import partial
from pathlib import Path

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask.cli import AppGroup
from sqlalchemy import text

from lms.accounts import credentials, service
from lms.accounts.policy import Role
from lms.accounts.queries import find_person_by_login
from lms.app import scheduler, worker
from lms.app.invariants import ALL_INVARIANTS
from lms.app.reactions import HANDLERS
from lms.audit.queries import broken_links
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.database import Base
from lms.core.errors import Refusal
from lms.core.settings import ROOT
from lms.core.speech import say
from lms.core.web import runtime
from lms.courses import service as courses
from lms.demo.house import JobFailed
from lms.demo.load import load_demo
from lms.demo.logins import login_table
from lms.demo.opening import film_course
from lms.questions import service as questions
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT

lms_commands = AppGroup("lms", help="What an operator does from the command line.")


def migration_config(url: str) -> Config:
    """Return Alembic's configuration for a database address."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database_url"] = url
    return config


@lms_commands.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = runtime().settings
    settings.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(migration_config(runtime().database.url), "head")
    click.echo("database is at the newest schema")


@lms_commands.command("check-migrations")
def check_migrations() -> None:
    """Fail when the models say something that no migration does."""
    with runtime().database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        drift = compare_metadata(context, Base.metadata)
    for difference in drift:
        click.echo(repr(difference))
    sys.exit(1 if drift else 0)


@lms_commands.command("check-invariants")
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


@lms_commands.command("check-audit")
def check_audit() -> None:
    """Verify the audit chain link by link."""
    with runtime().read() as uow:
        broken = broken_links(uow)
        count = uow.session.execute(text("SELECT count(*) FROM audit_seal")).scalar_one()
    click.echo(f"{count} links, {len(broken)} broken {broken[:20] if broken else ''}")
    sys.exit(1 if broken else 0)


@lms_commands.command("worker")
def run_worker() -> None:
    """Serve the job queue."""
    worker.work(runtime().settings)


@lms_commands.command("scheduler")
def run_scheduler() -> None:
    """Run the sweepers."""
    scheduler.run(runtime().settings)


@lms_commands.command("demo")
def load_the_demo() -> None:
    """Fill an empty site with invented people at every stage of the road; print the logins.

    Once, and while the site is stopped; a load that was cut off goes on.
    """
    house = runtime()
    if house.settings.env == "production":
        raise click.ClickException("the demo never loads into a production site")
    film = partial(film_course, ROOT / "var" / "lessons", house.settings.font_dir)
    try:
        shown = load_demo(house, HANDLERS, film, lambda line: click.echo(line, err=True))
    except JobFailed as failure:
        raise click.ClickException(
            f"job {failure} of the demo failed; the lines above say why. Mend it and start again: the load goes on"
        ) from failure
    if shown:
        click.echo(login_table(shown))


@lms_commands.command("allow-correction")
@click.argument("login_name")
@click.argument("reason")
def allow_correction(login_name: str, reason: str) -> None:
    """Let a person correct a locked name, ID number or portrait once; REASON says what was checked."""
    try:
        with runtime().write() as uow:
            person = find_person_by_login(uow, login_name)
            if person is None:
                raise click.ClickException(f"nobody signs in as {login_name}")
            service.allow_correction(uow, Actor.system("operator"), person.id, reason)
    except Refusal as refusal:
        raise click.ClickException(_in_words(refusal)) from refusal
    click.echo(f"{login_name} may correct the identity once; saving it locks it again")


@lms_commands.command("register-course")
@click.argument("code")
@click.argument("title")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def register_course(code: str, title: str, files: tuple[Path, ...]) -> None:
    """Register a course of MP4 lessons in the order given; titles come from the file names."""
    house = runtime()
    try:
        stored = courses.store_lessons(house.storage, [(file.stem, "", file) for file in files])
        with house.write() as uow:
            facts = courses.add_course(uow, Actor.system("operator"), code, title, stored)
    except Refusal as refusal:
        raise click.ClickException(_in_words(refusal)) from refusal
    click.echo(f"course {facts.title}: {facts.lesson_count} lessons, {facts.total_seconds} seconds")


@lms_commands.command("register-blueprint")
@click.argument("code")
@click.argument("title")
def register_blueprint(code: str, title: str) -> None:
    """Register the blueprint of the examiner course under a code; plans name it. Twice changes nothing."""
    try:
        with runtime().write() as uow:
            questions.ensure_blueprint(uow, Actor.system("operator"), code, title, EXAMINER_COURSE_BLUEPRINT)
    except Refusal as refusal:
        raise click.ClickException(_in_words(refusal)) from refusal
    click.echo(f"blueprint {code}: {title}")


@lms_commands.command("create-administrator")
@click.argument("login_name")
@click.argument("name")
@click.password_option()
def create_administrator(login_name: str, name: str, password: str) -> None:
    """Create the first administrator of a new site."""
    try:
        hashed = credentials.hash_new_password(password, known=(login_name,))
        with runtime().write() as uow:
            actor = Actor.system("operator")
            province = service.ensure_province(uow, actor, uow.settings.organisation_name)
            person_id = service.create_staff(uow, actor, login_name, name, hashed, must_change=False)
            service.grant_role(uow, actor, person_id, Role.ADMINISTRATOR, province.id)
    except Refusal as refusal:
        raise click.ClickException(_in_words(refusal)) from refusal
    click.echo(f"administrator {login_name} created")


def _in_words(refusal: Refusal) -> str:
    parts = [
        say(text, reason.params)
        for reason in refusal.reasons
        for text in (reason.rule, reason.now, reason.way_out)
        if text
    ]
    return "; ".join(parts) or refusal.code
