"""The drill of an import: kill -9 of the worker while it writes the rows of a file aside and while it shows them."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from lms.app.invariants import ALL_INVARIANTS
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.settings import ROOT
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.jobs import imports as jobs
from lms.questions.policy import STAGED_AT_ONCE, ImportState
from lms.questions.queries import BatchFacts
from question_bank.exporting.xlsx import write_items
from tests.bench.rig import House, fresh_house
from tests.factories.questions import single

STEPS = 4
ROWS = STEPS * STAGED_AT_ONCE
A_STEP = r"UPDATE import_batch SET done=\S+ WHERE"
"""Each step of writing rows aside begins with it; the progress of reading is told with the total beside it."""
THE_LAST_WORD = "INSERT INTO question_version "
"""The transaction that shows the questions writes their wordings last."""
PATIENCE_SECONDS = 60.0
OPERATOR = Actor.system("drill")


@dataclass
class Outcome:
    """What was seen: rows visible after each kill, how far the file was then, and what it came to at last."""

    visible: list[int]
    done: list[int]
    violations: list[str]
    added: int = 0
    drawable: int = 0


def kill_import(database: str, kills: int = 2, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Confirm a file, kill its worker at random places, the last time at the very end; let the next one finish."""
    with fresh_house(database) as house:
        runtime = house.runtime
        batch = _confirmed_file(runtime)
        seen = Outcome([], [], [])
        for number in range(1, kills + 1):
            if number < kills:
                # In a later step, after its first statement; each kill leaves the next one a step more to go.
                _die(house, batch, A_STEP, random.randint(2, STEPS - kills + 2) if number == 1 else 2)
            else:
                # All is written aside; the one transaction that shows the questions is not committed.
                _die(house, batch, THE_LAST_WORD, 1)
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


def _die(house: House, batch: BatchFacts, statement: str, times: int) -> None:
    """Run a worker that kills itself after it has said a statement so often."""
    command = [*_command(batch), statement, str(times)]
    worker = subprocess.run(command, cwd=ROOT, env=house.environment, check=False, timeout=PATIENCE_SECONDS)
    assert worker.returncode == -signal.SIGKILL, "the worker ended by itself"


def _command(batch: BatchFacts) -> list[str]:
    return [sys.executable, "-m", "tests.drills.import_worker", batch.id, str(batch.turn)]
