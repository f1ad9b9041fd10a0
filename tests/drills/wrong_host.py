"""A host whose clock is wrong, and may be set while the site runs on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "LMS_DRILL_WRONG_CLOCK"
"""Names, in the environment of that host, the file that says by how many seconds it is wrong."""
APP = "tests.drills.wrong_clock:app"


@dataclass(frozen=True)
class OtherHost:
    """What is different on another host: how the site is named there, and what its environment says besides."""

    app: str
    environment: Mapping[str, str]


class WrongHost:
    """A host whose clock can be set."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._file = folder / "wrong-clock"
        self.set(seconds)
        self.host = OtherHost(APP, {FILE: str(self._file)})

    def set(self, seconds: float) -> None:
        """Let the clock be wrong by so much from now on."""
        # Renamed into place, so that no process meets half a number.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(seconds))
        fresh.replace(self._file)
