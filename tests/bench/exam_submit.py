"""Handing in: the POST whose reply comes when the attempt is closed, graded and reported, all in one transaction.

`value` is how many are handed in and graded in a second on the one core of the web process, sixteen at once;
`baseline` parses the same JSON with Flask and answers as much. `p50_ms` and the others are what a candidate waits when
all hand in within one second. `grading_ms` is the pure part in this process: stored key and answers to a result.

Every score is added up once more from the stored key and what was answered, by other means than the site's.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import text

from lms.exam.policy.attempts import grade_answers, read_choice
from question_bank.paper_json import key_from_json, questions_from_json
from tests.bench.browsers import Act, Browser, Course, expect, in_turn, spread
from tests.bench.candidates import QUESTIONS, Candidate, Hall
from tests.bench.cores import Cores, machine_words
from tests.bench.rig import fresh_house
from tests.bench.trio import Trio, trio
from tests.bench.wakes import with_redis
from tests.bench.wrk import CONNECTIONS

CANDIDATES = 500
IN_A_ROUND = 40
NEEDED_HEADROOM = 2.0
MOODLE_HAND_INS = 20.0
"""Attempts that Moodle closes and grades in a second on a core of this kind of machine."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    candidates: int = CANDIDATES
    rounds: int = 5
    in_a_round: int = IN_A_ROUND


def measure(database: str, size: Size) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(with_redis(closing.enter_context(fresh_house(database))))
        servers = closing.enter_context(trio(house, cores))
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
        self._errors = 0

    async def run(self) -> dict[str, Any]:
        size = self._size
        rounds = [self._ready(size.in_a_round) for _ in range(size.rounds + 1)]
        burst = self._ready(size.candidates)
        grading_ms = _grade_here(self._hall, burst)
        null_rate = (await self._plainly(self._servers.null)).rate
        await self._plainly(self._servers.plain)
        await self._handed_in(rounds.pop(), lambda acts: in_turn(acts, CONNECTIONS))
        print("  round  hand-ins/s  p50 ms  p95 ms  p99 ms  server ms  baseline/s   ratio")
        taken = [await self._round(number, some) for number, some in enumerate(rounds, 1)]
        rate, plain_rate = median(one[0] for one in taken), median(one[1] for one in taken)
        headroom = null_rate / plain_rate
        verdict = (
            "enough" if headroom >= NEEDED_HEADROOM else "TOO LITTLE: the baseline is held back by the client"
        )
        print(f"  the browsers on a null route: {null_rate:,.0f}/s = {headroom:.1f} x baseline, {verdict}")
        at_once, _ = await self._handed_in(burst, lambda acts: spread(acts, 1.0))
        print(
            f"  {len(burst)} in one second: p50 {at_once.percentile(50):,.0f}, p95 {at_once.percentile(95):,.0f},"
            f" p99 {at_once.percentile(99):,.0f} ms; all graded after {at_once.seconds:.2f} s"
        )
        print(f"  grading alone {grading_ms:.2f} ms; {rate / MOODLE_HAND_INS:.1f} x Moodle's on a core")
        print(f"  errors: {self._errors}")
        return {
            "bench": "submit", "database": self._database, "value": round(rate, 1), "baseline": round(plain_rate, 1),
            "ratio": round(median(one[0] / one[1] for one in taken), 3),
            "p50_ms": round(at_once.percentile(50), 1), "p95_ms": round(at_once.percentile(95), 1),
            "p99_ms": round(at_once.percentile(99), 1), "server_ms": round(median(one[2] for one in taken), 2),
            "candidates": size.candidates, "questions": QUESTIONS, "burst_all_s": round(at_once.seconds, 2),
            "grading_ms": round(grading_ms, 3), "errors": self._errors,
        }  # fmt: skip

    def _ready(self, count: int) -> list[Candidate]:
        """Return so many candidates who have answered everything."""
        some = self._hall.take(count)
        self._hall.draw_papers(some)
        self._hall.sit_down(some)
        self._hall.answer_all(some)
        return some

    async def _round(self, number: int, some: Sequence[Candidate]) -> tuple[float, float, float]:
        plain = await self._plainly(self._servers.plain) if number % 2 else None
        course, server_ms = await self._handed_in(some, lambda acts: in_turn(acts, CONNECTIONS))
        plain = plain or await self._plainly(self._servers.plain)
        print(
            f"  {number:5} {course.rate:11.1f} {course.percentile(50):7.1f} {course.percentile(95):7.1f}"
            f" {course.percentile(99):7.1f} {server_ms:10.2f} {plain.rate:11.0f} {course.rate / plain.rate:7.3f}",
            flush=True,
        )
        return course.rate, plain.rate, server_ms

    async def _handed_in(
        self, some: Sequence[Candidate], how: Callable[[list[Act]], Any]
    ) -> tuple[Course, float]:
        """Let candidates hand in; return how it went and the server's time of each. Scores are looked at after."""
        site = self._servers.site
        with self._servers.only(site):
            before = site.cpu_seconds()
            course: Course = await how([one.hand_in for one in some])
            used = site.cpu_seconds() - before
        wrong = len(course.complaints) + _wrongly_graded(self._hall, some)
        self._errors += wrong
        if wrong:
            print(f"  {wrong} errors; {next(iter(course.complaints), 'scores are not what was answered')}")
        for one in some:
            one.browser.close()
        return course, 1000 * used / len(some)

    async def _plainly(self, server: Any) -> Course:
        browsers = [Browser(server.port) for _ in range(CONNECTIONS)]

        async def act() -> float:
            browser = browsers.pop()
            try:
                return expect(await browser.json("/submit", {"lease": "x" * 120}), 200).ms
            finally:
                browsers.append(browser)

        with self._servers.only(server):
            course = await in_turn([act] * 10 * self._size.in_a_round, CONNECTIONS)
        self._errors += len(course.complaints)
        for browser in browsers:
            browser.close()
        return course


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
            key_from_json(json.loads(key)), questions_from_json(json.loads(public)), named, chosen, pass_mark
        )
        taken.append((time.perf_counter() - began) * 1000)
        assert result.score == wanted[attempt_id]
    return median(taken)
