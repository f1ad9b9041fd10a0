"""What every reply carries: content policy, caching rules and the other headers of the browser's guard."""

import secrets
from collections.abc import Iterator

from flask import Flask, Response, g, request

from lms.app.static_files import ENDPOINT as STATIC
from lms.core.errors import unreadable

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DOCUMENT_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
"""For whatever a browser may open as a document. JSON is data: nothing in it runs, loads or leads anywhere."""
JSON = "application/json"


def reply_headers(*, https: bool, is_data: bool) -> dict[str, str]:
    """Return what a reply carries; `https` adds the promise that this site is never asked without it."""
    strict = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if https else {}
    return HEADERS | strict | ({} if is_data else DOCUMENT_HEADERS)


def guard_replies(app: Flask, *, https: bool) -> None:
    """Set the headers on every reply; whatever is not a static file is never kept by a cache (fault G5)."""
    headers = {is_data: reply_headers(https=https, is_data=is_data) for is_data in (True, False)}

    @app.after_request
    def _add_headers(response: Response) -> Response:
        for name, value in headers[response.mimetype == JSON].items():
            response.headers.setdefault(name, value)
        if request.endpoint != STATIC:
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response

    @app.before_request
    def _name_the_request() -> None:
        g.request_id = secrets.token_hex(6)

    @app.before_request
    def _refuse_nul() -> None:
        # PostgreSQL keeps no NUL in a text and SQLite would, so it is refused here for both (fault J4).
        if any("\0" in text for text in _texts_sent()) or (
            request.is_json and b"\\u0000" in request.get_data()
        ):
            raise unreadable()


def _texts_sent() -> Iterator[str]:
    yield request.path
    for sent in (request.args, request.form):
        for name, value in sent.items(multi=True):
            yield name
            yield value
    for name, upload in request.files.items(multi=True):
        yield name
        yield upload.filename or ""
