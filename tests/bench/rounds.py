"""Taking turns: value and baseline in interleaved rounds, the table, and the one line of JSON."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

from tests.bench.cores import Cores, machine_words
from tests.bench.rig import House, fresh_house
from tests.bench.wrk import CONNECTIONS, Load, Seat, drive

ROUNDS = 5
WARM_SECONDS = 1.0
NULL_SECONDS = 1.0
SETTLE_SECONDS = 0.3
NEEDED_HEADROOM = 2.0


Ask = Callable[[str, Sequence[Seat]], Load]
"""Asks a page of the site over one connection, one request after the other: what it costs warm, without any queue."""


class Subject(Protocol):
    """What is measured: a route of the site, with the people who ask it."""

    script: str
    """Name of the wrk script, and of the baseline's route."""
    path: str

    def seats(self) -> Sequence[Seat]:
        """Return fresh seats for one run of the load generator."""

    def lost(self, load: Load) -> int:
        """Count the acknowledgements of a run that the database does not bear out."""

    def notes(self, ask: "Ask") -> dict[str, Any]:
        """Return further figures for the table and the JSON line; `ask` measures another page, unhurried."""


@dataclass(frozen=True)
class Round:
    """One turn of both."""

    value: Load
    baseline: Load

    @property
    def ratio(self) -> float:
        """The site's rate as a share of the baseline's."""
        return self.value.rate / self.baseline.rate


def measure(
    name: str,
    database: str,
    make: Callable[[House], Subject],
    *,
    seconds: float,
    rounds: int,
    keys: Sequence[str],
) -> dict[str, Any]:
    """Run a bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(fresh_house(database))
        subject = make(house)
        servers = {
            app: house.web(app, cores.serving)
            for app in ("tests.bench.baseline:null", "tests.bench.baseline:app", "wsgi:app")
        }
        null, plain, site = servers.values()
        for server in servers.values():
            closing.callback(server.stop)
            server.start()
            server.wait_until_ready()
            server.rest()
        print(f"{name} on {database}: {subject.path}; {cores.words}")
        print(f"  {machine_words(house.folder)}")
        errors = 0

        def turn(
            server: Any,
            path: str,
            length: float,
            seats: Sequence[Seat] | None = None,
            connections: int = CONNECTIONS,
        ) -> Load:
            nonlocal errors
            given = seats is not None
            seats = subject.seats() if seats is None else seats
            server.wake()
            try:
                load = drive(server.url + path, subject.script, seats, length, house.folder, connections)
            finally:
                # What was under way when the clients left is finished first: a server that is stopped in the middle
                # of a transaction would hold the database's lock.
                time.sleep(SETTLE_SECONDS)
                server.rest()
            wrong = load.bad + load.broken + (subject.lost(load) if server is site and not given else 0)
            errors += wrong
            if wrong:
                print(f"  {wrong} errors at {path}; {load.complaint}")
            return load

        bare = turn(null, f"/{subject.script}", NULL_SECONDS)
        turn(plain, f"/{subject.script}", WARM_SECONDS)
        turn(site, subject.path, WARM_SECONDS)
        print("  round   value/s  p50 ms  p95 ms  p99 ms  max ms  baseline/s  p50 ms  p99 ms   ratio")
        taken = []
        for number in range(1, rounds + 1):
            # Who goes first changes from round to round, so that neither always meets the warmer machine.
            order = (plain, site) if number % 2 else (site, plain)
            loads = {
                server: turn(server, subject.path if server is site else f"/{subject.script}", seconds)
                for server in order
            }
            taken.append(Round(loads[site], loads[plain]))
            _print_round(number, taken[-1])
        result = _result(name, database, taken, errors)
        headroom = bare.rate / result["baseline"]
        verdict = (
            "enough" if headroom >= NEEDED_HEADROOM else "TOO LITTLE: the baseline is held back by the client"
        )
        print(
            f"  wrk on a null route of the same server: {bare.rate:,.0f}/s = {headroom:.1f} x baseline, {verdict}"
        )

        def ask(path: str, seats: Sequence[Seat]) -> Load:
            # As above, the first second is not counted: the disk is read then, and templates are compiled.
            turn(site, path, WARM_SECONDS, seats, 1)
            return turn(site, path, seconds, seats, 1)

        notes = subject.notes(ask)
        for key, text in notes.items():
            print(f"  {key}: {text}")
        print(
            f"  acknowledged and found in the database: {sum(r.value.good for r in taken):,}; errors: {errors}"
        )
        return {key: result[key] for key in keys} | {"errors": errors} | notes


def _print_round(number: int, one: Round) -> None:
    value, base = one.value, one.baseline
    print(
        f"  {number:5} {value.rate:9,.0f} {value.p50_ms:7.2f} {value.p95_ms:7.2f} {value.p99_ms:7.2f}"
        f" {value.max_ms:7.1f} {base.rate:11,.0f} {base.p50_ms:7.2f} {base.p99_ms:7.2f} {one.ratio:7.3f}",
        flush=True,
    )


def _result(name: str, database: str, rounds: Sequence[Round], errors: int) -> dict[str, Any]:
    return {
        "bench": name,
        "database": database,
        "value": round(median(one.value.rate for one in rounds), 1),
        "baseline": round(median(one.baseline.rate for one in rounds), 1),
        "ratio": round(median(one.ratio for one in rounds), 3),
        "p50_ms": round(median(one.value.p50_ms for one in rounds), 2),
        "p95_ms": round(median(one.value.p95_ms for one in rounds), 2),
        "p99_ms": round(median(one.value.p99_ms for one in rounds), 2),
        "errors": errors,
    }


def say(result: dict[str, Any]) -> None:
    """Print the one line that machines read."""
    print(json.dumps(result, ensure_ascii=False), flush=True)
