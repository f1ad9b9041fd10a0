"""The exam's JSON: the hot save, the hand-in, the clock, and starting.

`answer` and `submit` are opened by the attempt's lease alone and load no person.
"""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, leased, signed_in
from lms.core.errors import N_, Invalid, Reason
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.errors import OlderRevision, attempt_closed, taken_over, time_up
from lms.exam.hot import answer_save
from lms.exam.service import answers, attempts
from question_bank.items import ItemType, questions_to_json

api = Blueprint("exam_api", __name__, url_prefix="/api/v1/exam")


@api.post("/answer")
@leased
def answer() -> Response | tuple[Response, int]:
    """Save one answer: `{lease, position, revision, choice: [option ids]}`; 200 only when it is on disk.

    A fill-in question takes `written: "text"` in the place of `choice`.
    """
    try:
        reply = answer_save(runtime(), _body(), g.arrived_ms)
    except OlderRevision as refusal:
        return jsonify(status=409, code=refusal.code, title=_(refusal.title), revision=refusal.revision), 409
    return Response(reply, mimetype="application/json")


@api.post("/submit")
@leased
def submit() -> Response:
    """Hand an attempt in: `{lease}`. Repeating it gives the same reply; too late is 409 `time_up`."""
    lease = answers.read_lease(runtime().vault, _body().get("lease"))
    with runtime().write(arrived_at()) as uow:
        in_time = attempts.hand_in(uow, lease)
    if not in_time:
        raise time_up()
    return jsonify(submitted=True, result_url=url_for("exam.result", attempt_id=lease.attempt_id))


@api.get("/attempts/<attempt_id>/clock")
@signed_in
def clock(attempt_id: str) -> Response:
    """Tell the remaining time by the server's clock; a running exam keeps its login alive by asking (H3)."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        return jsonify(
            open=attempt.is_open(uow.now),
            held=attempt.login_session_id == actor.login_session_id,
            remaining_ms=attempt.remaining_ms(uow.now),
            server_ms=g.arrived_ms,
        )


@api.post("/plans/<plan_id>/attempts")
@signed_in
def start(plan_id: str) -> tuple[Response, int]:
    """Start an attempt, or find the open one; the reply carries the questions, their pictures and the lease."""
    actor = current_actor()
    with runtime().write() as uow:
        attempt_id = attempts.start(uow, actor, plan_id)
    with runtime().read() as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        if attempt.login_session_id != actor.login_session_id:
            raise taken_over()
        if not attempt.is_open(uow.now):
            raise attempt_closed()
        questions = queries.questions_of(uow, attempt_id)
        saved = queries.saved_answers(uow, attempt_id)
        pictures = queries.pictures_on(uow, questions)
        lease = answers.give_lease(uow.vault, attempt_id, str(actor.login_session_id))
        remaining = attempt.remaining_ms(uow.now)
    written = {question.position for question in questions if question.type is ItemType.FILL_IN}
    body: dict[str, Any] = {
        "attempt_id": attempt_id, "attempt_no": attempt.attempt_no, "lease": lease, "remaining_ms": remaining,
        "answers": {
            str(one.position): {
                "revision": one.revision,
                **({"written": one.written} if one.position in written else {"choice": sorted(one.chosen)}),
            }
            for one in saved.values()
        },
        "pictures": {
            key: {
                "url": url_for("exam.picture", attempt_id=attempt_id, key=key),
                "width": one.width, "height": one.height,
            }
            for key, one in pictures.items()
        },
        **questions_to_json(questions),
    }  # fmt: skip
    return jsonify(body), 201


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(Reason("body", N_("请求的内容应为 JSON 对象"), way_out=N_("请刷新页面后重试")))
    return body
