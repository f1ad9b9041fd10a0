"""Turning refusals into pages for people and problem documents for programs."""

import errno
import logging
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import SignInNeeded
from lms.accounts.languages import html_lang
from lms.app.status_words import words_for
from lms.core.errors import N_, Reason, Refusal, busy, disk_full, unreadable
from lms.core.speech import spoken
from lms.core.web import page_above

RETRY_AFTER_SECONDS = 3
SIGN_IN = "lms_sign_in"
"""Under this name the application keeps its sign-in manager."""
BARE_PAGE = (
    '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>'
    "<h1>{title}</h1><p>{status} · {request_id}</p></html>"
)
"""The last resort, when even the page of the refusal cannot be drawn."""
log = logging.getLogger(__name__)


def wants_json() -> bool:
    """Tell whether a program asks: the API, or a call that accepts JSON and not HTML."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def answer_refusal(refusal: Refusal) -> BaseResponse | tuple[str, int]:
    """Answer a refusal; a person who has only to sign in is led there and back."""
    if isinstance(refusal, SignInNeeded) and not wants_json() and request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    return _answer(refusal.status, refusal.code, gettext(refusal.title), [spoken(r) for r in refusal.reasons])


def _answer(
    status: int, code: str, title: str | None, reasons: list[dict[str, str]]
) -> BaseResponse | tuple[str, int]:
    response: Response
    if wants_json():
        body: dict[str, Any] = {
            "status": status, "code": code, "title": title or code, "reasons": reasons,
            "request_id": g.get("request_id", ""),
        }  # fmt: skip
        response = jsonify(body)
        response.mimetype = "application/problem+json"
    else:
        response = Response(_page(status, title, reasons), mimetype="text/html")
    response.status_code = status
    return response


def _page(status: int, title: str | None, reasons: list[dict[str, str]]) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and "_login_user" not in g:
        # Asking the store who this is would fail once more, perhaps after another long wait.
        g._login_user = (  # noqa: SLF001 - where Flask-Login keeps its answer, and it has no verb to set it
            current_app.extensions[SIGN_IN].anonymous_user()
        )
    request_id = g.get("request_id", "")
    try:
        general, why = words_for(status)
        return render_template(
            "errors/error.html", status=status, title=title or gettext(general), reasons=reasons or [spoken(why)],
            request_id=request_id,
        )  # fmt: skip
    except Exception:
        log.exception("the page for status %d of request %s could not be drawn", status, request_id)
        return BARE_PAGE.format(
            lang=html_lang(), title=gettext("服务暂时不可用，请稍后再试"), status=status, request_id=request_id
        )  # fmt: skip


def _say_when_to_come_again(response: Response) -> Response:
    # A form that is shown once more says it as well as a page of its own.
    if response.status_code in {429, 503}:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def register_error_pages(app: Flask) -> None:
    """Install one handler for each kind of trouble."""
    app.register_error_handler(Refusal, answer_refusal)
    app.after_request(_say_when_to_come_again)

    @app.errorhandler(CSRFError)
    def _stale_form(_error: CSRFError) -> BaseResponse | tuple[str, int]:
        reason = Reason(
            "form.stale", N_("表单只能从打开的页面提交，过一段时间会失效"), N_("这次提交没有生效"),
            N_("请返回上一页，刷新后重新提交"),
        )  # fmt: skip
        return _answer(400, "form.stale", gettext("页面已过期"), [spoken(reason)])

    @app.errorhandler(MethodNotAllowed)
    def _form_only(error: MethodNotAllowed) -> BaseResponse | tuple[str, int]:
        # Back, a bookmark or the address bar: whoever opens what only takes a form wants the page of that form.
        if request.method in {"GET", "HEAD"} and not wants_json():
            return redirect(page_above(request.path), 303)
        return _http(error)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> BaseResponse | tuple[str, int]:
        status = error.code or 500
        if status < HTTPStatus.BAD_REQUEST:
            return error.get_response()
        return _answer(status, error.name.lower().replace(" ", "_"), None, [])

    def _unreadable(error: Exception) -> BaseResponse | tuple[str, int]:
        # A number no database can hold, half a character, nesting without end: the sender's fault (fault J4).
        log.warning(
            "request %s held a value that cannot be stored: %s", g.get("request_id"), type(error).__name__
        )
        return answer_refusal(unreadable())

    for kind in (OverflowError, UnicodeEncodeError, RecursionError, DataError, psycopg.DataError):
        app.register_error_handler(kind, _unreadable)

    @app.errorhandler(OSError)
    def _disk(error: OSError) -> BaseResponse | tuple[str, int]:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            log.error("no room on the disk in request %s", g.get("request_id"))
            return answer_refusal(disk_full())
        return _unexpected(error)

    @app.errorhandler(OperationalError)
    def _store(error: OperationalError) -> BaseResponse | tuple[str, int]:
        log.error("the store failed in request %s", g.get("request_id"), exc_info=error)
        return answer_refusal(busy())

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> BaseResponse | tuple[str, int]:
        log.error("request %s failed", g.get("request_id"), exc_info=error)
        return _answer(500, InternalServerError().name.lower().replace(" ", "_"), None, [])
