"""Starting an exam: the button, and the page with all its questions, as a candidate's browser asks for them.

`value` is how many start in a second on the one core of the web process, sixteen at once, each the POST and the page
it leads to; `baseline` is a Flask form that leads to a page of as many questions, with no person, no database, nothing
drawn. `p50_ms` and the others are what a candidate waits when five hundred start within a minute. Then all press the
button in the same second: once with the papers drawn ahead as in life, once with none (`burst_…`, `undrawn_…`).

Everybody is signed in and has the waiting room's page open before. Each page is compared with the stored paper.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tests.bench.browsers import Browser, expect, spread
from tests.bench.candidates import QUESTIONS, Candidate, Hall, fill_waiting_room, incomplete, unlike_stored
from tests.bench.cores import Cores, machine_words
from tests.bench.duel import Duel, say_course
from tests.bench.rig import fresh_house
from tests.bench.trio import Trio, trio
from tests.bench.wakes import with_redis

CANDIDATES = 500
A_MINUTE = 60.0
SECONDS = 10.0
IN_A_ROUND = 40
MOODLE_STARTS = 10.0
"""Attempts that Moodle starts in a second on a core of this kind of machine, its first page included."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    candidates: int = CANDIDATES
    seconds: float = SECONDS
    """How much of the minute is waited for, at its pace."""
    rounds: int = 5
    in_a_round: int = IN_A_ROUND
    processes: int = 1
    """How many web processes serve; several share all cores with the browsers."""

    @property
    def calm(self) -> int:
        """How many start in that part of the minute."""
        return max(2, round(self.candidates * self.seconds / A_MINUTE))


def measure(database: str, size: Size) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.for_processes(size.processes)
    with ExitStack() as closing:
        house = closing.enter_context(with_redis(closing.enter_context(fresh_house(database))))
        servers = closing.enter_context(trio(house, cores, size.processes))
        print(f"exam-start on {database}: {QUESTIONS} questions; {cores.words.replace('wrk', 'browsers')}")
        print(f"  {machine_words(house.folder)}")
        in_rounds = (size.rounds + 1) * size.in_a_round
        hall = Hall(house, servers.site.port, in_rounds + size.calm + 2 * size.candidates)
        return asyncio.run(_Bench(database, size, servers, hall).run())


class _Bench:
    def __init__(self, database: str, size: Size, servers: Trio, hall: Hall) -> None:
        self._database = database
        self._size = size
        self._servers = servers
        self._hall = hall

    async def run(self) -> dict[str, Any]:
        size = self._size
        rounds = [await self._ready(size.in_a_round) for _ in range(size.rounds + 1)]
        calm, burst = await self._ready(size.calm), await self._ready(size.candidates)
        undrawn = await self._ready(size.candidates, drawn=False)
        duel = Duel(self._servers, lambda one: one.start, _plain_start, 3 * size.in_a_round, self._wrong)
        figures = await duel.rounds("starts", rounds)
        slow, _ = await duel.course(calm, lambda acts: spread(acts, size.seconds))
        say_course(f"{len(calm)} at the pace of {size.candidates} a minute", slow, "the last page came")
        at_once, _ = await duel.course(burst, lambda acts: spread(acts, 1.0))
        say_course(f"{len(burst)} in one second", at_once, "the last page came")
        drawing, _ = await duel.course(undrawn, lambda acts: spread(acts, 1.0))
        say_course(f"{len(undrawn)} in one second, no paper drawn ahead", drawing, "the last page came")
        print(f"  {figures.rate / MOODLE_STARTS:.1f} x Moodle's starts on a core; errors: {duel.errors}")
        return {
            "bench": "exam-start", "database": self._database, "value": round(figures.rate, 1),
            "baseline": round(figures.plain_rate, 1), "ratio": round(figures.ratio, 3),
            "p50_ms": round(slow.percentile(50), 1), "p95_ms": round(slow.percentile(95), 1),
            "p99_ms": round(slow.percentile(99), 1), "server_ms": round(figures.server_ms, 2),
            "processes": size.processes, "candidates": size.candidates, "questions": QUESTIONS,
            "burst_p50_ms": round(at_once.percentile(50)), "burst_p95_ms": round(at_once.percentile(95)),
            "burst_p99_ms": round(at_once.percentile(99)), "burst_all_s": round(at_once.seconds, 2),
            "undrawn_p95_ms": round(drawing.percentile(95)), "undrawn_all_s": round(drawing.seconds, 2),
            "errors": duel.errors,
        }  # fmt: skip

    async def _ready(self, count: int, *, drawn: bool = True) -> list[Candidate]:
        """Return so many candidates in the waiting room, with their papers or without."""
        some = self._hall.take(count)
        if drawn:
            self._hall.draw_papers(some)
        with self._servers.only(self._servers.site):
            await fill_waiting_room(some)
        return some

    def _wrong(self, some: Sequence[Candidate]) -> int:
        return incomplete(some) + unlike_stored(self._hall.runtime, some)


async def _plain_start(browser: Browser, is_null: bool) -> float:
    """Send a form, and ask for the page that it leads to."""
    sent = await browser.form("/exam-start", {"csrf_token": "x" * 90})
    reply = await browser.get("/" if is_null else expect(sent, 303).header("Location"))
    return sent.ms + expect(reply, 200).ms
