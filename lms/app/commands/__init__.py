"""The operator's verbs: ``flask --app wsgi lms …``."""

from importlib import import_module
from typing import ClassVar

import click
from flask.cli import AppGroup


class Verbs(AppGroup):
    """A group that imports a verb's module when somebody says the verb.

    The web process carries this group and never says one; the demo, the PDF engine and the migrations would cost it
    half a second and 60 MB.
    """

    where: ClassVar[dict[str, str]] = {
        "migrate": "schema.migrate",
        "check-migrations": "schema.check_migrations",
        "check-invariants": "checks.check_invariants",
        "check-audit": "checks.check_audit",
        "worker": "processes.run_worker",
        "scheduler": "processes.run_scheduler",
        "demo": "demo.load_the_demo",
        "create-administrator": "people.create_administrator",
        "allow-correction": "people.allow_correction",
        "register-course": "registering.register_course",
        "register-blueprint": "registering.register_blueprint",
        "seal": "sealing.seal",
        "study": "studying.study",
        "registry": "registering_entries.registry",
    }
    """verb -> module of this package, and the command in it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in alphabetical order."""
        return sorted({*self.where, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a verb; None when there is no such verb."""
        if cmd_name not in self.where:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.where[cmd_name].partition(".")
        found: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return found


lms_commands = Verbs("lms", help="What an operator does from the command line.")
