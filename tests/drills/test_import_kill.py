"""A worker that is killed while it brings a file in leaves nothing or everything; thoroughly on both databases."""

import pytest

from tests.drills.import_kill import ROWS, kill_import
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow]


@pytest.mark.parametrize("database", on("postgresql"))
def test_a_killed_import_shows_nothing_and_the_next_worker_finishes_it(database: str) -> None:
    said: list[str] = []
    seen = kill_import(database, tell=said.append)
    assert seen.visible == [0, 0], said
    first, last = seen.done
    assert 0 < first < ROWS, "the first one died on its way"
    assert last == ROWS, "the last one died while it showed the questions"
    assert seen.violations == []
    assert (seen.added, seen.drawable) == (ROWS, ROWS)
