"""The operator's verbs: all there, each with its words, and none of them a burden to the web process."""

import subprocess
import sys

import pytest
from flask import Flask

from lms.app.commands import Verbs, lms_commands
from lms.core.settings import ROOT

ONCE = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
HEAVY = ("weasyprint", "av", "alembic", "lms.demo", "lms.app.handlers")
"""What only workers, the scheduler and the operator need."""


@ONCE
def test_every_verb_is_there_and_says_what_it_does(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["lms", "--help"])
    assert said.exit_code == 0, said.output
    for verb in Verbs.where:
        command = lms_commands.get_command(None, verb)  # type: ignore[arg-type]  # no verb asks for its context
        assert command is not None
        assert command.name == verb
        assert command.help
        assert f"  {verb} " in said.output


@ONCE
def test_a_verb_that_is_none_is_refused(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["lms", "no-such-verb"])
    assert said.exit_code == 2
    assert "no-such-verb" in said.output


def test_the_web_process_does_not_carry_what_it_never_uses() -> None:
    looked = f"import sys, lms.app.factory; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
