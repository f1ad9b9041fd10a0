"""A forked part behaves as a fresh interpreter would; each test lets a process of its own fork one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lms.core.settings import ROOT

FORKER = """
import json, os, sys
from lms.app.supervisor.warm import WarmProcess, read_in

keep = os.open(os.devnull, os.O_RDONLY)
for _ in range(5):
    os.open(os.devnull, os.O_RDONLY)
read_in(sys.argv[4:])
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
print("not flushed yet", end="")
for _ in range(int(sys.argv[2])):
    one = WarmProcess(
        "forked_part", ["--loud"], environment={"COLOUR": "red"}, folder=sys.argv[3], output=log, keep=keep,
        first=lambda: None,
    )
    if os.environ.get("STOPPED"):
        one.terminate()
    print(json.dumps([one.wait(), one.poll(), keep]))
"""


def fork(
    tmp_path: Path, code: str, *, times: int = 1, read: str = "json", **environment: str
) -> tuple[list[list[int]], str, str]:
    """Run a module in forks; return what each ended with, what they said, and what their parent said besides."""
    (tmp_path / "forked_part.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-c", FORKER, str(tmp_path / "log"), str(times), str(tmp_path), read],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}", **environment},
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    before, _, results = done.stdout.partition("not flushed yet")
    return (
        [json.loads(line) for line in results.splitlines()],
        (tmp_path / "log").read_text(),
        before + done.stderr,
    )


def test_the_module_finds_its_arguments_its_folder_and_its_environment(tmp_path: Path) -> None:
    ended, said, beside = fork(
        tmp_path,
        "import os, sys\nassert __name__ == '__main__'\n"
        "print(sys.argv[1:], os.environ['COLOUR'], os.getcwd(), os.getsid(0) == os.getpid(), sys.stdin.read() == '')",
    )
    assert ended[0][:2] == [0, 0]
    assert said == f"['--loud'] red {tmp_path} True True\n"
    assert beside == "", "what the parent had not yet said is said by the parent alone"


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no such plan')", 1, "no such plan\n"),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 1, "KeyboardInterrupt"),
    ],
)
def test_it_ends_with_the_status_of_an_interpreter(
    tmp_path: Path, code: str, status: int, words: str
) -> None:
    ended, said, beside = fork(tmp_path, code)
    assert ended[0][:2] == [status, status]
    assert words in said
    assert beside == ""


def test_it_waits_for_its_threads_and_does_what_was_registered_for_the_end(tmp_path: Path) -> None:
    _, said, _ = fork(
        tmp_path,
        "import atexit, threading, time\natexit.register(print, 'registered')\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\nprint('module')",
    )
    assert said.split() == ["module", "thread", "registered"]


def test_a_pool_that_nobody_shut_down_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    ended, said, _ = fork(
        tmp_path,
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\npool.submit(print, 'done')",
    )
    assert ended[0][0] == 0
    assert said == "done\n"


def test_of_its_parents_files_only_the_one_that_is_kept_is_open(tmp_path: Path) -> None:
    ended, said, _ = fork(
        tmp_path,
        "import os\nprint(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')))",
    )
    assert json.loads(said) == [0, 1, 2, ended[0][2]]


def test_a_signal_that_comes_at_once_is_not_swallowed(tmp_path: Path) -> None:
    ended, _, _ = fork(tmp_path, "import time; time.sleep(30)", times=20, STOPPED="yes")
    assert [one[0] for one in ended] == [-15] * 20


def test_two_forks_name_their_requests_differently(tmp_path: Path) -> None:
    _, said, _ = fork(
        tmp_path, "from lms.app import hot_lane; print(hot_lane._NUMBERS.getrandbits(48))", times=3
    )
    assert len(set(said.split())) == 3
