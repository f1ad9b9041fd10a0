"""The short form of `script/drill races`, on both databases."""

import pytest

from tests.bench.rig import DATABASES
from tests.drills.races import failed, races

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("database", DATABASES)
def test_at_one_moment_over_two_processes_there_is_one_attempt_and_one_grading(database: str) -> None:
    said: list[str] = []
    result = races(database, rounds=2, persons=2, starts=20, submits=10, interleavings=24, tell=said.append)
    assert not failed(result), "\n".join([*said, str(result)])
    assert result["attempts"] == 2 * 2 + 24
    assert result["corrections"] == 2
    assert result["saves"] > 24
