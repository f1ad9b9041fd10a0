"""The rehearsal's JSON: the same requests and replies as the exam's, so that the same page can send them."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, leased, signed_in
from lms.core.errors import N_, Invalid, Reason
from lms.core.web import arrived_at, runtime
from lms.exam import sent
from lms.exam.errors import OlderRevision
from lms.exam.queries.rehearsals import own_rehearsal
from lms.exam.service import rehearsals

api = Blueprint("rehearsal_api", __name__, url_prefix="/api/v1/exam/rehearsal")


@api.post("/answer")
@leased
def answer() -> Response | tuple[Response, int]:
    """Save one answer: `{lease, position, revision, choice}` or `written` in the place of `choice`."""
    body = _body()
    lease = rehearsals.read_lease(runtime().vault, body.get("lease"))
    position, revision = sent.whole(body, "position"), sent.whole(body, "revision")
    chosen, is_written = sent.answer(body)
    try:
        rehearsals.save_answer(
            runtime(), lease, position, revision, chosen, g.arrived_ms, is_written=is_written
        )
    except OlderRevision as refusal:
        return _older(refusal)
    return jsonify(saved=True, position=position, revision=revision, received_ms=g.arrived_ms)


@api.post("/mark")
@leased
def mark() -> Response | tuple[Response, int]:
    """Mark a question for another look, or take the mark away: `{lease, position, revision, marked}`."""
    body = _body()
    lease = rehearsals.read_lease(runtime().vault, body.get("lease"))
    position, revision = sent.whole(body, "position"), sent.whole(body, "revision")
    marked = sent.flag(body, "marked")
    try:
        rehearsals.set_mark(runtime(), lease, position, revision, g.arrived_ms, marked=marked)
    except OlderRevision as refusal:
        return _older(refusal)
    return jsonify(saved=True, position=position, revision=revision, received_ms=g.arrived_ms)


@api.post("/submit")
@leased
def submit() -> Response:
    """Hand the rehearsal in: `{lease}`."""
    lease = rehearsals.read_lease(runtime().vault, _body().get("lease"))
    with runtime().write(arrived_at()) as uow:
        rehearsals.hand_in(uow, lease)
    return jsonify(submitted=True, result_url=url_for("exam.rehearsal_result", rehearsal_id=lease.attempt_id))


@api.get("/<rehearsal_id>/clock")
@signed_in
def clock(rehearsal_id: str) -> Response:
    """Tell the remaining time by the server's clock."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        found = own_rehearsal(uow, actor.person_id, rehearsal_id)
        return jsonify(
            open=found.is_open(uow.now), held=found.login_session_id == actor.login_session_id,
            remaining_ms=found.remaining_ms(uow.now), server_ms=g.arrived_ms,
        )  # fmt: skip


def _older(refusal: OlderRevision) -> tuple[Response, int]:
    return jsonify(status=409, code=refusal.code, title=_(refusal.title), revision=refusal.revision), 409


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(Reason("body", N_("请求的内容应为 JSON 对象"), way_out=N_("请刷新页面后重试")))
    return body
