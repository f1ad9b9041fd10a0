"""Verbs about the keys of the certificates' seal."""

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from lms.certificates import seal_keys
from lms.certificates.policy.seals import ROTATE_WITHIN, SealFacts
from lms.certificates.seal_keys import NoSealKeys, SealFolder, SealKeysExist
from lms.certificates.seal_public import public_part
from lms.core.web import runtime

seal = AppGroup("seal", help="The keys that seal certificates.")


def _folder() -> SealFolder:
    settings = runtime().settings
    if settings.seal_command:
        raise click.ClickException("LMS_SEAL_COMMAND signs here; its keys are made where it keeps them")
    return SealFolder(settings.effective_seal_dir)


def _read(file: Path) -> SealFacts:
    try:
        return public_part(seal_keys.read_chain(file))
    except NoSealKeys as error:
        raise click.ClickException(f"{error}; keys are made by: lms seal init") from error


def _tell(seal_id: str, facts: SealFacts, word: str) -> None:
    click.echo(f"{word:8} {seal_id}")
    click.echo(f"         {facts.subject}")
    click.echo(f"         valid {facts.valid_from:%Y-%m-%d} to {facts.valid_until:%Y-%m-%d}")


@seal.command("init")
@with_appcontext
def init() -> None:
    """Make an own authority and the first signing key. Back both up."""
    folder = _folder()
    try:
        made = seal_keys.make(folder, runtime().settings.organisation_name, runtime().clock.now())
    except SealKeysExist as error:
        raise click.ClickException(f"{error}; a new signing key is made by: lms seal rotate") from error
    _tell(made.id, made, "made")
    click.echo(f"keys in {folder.root}: back them up. Others may trust {folder.root_certificate}")


@seal.command("rotate")
@with_appcontext
def rotate() -> None:
    """Make a new signing key and destroy the old one; its certificate stays, and so does what it has sealed."""
    folder = _folder()
    try:
        made = seal_keys.rotate(folder, runtime().clock.now())
    except (NoSealKeys, OSError) as error:
        raise click.ClickException(f"{error}. The old key stays in use") from error
    _tell(made.id, made, "new")


@seal.command("show")
@with_appcontext
def show() -> None:
    """Say what seals certificates now, and what did before."""
    settings = runtime().settings
    if settings.seal_command:
        present = _read(settings.seal_chain or Path())
        _tell(present.id, present, "external")
        return
    folder = SealFolder(settings.effective_seal_dir)
    present = _read(folder.signing)
    _tell(present.id, present, "present")
    for file in folder.certificates():
        if file.stem != present.id:
            _tell(file.stem, _read(file), "old")
    if present.valid_until - runtime().clock.now() < ROTATE_WITHIN:
        click.echo("a document sealed now outlives this certificate within its ten years: lms seal rotate")
