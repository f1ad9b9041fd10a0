"""`python -m tests.drills NAME`: see `script/drill --help`."""

import argparse
import json
import sys
from functools import partial

from tests.bench.rig import DATABASES
from tests.drills import fraud, kill


def main() -> int:
    """Run one drill; the exit status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="script/drill")
    parser.add_argument("name", choices=["kill", "fraud"])
    parser.add_argument("--runs", type=int, help="how many kills, or how many honest people")
    parser.add_argument("--seconds", type=int, default=fraud.SECONDS, help="how long each attacker tries")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    runs = given.runs if given.runs is not None else {"kill": kill.RUNS, "fraud": fraud.SEEDS}[given.name]
    if runs < 1:
        parser.error("--runs takes a number from 1 up")
    if given.seconds < fraud.LEAST_SECONDS:
        parser.error(f"--seconds takes a number from {fraud.LEAST_SECONDS} up")
    tell = partial(print, flush=True)
    if given.name == "kill":
        tell(f"kill on {given.database}: {runs} times kill -9 of the web process, {kill.CLIENTS} clients")
        result = kill.kill(given.database, runs, tell)
        broken = kill.failed(result)
    else:
        tell(
            f"fraud on {given.database}: {len(fraud.CLASSES) - 1} attackers for {given.seconds} s,"
            f" then {runs} honest people for {fraud.MINUTES:.0f} virtual minutes each"
        )
        result = fraud.fraud(given.database, runs, given.seconds, tell=tell)
        broken = fraud.failed(result)
    tell(json.dumps(result))
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
