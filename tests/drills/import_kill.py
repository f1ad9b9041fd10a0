"""The drill of an import: kill -9 of the worker at random moments while it brings the rows of a file in."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from lms.app.invariants import ALL_INVARIANTS
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.settings import ROOT
from lms.core.unit_of_work import Runtime
from lms.questions import jobs, queries, service
from lms.questions.policy import ImportState
from lms.questions.queries import BatchFacts
from question_bank.exporting.xlsx import write_items
from tests.bench.rig import House, fresh_house
from tests.factories.questions import single

ROWS = 6000
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.005
OPERATOR = Actor.system("drill")


@dataclass
class Outcome:
    """What was seen: rows visible after each kill, how far the file was then, and what it came to at last."""

    visible: list[int]
    done: list[int]
    violations: list[str]
    added: int = 0
    drawable: int = 0


def kill_import(database: str, kills: int = 3, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Confirm a file, kill its worker again and again at random places, let the last one finish."""
    with fresh_house(database) as house:
        runtime = house.runtime
        batch = _confirmed_file(runtime)
        seen = Outcome([], [], [])
        for number in range(1, kills + 1):
            _kill_at(house, batch, random.randint(ROWS * (number - 1) // kills, ROWS * number // kills - 500))
            with runtime.read() as uow:
                seen.visible.append(queries.item_count(uow))
                seen.done.append(queries.get_batch(uow, batch.id).done)
                seen.violations += invariants.check(uow, ALL_INVARIANTS)
            tell(f"  kill {number}: {seen.done[-1]:,} rows aside, {seen.visible[-1]:,} visible")
        subprocess.run(_command(batch), cwd=ROOT, env=house.environment, check=True, timeout=PATIENCE_SECONDS)
        with runtime.read() as uow:
            seen.added = queries.get_batch(uow, batch.id).added_count or 0
            seen.drawable = queries.item_count(uow)
            seen.violations += invariants.check(uow, ALL_INVARIANTS)
        return seen


def _confirmed_file(runtime: Runtime) -> BatchFacts:
    data = write_items([single(f"第 {number} 题（ ）？") for number in range(ROWS)])
    key = runtime.storage.put(data)
    with runtime.write() as uow:
        batch_id = service.upload(uow, OPERATOR, "演练.xlsx", key, len(data), service.ReadingChoices())
    jobs.check_import(runtime, batch_id=batch_id, turn=1)
    with runtime.write() as uow:
        service.confirm(uow, OPERATOR, batch_id)
    with runtime.read() as uow:
        batch = queries.get_batch(uow, batch_id)
    assert batch.state is ImportState.ACCEPTING
    return batch


def _kill_at(house: House, batch: BatchFacts, rows: int) -> None:
    """Start a worker and kill it as soon as so many rows are written aside."""
    worker = subprocess.Popen(_command(batch), cwd=ROOT, env=house.environment)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while True:
            with house.runtime.read() as uow:
                now = queries.get_batch(uow, batch.id)
            if now.state is not ImportState.ACCEPTING or now.done >= max(rows, 1):
                return
            assert worker.poll() is None, "the worker ended by itself"
            assert time.monotonic() < deadline, "the worker did not get on"
            time.sleep(POLL_SECONDS)
    finally:
        worker.kill()
        worker.wait()


def _command(batch: BatchFacts) -> list[str]:
    return [sys.executable, "-m", "tests.drills.import_worker", batch.id, str(batch.turn)]
