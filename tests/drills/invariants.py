"""Every invariant of the house, asked the way an operator asks."""

import subprocess
import sys
from collections.abc import Callable

from lms.app.invariants import ALL_INVARIANTS
from lms.core.invariants import check
from lms.core.settings import ROOT
from lms.core.unit_of_work import Runtime
from tests.bench.rig import House

COMMAND_SECONDS = 120.0


def broken_invariants(house: House, tell: Callable[[str], None]) -> int:
    """Run the operator's command and count the broken invariants."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "lms", "check-invariants"], cwd=ROOT, env=house.environment,
        capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
    )  # fmt: skip
    said = done.stdout.splitlines()
    failures = [line for line in said if line.startswith("FAIL")]
    tell(f"  {said[-1] if said else done.stderr[-500:]}")
    for line in failures:
        tell(f"  {line}")
    # A command that fell over has proven nothing.
    return len(failures) or int(done.returncode != 0)


def broken_rules(runtime: Runtime, tell: Callable[[str], None]) -> int:
    """Count the broken invariants by the clock of a running house, which may be a virtual one."""
    with runtime.read() as uow:
        broken = check(uow, ALL_INVARIANTS)
    for name, rows in broken.items():
        tell(f"  FAIL {name}: {rows}")
    return len(broken)
