"""Turning refusals into pages for people and problem documents for programs."""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import SignInNeeded
from lms.core.errors import N_, Reason, Refusal, busy

RETRY_AFTER_SECONDS = 3
log = logging.getLogger(__name__)


def spoken(reason: Reason) -> dict[str, str]:
    """Translate a reason's three texts and fill in its values."""

    def say(text: str) -> str:
        return gettext(text) % dict(reason.params) if text else ""

    return {
        "code": reason.code, "rule": say(reason.rule), "now": say(reason.now), "way_out": say(reason.way_out),
        "source": reason.source, "field": reason.field_name,
    }  # fmt: skip


def wants_json() -> bool:
    """Tell whether a program asks: the API, or a call that accepts JSON and not HTML."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def answer_refusal(refusal: Refusal) -> BaseResponse | tuple[str, int]:
    """Answer a refusal; a person who has only to sign in is led there and back."""
    if isinstance(refusal, SignInNeeded) and not wants_json() and request.method == "GET":
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
        values = {"title": title} if title else {}
        response = Response(
            render_template(
                "errors/error.html", status=status, reasons=reasons, request_id=g.get("request_id", ""), **values
            )
        )
    response.status_code = status
    if status in {429, 503}:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def register_error_pages(app: Flask) -> None:
    """Install one handler for each kind of trouble."""
    app.register_error_handler(Refusal, answer_refusal)

    @app.errorhandler(CSRFError)
    def _stale_form(_error: CSRFError) -> BaseResponse | tuple[str, int]:
        reason = Reason(
            "form.stale", N_("表单只能从打开的页面提交，过一段时间会失效"), N_("这次提交没有生效"),
            N_("请返回上一页，刷新后重新提交"),
        )  # fmt: skip
        return _answer(400, "form.stale", gettext("页面已过期"), [spoken(reason)])

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> BaseResponse | tuple[str, int]:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        return _answer(status, error.name.lower().replace(" ", "_"), None, [])

    @app.errorhandler(OperationalError)
    def _store(_error: OperationalError) -> BaseResponse | tuple[str, int]:
        log.exception("the store failed in request %s", g.get("request_id"))
        return answer_refusal(busy())

    @app.errorhandler(Exception)
    def _unexpected(_error: Exception) -> BaseResponse | tuple[str, int]:
        log.exception("request %s failed", g.get("request_id"))
        return _answer(500, InternalServerError().name.lower().replace(" ", "_"), None, [])
