"""A duel: what candidates do at the site, round by round beside the same over a route that does nothing else.

Both have one core to themselves in turn, and sixteen browsers at once. The site's rounds take candidates who have not
been used before, since nobody starts or hands in twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.browsers import Act, Browser, Course, in_turn
from tests.bench.candidates import Candidate
from tests.bench.trio import Trio
from tests.bench.wrk import CONNECTIONS
from tests.support.web import WebProcess

NEEDED_HEADROOM = 2.0


@dataclass(frozen=True)
class Figures:
    """What the rounds came to: the medians of acts per second, of their ratio, and of the server's time for each."""

    rate: float
    plain_rate: float
    ratio: float
    server_ms: float


@dataclass
class Duel:
    """One thing that candidates do, and the plain route beside it."""

    servers: Trio
    act: Callable[[Candidate], Act]
    """What a candidate does at the site."""
    plain_act: Callable[[Browser, bool], Awaitable[float]]
    """The same of a browser at the plain route, or (True) at the one that says nothing; returns milliseconds."""
    plain_acts: int
    """How many in a round of the plain route."""
    wrong: Callable[[Sequence[Candidate]], int]
    """Counts what the site did wrong for those who had their turn."""
    errors: int = field(default=0, init=False)

    async def rounds(self, unit: str, crowds: Sequence[Sequence[Candidate]]) -> Figures:
        """Run a round with each crowd, the first one only to warm up, and print a line for each."""
        null_rate = (await self._plainly(self.servers.null)).rate
        await self._plainly(self.servers.plain)
        await self.course(crowds[0], lambda acts: in_turn(acts, CONNECTIONS))
        print(f"  round  {unit:>10}/s  p50 ms  p95 ms  p99 ms  server ms  baseline/s   ratio")
        taken = [await self._round(number, some) for number, some in enumerate(crowds[1:], 1)]
        plain_rate = median(plain for _rate, plain, _ms in taken)
        headroom = null_rate / plain_rate
        verdict = (
            "enough" if headroom >= NEEDED_HEADROOM else "TOO LITTLE: the baseline is held back by the client"
        )
        print(f"  the browsers on a null route: {null_rate:,.0f}/s = {headroom:.1f} x baseline, {verdict}")
        return Figures(
            median(rate for rate, _plain, _ms in taken),
            plain_rate,
            median(rate / plain for rate, plain, _ms in taken),
            median(ms for _rate, _plain, ms in taken),
        )

    async def course(
        self, some: Sequence[Candidate], how: Callable[[list[Act]], Awaitable[Course]]
    ) -> tuple[Course, float]:
        """Let candidates act at the site, and look at what became of it.

        Returns how it went and the milliseconds that the server's processor spent on each. The looking is not timed.
        """
        site = self.servers.site
        with self.servers.only(site):
            before = site.cpu_seconds()
            course = await how([self.act(one) for one in some])
            used = site.cpu_seconds() - before
        wrong = len(course.complaints) + self.wrong(some)
        self.errors += wrong
        if wrong:
            print(f"  {wrong} errors; {next(iter(course.complaints), 'what is stored is not what was done')}")
        for one in some:
            one.browser.close()
        return course, 1000 * used / len(some)

    async def _round(self, number: int, some: Sequence[Candidate]) -> tuple[float, float, float]:
        # Who goes first changes from round to round, so that neither always meets the warmer machine.
        plain = await self._plainly(self.servers.plain) if number % 2 else None
        course, server_ms = await self.course(some, lambda acts: in_turn(acts, CONNECTIONS))
        plain = plain or await self._plainly(self.servers.plain)
        print(
            f"  {number:5} {course.rate:12.1f} {course.percentile(50):7.1f} {course.percentile(95):7.1f}"
            f" {course.percentile(99):7.1f} {server_ms:10.2f} {plain.rate:11.0f} {course.rate / plain.rate:7.3f}",
            flush=True,
        )
        return course.rate, plain.rate, server_ms

    async def _plainly(self, server: WebProcess) -> Course:
        browsers = [Browser(server.port) for _ in range(CONNECTIONS)]
        is_null = server is self.servers.null

        async def act() -> float:
            browser = browsers.pop()
            try:
                return await self.plain_act(browser, is_null)
            finally:
                browsers.append(browser)

        with self.servers.only(server):
            course = await in_turn([act] * self.plain_acts, CONNECTIONS)
        self.errors += len(course.complaints)
        for browser in browsers:
            browser.close()
        return course


def say_course(what: str, course: Course, end: str) -> None:
    """Print how long a crowd waited; `end` names what came last."""
    print(
        f"  {what}: p50 {course.percentile(50):,.0f}, p95 {course.percentile(95):,.0f},"
        f" p99 {course.percentile(99):,.0f} ms; {end} after {course.seconds:.2f} s",
        flush=True,
    )
