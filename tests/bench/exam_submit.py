"""Handing in: the POST whose reply comes when the attempt is closed, graded and reported, all in one transaction.

`value` is how many are handed in and graded in a second on the one core of the web process, sixteen at once;
`baseline` parses the same JSON with Flask and answers as much. `p50_ms` and the others are what a candidate waits when
all hand in within one second. `grading_ms` is the pure part in this process: stored key and answers to a result.

Every score is added up once more from the stored key and what was answered, by other means than the site's.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import text

from lms.exam.policy.attempts import grade_answers, read_choice
from question_bank.paper_json import key_from_json, types_from_json
from tests.bench.browsers import Browser, expect, spread
from tests.bench.candidates import QUESTIONS, Candidate, Hall
from tests.bench.cores import Cores, machine_words
from tests.bench.duel import Duel, say_course
from tests.bench.rig import fresh_house
from tests.bench.trio import Trio, trio
from tests.bench.wakes import with_redis

CANDIDATES = 500
IN_A_ROUND = 40
MOODLE_HAND_INS = 20.0
"""Attempts that Moodle closes and grades in a second on a core of this kind of machine."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    candidates: int = CANDIDATES
    rounds: int = 5
    in_a_round: int = IN_A_ROUND
    processes: int = 1
    """How many web processes serve; several share all cores with the browsers."""


def measure(database: str, size: Size) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.for_processes(size.processes)
    with ExitStack() as closing:
        house = closing.enter_context(with_redis(closing.enter_context(fresh_house(database))))
        servers = closing.enter_context(trio(house, cores, size.processes))
        print(f"submit on {database}: {QUESTIONS} questions; {cores.words.replace('wrk', 'browsers')}")
        print(f"  {machine_words(house.folder)}")
        hall = Hall(house, servers.site.port, (size.rounds + 1) * size.in_a_round + size.candidates)
        return asyncio.run(_Bench(database, size, servers, hall).run())


class _Bench:
    def __init__(self, database: str, size: Size, servers: Trio, hall: Hall) -> None:
        self._database = database
        self._size = size
        self._servers = servers
        self._hall = hall

    async def run(self) -> dict[str, Any]:
        size = self._size
        rounds = [self._ready(size.in_a_round) for _ in range(size.rounds + 1)]
        burst = self._ready(size.candidates)
        grading_ms = _grade_here(self._hall, burst)
        duel = Duel(self._servers, lambda one: one.hand_in, _plain_hand_in, 10 * size.in_a_round, self._wrong)
        figures = await duel.rounds("hand-ins", rounds)
        at_once, _ = await duel.course(burst, lambda acts: spread(acts, 1.0))
        say_course(f"{len(burst)} in one second", at_once, "all were graded")
        print(
            f"  grading alone {grading_ms:.2f} ms; {figures.rate / MOODLE_HAND_INS:.1f} x Moodle's on a core"
        )
        print(f"  errors: {duel.errors}")
        return {
            "bench": "submit", "database": self._database, "value": round(figures.rate, 1),
            "baseline": round(figures.plain_rate, 1), "ratio": round(figures.ratio, 3),
            "p50_ms": round(at_once.percentile(50), 1), "p95_ms": round(at_once.percentile(95), 1),
            "p99_ms": round(at_once.percentile(99), 1), "server_ms": round(figures.server_ms, 2),
            "processes": size.processes,
            "candidates": size.candidates, "questions": QUESTIONS, "burst_all_s": round(at_once.seconds, 2),
            "grading_ms": round(grading_ms, 3), "errors": duel.errors,
        }  # fmt: skip

    def _ready(self, count: int) -> list[Candidate]:
        """Return so many candidates who have answered everything."""
        some = self._hall.take(count)
        self._hall.draw_papers(some)
        self._hall.sit_down(some)
        self._hall.answer_all(some)
        return some

    def _wrong(self, some: Sequence[Candidate]) -> int:
        return _wrongly_graded(self._hall, some)


async def _plain_hand_in(browser: Browser, _is_null: bool) -> float:
    """Send as much JSON, and get as much back."""
    return expect(await browser.json("/submit", {"lease": "x" * 120}), 200).ms


def _wrongly_graded(hall: Hall, some: Sequence[Candidate]) -> int:
    """Count those who are not graded, or not with the points of what they had answered rightly."""
    with hall.runtime.read() as uow:
        scores = {
            attempt_id: (state, score)
            for attempt_id, state, score in uow.session.execute(text("SELECT id, state, score FROM attempt"))
        }
    return sum(scores[one.attempt_id] != ("graded", one.due_points) for one in some)


def _grade_here(hall: Hall, some: Sequence[Candidate]) -> float:
    """Grade stored papers without storing the result; return the milliseconds of one."""
    with hall.runtime.read() as uow:
        stored = uow.session.execute(
            text(
                "SELECT a.id, a.pass_mark, p.key, p.public, p.areas FROM attempt a JOIN paper p ON p.id = a.paper_id"
            )
        ).all()
        saved: dict[str, dict[int, str]] = {}
        for attempt_id, position, choice in uow.session.execute(
            text("SELECT attempt_id, position, choice FROM answer_revision ORDER BY revision")
        ):
            saved.setdefault(attempt_id, {})[position] = choice
    wanted, taken = {one.attempt_id: one.due_points for one in some}, []
    for attempt_id, pass_mark, key, public, areas in stored:
        if attempt_id not in wanted:
            continue
        named = json.loads(areas) if isinstance(areas, str) else areas
        began = time.perf_counter()
        chosen = {position: read_choice(choice) for position, choice in saved[attempt_id].items()}
        result = grade_answers(
            key_from_json(json.loads(key)), types_from_json(json.loads(public)), named, chosen, pass_mark
        )
        taken.append((time.perf_counter() - began) * 1000)
        assert result.score == wanted[attempt_id]
    return median(taken)
