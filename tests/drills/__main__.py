"""`python -m tests.drills NAME`: see `script/drill --help`."""

import argparse
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.bench.rig import DATABASES
from tests.drills import clock, fraud, issue, kill, races
from tests.drills.parts import VICTIMS

Tell = Callable[[str], None]
Result = Mapping[str, Any]
RUNS = {
    "kill": kill.RUNS,
    "races": races.ROUNDS,
    "clock": clock.STARTS,
    "fraud": fraud.SEEDS,
    "issue": issue.KILLS,
}


def main() -> int:
    """Run one drill; the exit status is 1 when a promise was broken."""
    given = _given()
    tell = partial(print, flush=True)
    result, is_broken = DRILLS[given.name](given, tell)
    tell(json.dumps(result))
    return int(is_broken)


def _given() -> Namespace:
    parser = ArgumentParser(prog="script/drill")
    parser.add_argument("name", choices=list(DRILLS))
    parser.add_argument("--runs", type=_from_one, help="kills, rounds, starts or honest people")
    parser.add_argument(
        "--clients", type=_from_one, default=kill.CLIENTS, help="kill: how many candidates at once"
    )
    parser.add_argument(
        "--victims", type=_victims, default=VICTIMS, help="kill: which processes, with commas"
    )
    parser.add_argument(
        "--interleavings", type=_from_one, default=races.INTERLEAVINGS, help="races: how many"
    )
    parser.add_argument("--passes", type=_from_one, default=issue.PASSES, help="issue: how many certificates")
    parser.add_argument("--seconds", type=int, default=fraud.SECONDS, help="how long each attacker tries")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    if given.seconds < fraud.LEAST_SECONDS:
        parser.error(f"--seconds takes a number from {fraud.LEAST_SECONDS} up")
    given.runs = given.runs or RUNS[given.name]
    return given


def _from_one(typed: str) -> int:
    if (number := int(typed)) < 1:
        raise argparse.ArgumentTypeError("a number from 1 up")
    return number


def _victims(typed: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(typed.split(",")))
    if strange := set(named) - set(VICTIMS):
        raise argparse.ArgumentTypeError(
            f"no process is called {', '.join(sorted(strange))}: {', '.join(VICTIMS)}"
        )
    return named


def _kill(given: Namespace, tell: Tell) -> tuple[Result, bool]:
    tell(
        f"kill on {given.database}: {given.runs} times kill -9 of {', '.join(given.victims)},"
        f" {given.clients} clients"
    )
    result = kill.kill(given.database, given.runs, given.clients, given.victims, tell)
    return result, kill.failed(result)


def _races(given: Namespace, tell: Tell) -> tuple[Result, bool]:
    tell(
        f"races on {given.database}: {given.runs} rounds of {races.PERSONS} persons, {races.STARTS} starts and"
        f" {races.SUBMITS} hand-ins each, then {given.interleavings:,} interleavings, over two web processes"
    )
    result = races.races(given.database, given.runs, interleavings=given.interleavings, tell=tell)
    return result, races.failed(result)


def _clock(given: Namespace, tell: Tell) -> tuple[Result, bool]:
    tell(f"clock on {given.database}: candidates a day ahead and behind, hosts ten minutes ahead and behind")
    result = clock.clock(given.database, given.runs, tell=tell)
    return result, clock.failed(result)


def _fraud(given: Namespace, tell: Tell) -> tuple[Result, bool]:
    tell(
        f"fraud on {given.database}: {len(fraud.CLASSES) - 1} attackers for {given.seconds} s,"
        f" then {given.runs} honest people for {fraud.MINUTES:.0f} virtual minutes each"
    )
    result = fraud.fraud(given.database, given.runs, given.seconds, tell=tell)
    return result, fraud.failed(result)


def _issue(given: Namespace, tell: Tell) -> tuple[Result, bool]:
    tell(
        f"issue on {given.database}: {given.passes:,} people pass while the worker is killed {given.runs} times and"
        f" Redis emptied {issue.FLUSHES} times"
    )
    result = issue.issue(given.database, given.passes, given.runs, tell=tell)
    return result, issue.failed(result)


DRILLS: Mapping[str, Callable[[Namespace, Tell], tuple[Result, bool]]] = {
    "kill": _kill, "races": _races, "clock": _clock, "fraud": _fraud, "issue": _issue,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
