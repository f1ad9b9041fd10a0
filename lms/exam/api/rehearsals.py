"""The rehearsal's JSON: the same requests and replies as the exam's, so that the same page can send them."""

from flask import Blueprint, Response, g, jsonify, request, url_for

from lms.accounts.access import current_actor, leased, signed_in
from lms.core.web import arrived_at, runtime
from lms.exam import sent
from lms.exam.api.replies import older
from lms.exam.errors import OlderRevision
from lms.exam.queries.rehearsals import own_rehearsal
from lms.exam.service import rehearsals

api = Blueprint("rehearsal_api", __name__, url_prefix="/api/v1/exam/rehearsal")


@api.post("/answer")
@leased
def answer() -> Response | tuple[Response, int]:
    """Save one answer: `{lease, position, revision, choice}` or `written` in the place of `choice`."""
    body = sent.body(request.get_json(silent=True))
    lease = rehearsals.read_lease(runtime().vault, body.get("lease"))
    position, revision = sent.whole(body, "position"), sent.whole(body, "revision")
    chosen, is_written = sent.answer(body)
    try:
        rehearsals.save_answer(
            runtime(), lease, position, revision, chosen, g.arrived_ms, is_written=is_written
        )
    except OlderRevision as refusal:
        return older(refusal)
    return jsonify(saved=True, position=position, revision=revision, received_ms=g.arrived_ms)


@api.post("/mark")
@leased
def mark() -> Response | tuple[Response, int]:
    """Mark a question for another look, or take the mark away: `{lease, position, revision, marked}`."""
    body = sent.body(request.get_json(silent=True))
    lease = rehearsals.read_lease(runtime().vault, body.get("lease"))
    position, revision = sent.whole(body, "position"), sent.whole(body, "revision")
    marked = sent.flag(body, "marked")
    try:
        rehearsals.set_mark(runtime(), lease, position, revision, g.arrived_ms, marked=marked)
    except OlderRevision as refusal:
        return older(refusal)
    return jsonify(saved=True, position=position, revision=revision, received_ms=g.arrived_ms)


@api.post("/submit")
@leased
def submit() -> Response:
    """Hand the rehearsal in: `{lease}`."""
    lease = rehearsals.read_lease(runtime().vault, sent.body(request.get_json(silent=True)).get("lease"))
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
