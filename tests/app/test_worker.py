"""A worker without Redis waits for it; one whose Redis goes away ends as if its work were done.

Either way the supervisor sees no death: five of them within half a minute would stop the site, exams and all.
"""

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from lms.app.supervisor.site import redis_socket
from lms.core import outbox
from lms.core.jobs import Waker
from tests.bench.rig import House, fresh_house
from tests.bench.wakes import with_redis
from tests.support.program import Program

pytestmark = pytest.mark.xdist_group("servers")
PATIENCE_SECONDS = 90.0
"""The library that waits for Redis asks again after a minute at the latest."""
LONGER_THAN_A_START = 6.0
OF_NO_EXAM = {"person_id": "nobody", "plan_id": "none", "kind": "study"}
"""A job that has nothing to do, and is done."""


@pytest.fixture
def house() -> Iterator[House]:
    with fresh_house("sqlite") as made:
        yield made


def eventually(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS} s"
        time.sleep(0.05)


def test_a_worker_waits_for_redis_and_outlives_it_or_ends_in_peace(house: House) -> None:
    url = f"unix://{redis_socket(house.folder)}"
    waker = Waker(url)
    command = (sys.executable, "-m", "flask", "--app", "wsgi:app", "lms", "worker")
    worker = Program(command, house.environment | {"LMS_REDIS_URL": url}, house.folder / "worker.log")

    def give_work(key: str) -> str:
        with house.runtime.write() as uow:
            job_id = outbox.put(uow.session, "exam.prepare_paper", key, OF_NO_EXAM, uow.now)
        assert job_id is not None
        assert waker.wake([job_id])
        return job_id

    def is_done(job_id: str) -> bool:
        if worker.has_ended:
            assert worker.status == 0, worker.last_lines()
            assert "Traceback" not in worker.last_lines()
            worker.start()  # as the supervisor does
        with house.runtime.read() as uow:
            return job_id not in outbox.unfinished(uow.session)

    worker.start()
    try:
        eventually(lambda: "Redis" in worker.last_lines(), "the worker says what it waits for")
        time.sleep(LONGER_THAN_A_START)
        assert not worker.has_ended, worker.last_lines()
        for number in range(2):
            with with_redis(house):
                first = give_work(f"work {number}")
                eventually(lambda job_id=first: is_done(job_id), "the worker works")
            time.sleep(LONGER_THAN_A_START)
    finally:
        worker.stop()
