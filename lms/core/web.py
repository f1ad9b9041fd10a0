"""The thread between Flask and the house: the runtime of the running application."""

from datetime import datetime
from typing import cast

from flask import current_app, g

from lms.core.clock import from_ms
from lms.core.unit_of_work import Runtime

EXTENSION = "lms"


def runtime() -> Runtime:
    """Return the house that serves this request."""
    return cast("Runtime", current_app.extensions[EXTENSION])


def arrived_at() -> datetime:
    """Return when this request arrived; taken before anything else was done with it."""
    return from_ms(g.arrived_ms)
