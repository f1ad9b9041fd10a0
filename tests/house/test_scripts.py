"""What a newcomer meets first: scripts that explain themselves, lock files that name no place."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path for path in (ROOT / "script").iterdir() if path.is_file())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_in_its_first_line_what_it_does(script: Path) -> None:
    first, second, *_rest = script.read_text(encoding="utf-8").splitlines()
    assert first.startswith("#!/usr/bin/env ")
    assert re.fullmatch(r'(# |""")[A-Z].{20,}', second), second
    assert script.stat().st_mode & 0o111, "not executable"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_explains_its_use_and_does_nothing_else(script: Path) -> None:
    done = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert f"script/{script.name}" in done.stdout or f"usage: {script.name}" in done.stdout
    assert done.stderr == ""


def test_an_argument_nobody_knows_is_refused_with_the_usage() -> None:
    for name in ("setup", "start", "check", "lock", "translations"):
        done = subprocess.run(
            [ROOT / "script" / name, "--nonsense"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "--nonsense" in done.stderr
        assert "--help" in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "80 80"])
def test_start_refuses_a_port_that_is_none_before_it_touches_anything(port: str) -> None:
    done = subprocess.run(
        [ROOT / "script/start", "--port", port], capture_output=True, text=True, timeout=10, check=False
    )
    assert done.returncode == 2
    assert port in done.stderr


def test_lock_files_hold_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-"), name
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"://|^-", text, re.MULTILINE), name
        pinned = re.findall(r"^[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
        hashed = re.findall(
            r"^[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE
        )
        assert len(pinned) == len(hashed) > 20, name
