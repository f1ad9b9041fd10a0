"""How things stand, for the page of a running exam: it asks every few seconds and is opened by the lease alone."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from lms.accounts.access import leased
from lms.core.web import runtime
from lms.exam import sent
from lms.exam.watch_hot import plain, take_visit
from lms.exam.watch_words import said_of

api = Blueprint("exam_watch_api", __name__, url_prefix="/api/v1/exam")


@api.post("/visit")
@leased
def visit() -> Response:
    """Take a visit of a page and say how much time is left, whether it stands still, and what staff have to say."""
    answer = take_visit(runtime(), sent.body(request.get_json(silent=True)), g.arrived_ms)
    said: dict[str, Any] = plain(answer)
    if answer.pause_ms:
        said["pause_reason"] = answer.pause_reason
    if answer.unread:
        said["notices"] = [{"id": one.id, "text": said_of(one)} for one in answer.unread]
    return jsonify(said)
