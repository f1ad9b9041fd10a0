"""The operator's verbs about the seal, and the supervisor that makes keys where there are none."""

from pathlib import Path

import pytest
from flask import Flask

from lms.app.commands.sealing import seal
from lms.certificates.seal_keys import SealFolder, make
from lms.core.clock import from_ms, host_ms
from lms.core.unit_of_work import Runtime
from tests.support.seals import ORGANISATION

pytestmark = pytest.mark.one_database


@pytest.fixture
def folder(runtime: Runtime, tmp_path: Path) -> SealFolder:
    """Keys of a site whose operator is at work; none are made yet."""
    runtime.settings = runtime.settings.model_copy(update={"seal_dir": tmp_path / "keys"})
    return SealFolder(tmp_path / "keys")


def say(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(seal, words)
    return result.exit_code, result.output


def test_keys_are_made_shown_and_rotated(app: Flask, runtime: Runtime, folder: SealFolder) -> None:
    status, output = say(app, "show")
    assert (status, "lms seal init" in output) == (1, True)
    make(folder, ORGANISATION, from_ms(host_ms()), 2048)
    status, output = say(app, "init")
    assert (status, "lms seal rotate" in output) == (1, True)
    status, output = say(app, "rotate")
    assert (status, ORGANISATION in output) == (0, True)
    status, output = say(app, "show")
    assert status == 0
    assert [line.split()[0] for line in output.splitlines() if not line.startswith(" ")] == ["present", "old"]
    assert len(folder.certificates()) == 2


def test_a_first_start_makes_them(app: Flask, folder: SealFolder) -> None:
    status, output = say(app, "init")
    assert (status, str(folder.root) in output) == (0, True)
    assert folder.signing.is_file()


def test_with_a_program_that_signs_no_keys_are_made_here(
    app: Flask, runtime: Runtime, folder: SealFolder
) -> None:
    runtime.settings = runtime.settings.model_copy(update={"seal_command": "sign"})
    for verb in ("init", "rotate"):
        status, output = say(app, verb)
        assert (status, "LMS_SEAL_COMMAND" in output) == (1, True)
    assert not folder.root.exists()
