"""A room of open exam pages: what a saved answer waits while hundreds of pages ask how things stand.

Every page does what its scripts do: a visit at once and then every three seconds and a bit, the clock once a minute.
Some of the candidates answer besides, one question a second. `value` is the p99 of a saved answer then, in
milliseconds; `baseline` is the same savers with every page silent. Then the same room once more while others sign in,
at the pace of as many as there are pages in a minute (`sign_in_…`, `beside_p99_ms`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import text

from tests.bench.browsers import Complaint, percentile
from tests.bench.candidates import QUESTIONS, Candidate, Hall
from tests.bench.cores import Cores, machine_words
from tests.bench.rig import fresh_house
from tests.support.web import WebProcess

PAGES = 500
SAVERS = 100
SECONDS = 10.0
# As js/exam/watch.js and js/exam/clock.js say.
ASK_SECONDS = 3.0
JITTER_SECONDS = 0.7
CLOCK_SECONDS = 60.0
SAVE_SECONDS = 1.0
A_MINUTE = 60.0


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    pages: int = PAGES
    savers: int = SAVERS
    seconds: float = SECONDS


@dataclass
class _Heard:
    """How long replies took, by what was asked, and what went wrong."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    cpu_share: float = 0.0

    async def ask(self, what: str, act: Callable[[], Awaitable[float]]) -> None:
        try:
            self.waits.setdefault(what, []).append(await act())
        except (Complaint, OSError, TimeoutError) as error:
            self.complaints.append(f"{what}: {error or type(error).__name__}")

    def p(self, what: str, percent: int) -> float:
        return round(percentile(self.waits.get(what, []), percent), 1)


def measure(database: str, size: Size) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(fresh_house(database))
        site = house.web("wsgi:app", cores.serving)
        closing.callback(site.stop)
        site.start()
        site.wait_until_ready()
        print(
            f"exam-room on {database}: {size.pages} pages of {QUESTIONS} questions, {size.savers} of them answer;"
            f" {cores.words.replace('wrk', 'browsers')}"
        )
        print(f"  {machine_words(house.folder)}")
        guests = max(2, round(size.pages * size.seconds / A_MINUTE))
        hall = Hall(house, site.port, size.pages + guests)
        sitting, coming = hall.take(size.pages), hall.strangers(hall.take(guests))
        hall.draw_papers(sitting)
        hall.sit_down(sitting)
        return asyncio.run(_run(database, size, site, hall, sitting, coming))


async def _run(
    database: str,
    size: Size,
    site: WebProcess,
    hall: Hall,
    sitting: Sequence[Candidate],
    coming: Sequence[Candidate],
) -> dict[str, Any]:
    savers = sitting[: size.savers]
    silent = await _for_a_while(site, size.seconds, [_saves(one) for one in savers])
    everybody = [_saves(one) for one in savers] + [_stays(one) for one in sitting]
    room = await _for_a_while(site, size.seconds, everybody)
    arrivals = [_comes(one, number * size.seconds / len(coming)) for number, one in enumerate(coming)]
    beside = await _for_a_while(site, size.seconds, everybody + arrivals)
    for name, heard in (("silent pages", silent), ("open pages", room), ("while others sign in", beside)):
        print(
            f"  {name:20}: saves p50 {heard.p('save', 50):5.1f} p99 {heard.p('save', 99):6.1f} ms,"
            f" visits p99 {heard.p('visit', 99):6.1f} ms, clock p99 {heard.p('clock', 99):6.1f} ms,"
            f" sign-in p95 {heard.p('sign-in', 95):6.1f} ms; a core is busy to {100 * heard.cpu_share:.0f} %",
            flush=True,
        )
    complaints = [*silent.complaints, *room.complaints, *beside.complaints]
    errors = len(complaints) + _lost(hall, savers)
    print(f"  errors: {errors}; {next(iter(complaints), 'every acknowledged answer is in the database')}")
    for one in (*sitting, *coming):
        one.browser.close()
    return {
        "bench": "exam-room", "database": database, "value": room.p("save", 99), "baseline": silent.p("save", 99),
        "ratio": round(room.p("save", 99) / max(0.1, silent.p("save", 99)), 2), "p50_ms": room.p("save", 50),
        "p95_ms": room.p("save", 95), "p99_ms": room.p("save", 99), "visit_p99_ms": room.p("visit", 99),
        "visits_per_s": round(len(room.waits["visit"]) / size.seconds, 1),
        "saves_per_s": round(len(room.waits["save"]) / size.seconds, 1), "cpu_share": round(room.cpu_share, 3),
        "sign_ins": len(beside.waits.get("sign-in", [])), "sign_in_p95_ms": beside.p("sign-in", 95),
        "beside_p99_ms": beside.p("save", 99), "beside_cpu_share": round(beside.cpu_share, 3),
        "pages": size.pages, "savers": size.savers, "errors": errors,
    }  # fmt: skip


Life = Callable[[_Heard, float], Awaitable[None]]
"""What somebody does until a moment."""


async def _for_a_while(site: WebProcess, seconds: float, lives: Sequence[Life]) -> _Heard:
    heard = _Heard()
    before, until = site.cpu_seconds(), perf_counter() + seconds
    await asyncio.gather(*(live(heard, until) for live in lives))
    heard.cpu_share = (site.cpu_seconds() - before) / seconds
    return heard


def _saves(candidate: Candidate) -> Life:
    """Answer one question a second, one after the other, on a line of its own as a browser opens it."""

    async def live(heard: _Heard, until: float) -> None:
        await asyncio.sleep(random.uniform(0, SAVE_SECONDS))
        own = list(candidate.choices.items())
        turn = random.randrange(len(own))
        while perf_counter() < until:
            position, options = own[turn % len(own)]
            turn += 1
            await heard.ask("save", partial(candidate.save, position, [random.choice(options)]))
            await asyncio.sleep(SAVE_SECONDS * random.uniform(0.9, 1.1))

    return live


def _stays(candidate: Candidate) -> Life:
    """Have the page open: visits, and the clock."""

    async def live(heard: _Heard, until: float) -> None:
        await asyncio.sleep(random.uniform(0, ASK_SECONDS))
        clock_at = perf_counter() + random.uniform(0, CLOCK_SECONDS)
        while perf_counter() < until:
            await heard.ask("visit", candidate.visit)
            if perf_counter() >= clock_at:
                clock_at += CLOCK_SECONDS
                await heard.ask("clock", candidate.ask_clock)
            await asyncio.sleep(ASK_SECONDS + random.uniform(0, JITTER_SECONDS))

    return live


def _comes(candidate: Candidate, after: float) -> Life:
    """Sign in once."""

    async def live(heard: _Heard, _until: float) -> None:
        await asyncio.sleep(after)
        await heard.ask("sign-in", candidate.sign_in)

    return live


def _lost(hall: Hall, savers: Sequence[Candidate]) -> int:
    """Count acknowledged answers that are not stored as they were sent."""
    with hall.runtime.read() as uow:
        rows = uow.session.execute(
            text("SELECT attempt_id, position, revision, choice FROM answer_revision")
        ).all()
    stored = {(attempt_id, position, revision): choice for attempt_id, position, revision, choice in rows}
    return sum(
        stored.get((one.attempt_id, position, revision)) != choice
        for one in savers
        for (position, revision), choice in one.acknowledged.items()
    )
