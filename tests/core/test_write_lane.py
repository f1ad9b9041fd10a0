"""The lane of SQLite's writers: threads of a process, and processes of a host, come in turn."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lms.core import write_lane
from lms.core.errors import Busy
from lms.core.settings import ROOT
from lms.core.write_lane import WriteLane

NOBODY = 65534
_GREEDY = """
import sys, threading, time
from pathlib import Path
from lms.core.write_lane import WriteLane

lane, turns = WriteLane(Path(sys.argv[1])), 0

def write():
    global turns
    while True:
        with lane.turn():
            turns += 1
            time.sleep(0.002)

for _ in range(3):
    threading.Thread(target=write, daemon=True).start()
print("ready", flush=True)
for _ in sys.stdin:
    print(turns, flush=True)
"""
"""Three threads that write without a pause and hand the lane on among themselves; says how many turns they had."""
_HOLDING = """
import sys
from pathlib import Path
from lms.core.write_lane import WriteLane

with WriteLane(Path(sys.argv[1])).turn():
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lms.db-lane"


@contextmanager
def another_process(code: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def asked(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def test_the_threads_of_another_process_do_not_hand_the_lane_on_past_this_one(file: Path) -> None:
    lane = WriteLane(file)
    passed = []
    with another_process(_GREEDY, file) as greedy:
        for _ in range(100):
            before = asked(greedy)
            with lane.turn():
                passed.append(asked(greedy) - before)
    # The one who writes, and the one who was next already; twice this process may have slept instead of asking.
    assert sorted(passed)[-3] <= 2


def test_what_a_killed_process_held_is_given_back(file: Path) -> None:
    with another_process(_HOLDING, file) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        with WriteLane(file).turn():
            pass


def test_a_process_that_hangs_means_busy_and_keeps_nobody_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lane, "LANE_TIMEOUT_SECONDS", 0.2)
    lane = WriteLane(file)
    with another_process(_HOLDING, file) as holder:
        for _ in range(2):
            with pytest.raises(Busy), lane.turn():
                pass
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(10)
        with lane.turn():
            pass


def test_nobody_waits_for_one_who_gave_up_waiting(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = WriteLane(file)
    with another_process(_HOLDING, file) as holder:
        with monkeypatch.context() as hurried:
            hurried.setattr(write_lane, "LANE_TIMEOUT_SECONDS", 0.1)
            with pytest.raises(Busy), lane.turn():
                pass
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(10)
        with another_process(_HOLDING, file):
            pass


def test_without_its_file_a_lane_is_for_this_process_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lane = WriteLane(tmp_path / "missing" / "lms.db-lane")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with lane.turn():
                pass
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_closed_lane_opens_again(file: Path) -> None:
    lane = WriteLane(file)
    for _ in range(2):
        with lane.turn():
            pass
        lane.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others")
def test_a_command_run_by_root_leaves_the_lane_to_the_owner_of_the_folder(file: Path) -> None:
    os.chown(file.parent, NOBODY, NOBODY)
    with WriteLane(file).turn():
        assert (file.stat().st_uid, file.stat().st_gid) == (NOBODY, NOBODY)
