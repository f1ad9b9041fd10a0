"""Starting an exam: the button, and the page with all its questions, as a candidate's browser asks for them.

`value` is how many start in a second on the one core of the web process, sixteen at once, each the POST and the page
it leads to; `baseline` is a Flask form that leads to a page of as many questions, with no person, no database, nothing
drawn. `p50_ms` and the others are what a candidate waits when five hundred start within a minute. Then all press the
button in the same second: once with the papers drawn ahead as in life, once with none (`burst_…`, `undrawn_…`).

Everybody is signed in and has the waiting room's page open before. Each page is compared with the stored paper.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.browsers import Act, Browser, Course, expect, in_turn, spread
from tests.bench.candidates import QUESTIONS, Candidate, Hall, fill_waiting_room, incomplete, unlike_stored
from tests.bench.cores import Cores, machine_words
from tests.bench.rig import fresh_house
from tests.bench.trio import Trio, trio
from tests.bench.wakes import with_redis
from tests.bench.wrk import CONNECTIONS

CANDIDATES = 500
A_MINUTE = 60.0
SECONDS = 10.0
IN_A_ROUND = 40
NEEDED_HEADROOM = 2.0
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

    @property
    def calm(self) -> int:
        """How many start in that part of the minute."""
        return max(2, round(self.candidates * self.seconds / A_MINUTE))


def measure(database: str, size: Size) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(with_redis(closing.enter_context(fresh_house(database))))
        servers = closing.enter_context(trio(house, cores))
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
        self._errors = 0

    async def run(self) -> dict[str, Any]:
        size = self._size
        rounds = [await self._ready(size.in_a_round) for _ in range(size.rounds + 1)]
        calm, burst = await self._ready(size.calm), await self._ready(size.candidates)
        undrawn = await self._ready(size.candidates, drawn=False)
        null_rate = (await self._plainly(self._servers.null)).rate
        await self._plainly(self._servers.plain)
        await self._started(rounds.pop(), lambda acts: in_turn(acts, CONNECTIONS))
        print("  round  starts/s  p50 ms  p95 ms  p99 ms  server ms  baseline/s   ratio")
        taken = [await self._round(number, some) for number, some in enumerate(rounds, 1)]
        rate, plain_rate = median(one[0] for one in taken), median(one[1] for one in taken)
        headroom = null_rate / plain_rate
        verdict = (
            "enough" if headroom >= NEEDED_HEADROOM else "TOO LITTLE: the baseline is held back by the client"
        )
        print(f"  the browsers on a null route: {null_rate:,.0f}/s = {headroom:.1f} x baseline, {verdict}")
        slow, _ = await self._started(calm, lambda acts: spread(acts, size.seconds))
        _say(f"{len(calm)} at the pace of {size.candidates} a minute", slow)
        at_once, _ = await self._started(burst, lambda acts: spread(acts, 1.0))
        _say(f"{len(burst)} in one second", at_once)
        drawing, _ = await self._started(undrawn, lambda acts: spread(acts, 1.0))
        _say(f"{len(undrawn)} in one second, no paper drawn ahead", drawing)
        print(f"  {rate / MOODLE_STARTS:.1f} x Moodle's starts on a core; errors: {self._errors}")
        return {
            "bench": "exam-start", "database": self._database, "value": round(rate, 1),
            "baseline": round(plain_rate, 1), "ratio": round(median(one[0] / one[1] for one in taken), 3),
            "p50_ms": round(slow.percentile(50), 1), "p95_ms": round(slow.percentile(95), 1),
            "p99_ms": round(slow.percentile(99), 1), "server_ms": round(median(one[2] for one in taken), 2),
            "candidates": size.candidates, "questions": QUESTIONS,
            "burst_p50_ms": round(at_once.percentile(50)), "burst_p95_ms": round(at_once.percentile(95)),
            "burst_p99_ms": round(at_once.percentile(99)), "burst_all_s": round(at_once.seconds, 2),
            "undrawn_p95_ms": round(drawing.percentile(95)), "undrawn_all_s": round(drawing.seconds, 2),
            "errors": self._errors,
        }  # fmt: skip

    async def _ready(self, count: int, *, drawn: bool = True) -> list[Candidate]:
        """Return so many candidates in the waiting room, with their papers or without."""
        some = self._hall.take(count)
        if drawn:
            self._hall.draw_papers(some)
        with self._servers.only(self._servers.site):
            await fill_waiting_room(some)
        return some

    async def _round(self, number: int, some: Sequence[Candidate]) -> tuple[float, float, float]:
        # Who goes first changes from round to round, so that neither always meets the warmer machine.
        plain = await self._plainly(self._servers.plain) if number % 2 else None
        course, server_ms = await self._started(some, lambda acts: in_turn(acts, CONNECTIONS))
        plain = plain or await self._plainly(self._servers.plain)
        print(
            f"  {number:5} {course.rate:9.1f} {course.percentile(50):7.1f} {course.percentile(95):7.1f}"
            f" {course.percentile(99):7.1f} {server_ms:10.2f} {plain.rate:11.0f} {course.rate / plain.rate:7.3f}",
            flush=True,
        )
        return course.rate, plain.rate, server_ms

    async def _started(
        self, some: Sequence[Candidate], how: Callable[[list[Act]], Any]
    ) -> tuple[Course, float]:
        """Let candidates start, and look at what each was shown; return how it went and the server's time of each."""
        site = self._servers.site
        with self._servers.only(site):
            before = site.cpu_seconds()
            course: Course = await how([one.start for one in some])
            used = site.cpu_seconds() - before
        wrong = len(course.complaints) + incomplete(some) + unlike_stored(self._hall.runtime, some)
        self._errors += wrong
        if wrong:
            print(f"  {wrong} errors; {next(iter(course.complaints), 'pages are not what was drawn')}")
        for one in some:
            one.browser.close()
        return course, 1000 * used / len(some)

    async def _plainly(self, server: Any) -> Course:
        """Let as many ask the baseline for a form's answer and the page it leads to."""
        browsers = [Browser(server.port) for _ in range(CONNECTIONS)]
        is_null = server is self._servers.null

        async def act() -> float:
            browser = browsers.pop()
            try:
                sent = await browser.form("/exam-start", {"csrf_token": "x" * 90})
                reply = await browser.get("/" if is_null else expect(sent, 303).header("Location"))
            finally:
                browsers.append(browser)
            return sent.ms + expect(reply, 200).ms

        with self._servers.only(server):
            course = await in_turn([act] * 3 * self._size.in_a_round, CONNECTIONS)
        self._errors += len(course.complaints)
        for browser in browsers:
            browser.close()
        return course


def _say(what: str, course: Course) -> None:
    print(
        f"  {what}: p50 {course.percentile(50):,.0f}, p95 {course.percentile(95):,.0f},"
        f" p99 {course.percentile(99):,.0f} ms; the last page came after {course.seconds:.2f} s",
        flush=True,
    )
