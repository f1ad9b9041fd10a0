"""`python -m tests.bench NAME`: see `script/bench --help`."""

import argparse
import sys

from tests.bench import certificate, drawing, growth, importing
from tests.bench.hot_writes import Autosave, Heartbeat
from tests.bench.page import Pages
from tests.bench.rig import DATABASES
from tests.bench.rounds import ROUNDS, measure, say

ROUTES = {"heartbeat": Heartbeat, "autosave": Autosave, "page": Pages}
KEYS = ("bench", "database", "value", "baseline", "ratio", "p50_ms", "p99_ms")


def main() -> int:
    """Run one bench; the exit status is 1 when there was an error in it."""
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("name", choices=[*ROUTES, "certificate", "draw", "growth", "import"])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each measurement")
    parser.add_argument(
        "--runs", type=int, default=ROUNDS, help="rounds (at least 5); certificate: of 5 sheets each"
    )
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument(
        "--beats", type=int, default=growth.BEATS[-1], help="growth: the most beats that are stored"
    )
    given = parser.parse_args()
    rounds = max(ROUNDS, given.runs)
    if given.name == "certificate":
        result = certificate.measure(rounds)
    elif given.name == "draw":
        result = drawing.measure(given.database, rounds)
    elif given.name == "growth":
        result = growth.measure(given.database, given.seconds, given.beats)
    elif given.name == "import":
        result = importing.measure(given.database, rounds)
    else:
        keys = (*KEYS[:6], "p95_ms", KEYS[6]) if given.name == "page" else KEYS
        result = measure(
            given.name, given.database, ROUTES[given.name], seconds=given.seconds, rounds=rounds, keys=keys
        )
    say(result)
    return 1 if result["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
