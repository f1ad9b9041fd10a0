"""The supervisor with real processes: order, restarts, giving up, and no orphans."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lms.app.supervisor import site
from lms.app.supervisor.children import CannotRun, Child, Part
from tests.support.seals import seal_dir
from tests.support.web import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE_SECONDS = 60.0

pytestmark = pytest.mark.xdist_group("servers")


def eventually(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie is dead: whoever inherited it will reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Site:
    """One supervised site in a folder of its own."""

    def __init__(self, instance: Path, **environment: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.log = instance / "test.log"
        key = base64.b64encode(os.urandom(32)).decode()
        unwanted = ("REDIS_URL", "LMS_REDIS_URL", "LMS_DATABASE_URL")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in unwanted},
            "LMS_INSTANCE_DIR": str(instance),
            "LMS_SECRET_KEY": key,
            "LMS_FIELD_KEY": key,
            "LMS_INDEX_KEY": key,
            "LMS_SEAL_DIR": str(seal_dir()),
            "PYTHONPATH": str(HERE),
            **environment,
        }
        self.process = self.launch()

    def launch(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "lms.app.supervisor",
            "--port",
            str(self.port),
            "--app",
            "supervised_app:app",
        ]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def said(self) -> str:
        return self.log.read_text()

    def parts(self) -> dict[str, int]:
        parts: dict[str, int] = json.loads((self.instance / "supervisor.lock").read_text())["parts"]
        return parts

    def answering_pid(self) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return int(json.loads(connection.getresponse().read())["pid"])
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        eventually(lambda: "ready after" in self.said() or self.process.poll() is not None, "readiness")
        assert self.process.poll() is None, self.said()
        eventually(
            lambda: "worker is up" in self.said() and "scheduler is up" in self.said(), "worker and scheduler"
        )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def start_site(**environment: str) -> Site:
        # The path is as deep as pytest likes; the socket moves to /tmp by itself when it is too deep.
        sites.append(Site(tmp_path, **environment))
        return sites[-1]

    yield start_site
    for each in sites:
        if each.process.poll() is None:
            each.process.send_signal(signal.SIGTERM)
            each.process.wait(PATIENCE_SECONDS)


def test_ctrl_c_stops_web_then_work_then_redis_and_leaves_nothing(start: Callable[..., Site]) -> None:
    running = start()
    running.wait_until_ready()
    everyone = [*running.parts().values(), running.answering_pid() or 0]
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(PATIENCE_SECONDS) == 0
    said = running.said()
    places = [said.index(f"{name} stopped") for name in ("web", "worker", "scheduler", "redis")]
    assert places[0] < min(places[1:3])
    assert max(places[1:3]) < places[3]
    assert "worker says goodbye" in said
    assert [pid for pid in everyone if is_alive(pid)] == []


def test_a_killed_web_process_answers_again_within_a_second(start: Callable[..., Site]) -> None:
    running = start()
    running.wait_until_ready()
    for find_victim in (running.answering_pid, lambda: running.parts()["web"]):
        old = running.answering_pid()
        os.kill(find_victim() or 0, signal.SIGKILL)
        began = time.monotonic()
        eventually(lambda old=old: running.answering_pid() not in (None, old), "a new web process")
        assert time.monotonic() - began < 3.0  # the promise is one second on an idle machine
        eventually(lambda old=old: not is_alive(old or 0), "the end of the old web process")
    assert running.said().count("web ended") == 2


def test_a_part_that_keeps_dying_stops_the_site_with_its_last_words(start: Callable[..., Site]) -> None:
    running = start(LMS_TEST_BROKEN_WORKER="yes")
    assert running.process.wait(PATIENCE_SECONDS + 10) == 1
    said = running.said()
    assert "worker died 5 times within 30 s" in said
    assert "    Error: the worker's last words" in said
    assert "redis stopped" in said


def test_a_second_ctrl_c_does_not_wait_for_a_part_that_will_not_stop(start: Callable[..., Site]) -> None:
    running = start(LMS_TEST_STUBBORN="worker")
    running.wait_until_ready()
    running.process.send_signal(signal.SIGINT)
    eventually(lambda: "web stopped" in running.said(), "the end of the web process")
    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - began < site.WORK_GRACE_SECONDS / 2
    assert "worker did not stop and was killed" in running.said()
    assert "redis stopped" in running.said()


def test_the_same_folder_is_not_run_twice(start: Callable[..., Site]) -> None:
    running = start()
    running.wait_until_ready()
    second = start()
    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert (
        f"already running here: process {running.process.pid}, http://127.0.0.1:{running.port}"
        in second.said()
    )
    assert running.answering_pid() is not None


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_one_starts(start: Callable[..., Site]) -> None:
    running = start()
    running.wait_until_ready()
    everyone = [*running.parts().values(), running.answering_pid() or 0]
    running.process.kill()
    running.process.wait(PATIENCE_SECONDS)
    running.log.write_text("")
    running.process = running.launch()
    running.wait_until_ready()
    assert [pid for pid in everyone if is_alive(pid)] == []


def test_code_that_cannot_be_read_stops_the_start_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(site, "READ_BY_ALL", ("lms.no_such_module",))
    with pytest.raises(CannotRun, match=r"No module named 'lms\.no_such_module'"):
        site.read_the_code()
    assert "Traceback" in capsys.readouterr().err


def test_a_port_in_use_is_named_instead_of_trusting_a_stranger() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(CannotRun, match=f"port {port}"):
            site.refuse_taken_port("127.0.0.1", port)


def test_a_socket_path_that_is_too_long_moves_to_a_private_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 50) / ("b" * 50)
    moved = site.redis_socket(deep)
    assert len(str(moved)) < site.LONGEST_SOCKET_PATH
    assert moved.parent.stat().st_mode & 0o077 == 0
    moved.parent.rmdir()
    assert site.redis_socket(Path("/tmp/x")) == Path("/tmp/x/redis.sock")


@pytest.mark.parametrize("lock_descriptor", [0])
def test_back_off_doubles_and_a_worker_that_recycles_itself_is_no_casualty(lock_descriptor: int) -> None:
    child = Child(Part("worker", ("true",), 1, 1.0))
    child.start(100.0, lock_descriptor)
    assert child.bury() in {0, -signal.SIGKILL}
    child.output.close()
    assert [child.plan_restart(at, status=0) for at in (110.0, 111.0, 112.0, 113.0, 114.0, 115.0)] == [
        0.0
    ] * 6
    assert [child.plan_restart(at, status=1) for at in (120.0, 121.0, 122.0, 123.0)] == [0.0, 0.25, 0.5, 1.0]
    assert child.plan_restart(160.0, status=1) == 0.0
    for at in (161.0, 162.0, 163.0):
        child.plan_restart(at, status=1)
    with pytest.raises(CannotRun, match="died 5 times"):
        child.plan_restart(164.0, status=1)


def test_the_wheels_redis_takes_commands_and_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.shutil, "which", lambda _name: None)
    short = Path("/tmp") / f"lms-test-{os.getpid()}.sock"
    part = site.redis_part(tmp_path, short)
    assert "valkey" in part.command[0]
    for expected in (None, b"kept"):
        process = subprocess.Popen(part.command, stdout=subprocess.DEVNULL)
        try:
            eventually(lambda: site.answers_ping(f"unix://{short}"), "a ping")
            with site.redis.Redis.from_url(f"unix://{short}") as client:
                assert client.get("key") == expected
                client.set("key", "kept")
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    short.unlink(missing_ok=True)
