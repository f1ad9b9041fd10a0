"""The thread between Flask and the house: the runtime of the running application."""

import re
from datetime import datetime
from typing import cast

from flask import current_app, g

from lms.core.clock import from_ms
from lms.core.unit_of_work import Runtime

EXTENSION = "lms"
# One slash, no second one, no backslash, no control character: browsers drop tabs and read `\` as `/`.
_OWN_ADDRESS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def runtime() -> Runtime:
    """Return the house that serves this request."""
    return cast("Runtime", current_app.extensions[EXTENSION])


def arrived_at() -> datetime:
    """Return when this request arrived; taken before anything else was done with it."""
    return from_ms(g.arrived_ms)


def own_address(wanted: str) -> str | None:
    """Return where somebody wants to go if it is a place of this site, or None (fault J3)."""
    return wanted if _OWN_ADDRESS.fullmatch(wanted) else None
