"""`python -m tests.bench NAME`: see `script/bench --help`."""

import argparse
import sys

from tests.bench import (
    certificate,
    drawing,
    exam_room,
    exam_start,
    exam_submit,
    growth,
    importing,
    registry_search,
)
from tests.bench.hot_writes import Autosave, Heartbeat
from tests.bench.page import Pages
from tests.bench.rig import DATABASES
from tests.bench.rounds import ROUNDS, measure, say

ROUTES = {"heartbeat": Heartbeat, "autosave": Autosave, "page": Pages}
OTHERS = ("certificate", "draw", "exam-room", "exam-start", "growth", "import", "registry-search", "submit")
SECONDS = 2.0
KEYS = ("bench", "database", "value", "baseline", "ratio", "p50_ms", "p99_ms")


def main() -> int:
    """Run one bench; the exit status is 1 when there was an error in it."""
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("name", choices=[*ROUTES, *OTHERS])
    parser.add_argument(
        "--seconds", type=float, help="length of each measurement (2; exam-start and exam-room: 10)"
    )
    parser.add_argument(
        "--candidates", type=int, default=exam_start.CANDIDATES, help="exam-…, submit: how many come (500)"
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=ROUNDS,
        help="rounds (at least 5); certificate: sheets that ours prints and seals in all",
    )
    parser.add_argument(
        "--processes", type=int, default=1, help="exam-start, submit: how many web processes serve (1)"
    )
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument(
        "--beats", type=int, default=growth.BEATS[-1], help="growth: the most beats that are stored"
    )
    parser.add_argument(
        "--rows", type=int, default=registry_search.ROWS, help="registry-search: how many entries"
    )
    given = parser.parse_args()
    rounds = max(ROUNDS, given.runs)
    if given.name == "certificate":
        result = certificate.measure(given.runs)
    elif given.name == "draw":
        result = drawing.measure(given.database, rounds)
    elif given.name == "growth":
        result = growth.measure(given.database, given.seconds or SECONDS, given.beats)
    elif given.name == "exam-start":
        result = exam_start.measure(
            given.database,
            exam_start.Size(
                given.candidates, given.seconds or exam_start.SECONDS, rounds, processes=given.processes
            ),
        )
    elif given.name == "submit":
        result = exam_submit.measure(
            given.database, exam_submit.Size(given.candidates, rounds, processes=given.processes)
        )
    elif given.name == "exam-room":
        size = exam_room.Size(given.candidates, given.candidates // 5, given.seconds or exam_room.SECONDS)
        result = exam_room.measure(given.database, size)
    elif given.name == "registry-search":
        result = registry_search.measure(given.database, given.rows)
    elif given.name == "import":
        result = importing.measure(given.database, rounds)
    else:
        keys = (*KEYS[:6], "p95_ms", KEYS[6]) if given.name == "page" else KEYS
        result = measure(
            given.name,
            given.database,
            ROUTES[given.name],
            seconds=given.seconds or SECONDS,
            rounds=rounds,
            keys=keys,
        )
    say(result)
    return 1 if result["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
