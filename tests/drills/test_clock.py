"""The short form of `script/drill clock`, on both databases."""

import pytest

from tests.bench.rig import DATABASES
from tests.drills.clock import ALLOWED_MS, BARS, clock, failed

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("database", DATABASES)
def test_nobodys_clock_but_the_databases_counts(database: str) -> None:
    said: list[str] = []
    result = clock(database, starts=4, judged=1, exam_seconds=1, settling_seconds=0, tell=said.append)
    assert not failed(result), "\n".join([*said, str(result)])
    assert result["acknowledged"]
    if database == "postgresql":
        assert result["hosts_wrong_s"] == [600.0, -600.0]
        assert result["starts"] == 2 * (4 + 1)


def test_the_drill_fails_on_a_moved_moment_and_on_hosts_that_are_apart() -> None:
    kept = dict.fromkeys(BARS, 0) | dict.fromkeys(
        ("deadline_drift_ms", "told_drift_ms", "judged_drift_ms", "closed_late_ms"), 0
    )
    assert not failed(kept | {"judged_drift_ms": ALLOWED_MS})
    assert failed(kept | {"deadline_drift_ms": ALLOWED_MS + 1})
    assert failed(kept | {"moved": 1})
