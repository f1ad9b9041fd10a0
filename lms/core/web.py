"""The thread between Flask and the house: the runtime of the running application."""

import re
from datetime import datetime
from typing import cast
from urllib.parse import quote, urlsplit

from flask import current_app, g, request

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


def page_address() -> str:
    """Return where the page that is being made can be opened.

    That is its own address; for a page that answers a form at an address of its own, what was said of it, or the
    page the form stood on, or the nearest page above.
    """
    if request.method in {"GET", "HEAD"} or _opens(request.path):
        query = request.query_string.decode("ascii", "replace")
        here = quote(request.path)
        here = f"{here}?{query}" if query else here
        return str(g.get("page_address", here))
    before = urlsplit(request.referrer or "")
    came_from = f"{before.path}?{before.query}" if before.query else before.path
    is_page = before.netloc == request.host and own_address(came_from) and _opens(before.path)
    return str(g.get("page_address", came_from if is_page else page_above(request.path)))


def opens_at(address: str) -> None:
    """Say where the page that is being made can be opened, when it answers a form."""
    g.page_address = address


def page_above(path: str) -> str:
    """Return the nearest address above one that takes forms only: the page such a form stands on."""
    while (path := path.rstrip("/").rpartition("/")[0]) and not _opens(path):
        pass
    return quote(path) or "/"


def _opens(path: str) -> bool:
    answers = current_app.create_url_adapter(request)
    return answers is not None and answers.test(path, "GET")


def own_address(wanted: str) -> str | None:
    """Return where somebody wants to go if it is a place of this site, or None (fault J3)."""
    return wanted if _OWN_ADDRESS.fullmatch(wanted) else None
