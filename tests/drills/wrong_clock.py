"""The site on a host whose wall clock is wrong, by as many seconds as a file says at each moment.

`app` is served in the place of `wsgi:app`, and the commands of the site run by it too. What the drill cannot do without
the rights of the machine's owner, setting the clock of a host, is done to this process: whatever asks `time` for the
time of day is told another one. The monotonic clock goes on as it does when somebody sets a host's clock.
"""

import os
import time
from pathlib import Path

from tests.drills.wrong_host import FILE

_NS = 1_000_000_000
_right, _right_ns = time.time, time.time_ns


def wrong_by() -> float:
    """Return by how many seconds this host's clock is wrong now."""
    return float(Path(os.environ[FILE]).read_text())


if FILE in os.environ:
    time.time = lambda: _right() + wrong_by()
    time.time_ns = lambda: _right_ns() + int(wrong_by() * _NS)

from wsgi import app  # noqa: E402 - the clock is wrong before anything of the site is loaded

__all__ = ["app"]
