"""`python -m tests.drills NAME`: see `script/drill --help`."""

import argparse
import json
import sys
from functools import partial

from tests.bench.rig import DATABASES
from tests.drills.kill import CLIENTS, RUNS, failed, kill


def main() -> int:
    """Run one drill; the exit status is 1 when anything was lost or broken."""
    parser = argparse.ArgumentParser(prog="script/drill")
    parser.add_argument("name", choices=["kill"])
    parser.add_argument("--runs", type=int, default=RUNS, help="how many times the fault is injected")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs takes a number from 1 up")
    tell = partial(print, flush=True)
    tell(f"kill on {given.database}: {given.runs} times kill -9 of the web process, {CLIENTS} clients")
    result = kill(given.database, given.runs, tell)
    tell(json.dumps(result))
    return int(failed(result))


if __name__ == "__main__":
    sys.exit(main())
