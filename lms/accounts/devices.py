"""The mark of a browser: a random text in a cookie of its own, given at the first sign-in.

It outlives signing out, says nothing about the machine, and is read at sign-in alone. The database keeps its keyed
hash with the login session, and that for a week (`jobs.py`).
"""

import re

from flask import Response, after_this_request, current_app, request

from lms.accounts.credentials import new_token

COOKIE = "device"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie at all. It is not renewed: after that the browser gets another mark."""
_MARK = re.compile(r"[A-Za-z0-9_-]{43}")


def mark_of_browser() -> str:
    """Return the mark of the browser that asks; one that has none takes a new one along with the reply."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    name = f"__Host-{COOKIE}" if secure else COOKIE
    kept = request.cookies.get(name, "")
    if _MARK.fullmatch(kept):
        return kept
    mark = new_token()

    @after_this_request
    def _give(response: Response) -> Response:
        response.set_cookie(
            name, mark, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure,
        )  # fmt: skip
        return response

    return mark
