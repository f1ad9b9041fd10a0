"""The scripts of the pages: each says what it is for, none is long, and what they import leads in no circle."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "lms" / "app" / "static" / "js"
SCRIPTS = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.js"))}
MOST_LINES = 350
IMPORT = re.compile(r"""^import .*?["'](.+?)["'];$""", re.MULTILINE | re.DOTALL)
STATE = re.compile(r"^(?:export )?let ", re.MULTILINE)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_is_for_and_is_not_long(name: str) -> None:
    text = SCRIPTS[name].read_text(encoding="utf-8")
    assert re.match(r"/\* [A-Z](?s:.{30,}?)\*/", text)
    assert len(text.splitlines()) <= MOST_LINES


def test_imports_name_files_that_are_there_and_lead_in_no_circle() -> None:
    imports = {}
    for name, path in SCRIPTS.items():
        asked = [
            (path.parent / found).resolve() for found in IMPORT.findall(path.read_text(encoding="utf-8"))
        ]
        imports[name] = {one.relative_to(FOLDER).as_posix() for one in asked}
        assert imports[name] <= SCRIPTS.keys(), name
    assert any(imports.values()), "no import was found at all"
    list(TopologicalSorter(imports).static_order())


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name.startswith(("player", "exam"))])
def test_no_part_of_the_player_or_the_exam_keeps_its_state_outside_an_object(name: str) -> None:
    assert not STATE.search(SCRIPTS[name].read_text(encoding="utf-8"))
