"""A process of its own that does one thing when told and says in JSON how that went."""

import json
import subprocess
import sys
from typing import Any

from lms.core.settings import ROOT


class Partner:
    """`python -m MODULE ARGUMENTS…`, pinned to a core: each line of its input is a turn, answered in a line of JSON."""

    def __init__(self, module: str, *arguments: str, core: int | None) -> None:
        pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
        self._process = subprocess.Popen(
            [*pinned, sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def turn(self, told: object = "") -> dict[str, Any]:
        """Let it take a turn and return what it tells."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{told}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()
