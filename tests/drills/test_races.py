"""The short form of `script/drill races`: on PostgreSQL, where two processes write at once; thoroughly on both."""

import pytest

from tests.drills.line import Reply
from tests.drills.races import BARS, Seen, failed, races
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("database", on("postgresql"))
def test_at_one_moment_over_two_processes_there_is_one_attempt_and_one_grading(database: str) -> None:
    said: list[str] = []
    result = races(database, rounds=2, persons=2, starts=20, submits=10, interleavings=24, tell=said.append)
    assert not failed(result), "\n".join([*said, str(result)])
    assert result["attempts"] == 2 * 2 + 24
    assert result["corrections"] == 2
    assert result["saves"] > 24


def test_the_drill_fails_on_each_of_its_bars() -> None:
    kept = dict.fromkeys(BARS, 0)
    assert not failed(kept)
    assert all(failed(kept | {name: 1}) for name in BARS)


def test_busy_is_no_error_and_whatever_else_is_ours_is_one() -> None:
    seen = Seen()
    assert [seen.reply(one) for one in (Reply(503, ""), Reply(500, ""), None)] == [False] * 3
    assert seen.reply(Reply(409, {"code": "attempt_closed"}))
    assert (seen.busy, seen.wrong["errors"]) == (1, 2)
