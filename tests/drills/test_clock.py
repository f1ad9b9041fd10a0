"""The short form of `script/drill clock`: on PostgreSQL, where hosts may differ; thoroughly on both."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lms.core.settings import ROOT
from tests.bench.rig import fresh_house
from tests.drills.clock import ALLOWED_MS, BARS, clock, failed
from tests.drills.wrong_host import WrongHost
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("database", on("postgresql"))
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


def test_the_other_host_is_told_a_wrong_time_and_another_one_once_it_is_set() -> None:
    """Were it not, the zeros of the drill would prove nothing."""
    look = (
        "import sys, time\n"
        "from tests.drills import wrong_clock\n"
        "from lms.core.clock import host_ms\n"
        "for _ in range(2):\n"
        "    print(round(host_ms() / 1000 - wrong_clock._right()), flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    with fresh_house("sqlite") as house:
        wrong = WrongHost(house.folder, 600)
        environment = {**os.environ, **house.environment, **wrong.host.environment, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [sys.executable, "-c", look], cwd=Path(ROOT), env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        ) as host:  # fmt: skip
            assert host.stdin is not None
            assert host.stdout is not None
            assert host.stdout.readline() == "600\n"
            wrong.set(-600)
            host.stdin.write("\n")
            host.stdin.flush()
            assert host.stdout.readline() == "-600\n"
            host.stdin.close()
