"""Verbs about people and their accounts."""

import click
from flask.cli import with_appcontext

from lms.accounts import credentials, service
from lms.accounts.policy import Role
from lms.accounts.queries import find_person_by_login
from lms.app.commands.wording import in_words
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.web import runtime


@click.command("create-administrator")
@with_appcontext
@click.argument("login_name")
@click.argument("name")
@click.password_option()
def create_administrator(login_name: str, name: str, password: str) -> None:
    """Create the first administrator of a new site."""
    try:
        hashed = credentials.hash_new_password(runtime().hashing, password, known=(login_name,))
        with runtime().write() as uow:
            actor = Actor.system("operator")
            province = service.ensure_province(uow, actor, uow.settings.organisation_name)
            person_id = service.create_staff(uow, actor, login_name, name, hashed, must_change=False)
            service.grant_role(uow, actor, person_id, Role.ADMINISTRATOR, province.id)
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from refusal
    click.echo(f"administrator {login_name} created")


@click.command("allow-correction")
@with_appcontext
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
        raise click.ClickException(in_words(refusal)) from refusal
    click.echo(f"{login_name} may correct the identity once; saving it locks it again")
