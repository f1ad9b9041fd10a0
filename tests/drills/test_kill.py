"""The short form of `script/drill kill`, on both databases."""

import pytest

from tests.bench.rig import DATABASES
from tests.drills.kill import failed, kill, missing

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow]


@pytest.mark.parametrize("database", DATABASES)
def test_what_was_acknowledged_survives_a_kill_at_any_moment(database: str) -> None:
    said: list[str] = []
    result = kill(database, runs=3, tell=said.append)
    assert not failed(result), "\n".join(said)
    assert result["acknowledged"] > 100


def test_the_ledger_notices_a_lost_a_changed_and_an_invented_row() -> None:
    acknowledged = {1: "a", 2: "b"}
    assert missing(acknowledged, {1: "a", 2: "b", 3: "c"}) == 0
    assert missing(acknowledged, {1: "a"}) == 1
    assert missing(acknowledged, {1: "a", 2: "other"}) == 1
    assert missing({1: "a", 2: "b", 3: "c"}, acknowledged) == 1
