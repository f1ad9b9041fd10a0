"""The exam's JSON: the hot save, marks, the hand-in, the clock, the waiting room's door, and starting.

`answer`, `mark` and `submit` are opened by the attempt's lease alone and load no person.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for

from lms.accounts.access import current_actor, leased, signed_in
from lms.core.errors import NotFound
from lms.core.web import arrived_at, runtime
from lms.enrolment.queries import live_application
from lms.exam import queries, sent
from lms.exam.api.replies import older
from lms.exam.errors import ExamNotOpen, OlderRevision, attempt_closed, taken_over, time_up
from lms.exam.hot import answer_save
from lms.exam.policy.attempts import first_revision
from lms.exam.policy.conditions import paused_start
from lms.exam.policy.waiting import time_given
from lms.exam.queries.conditions import terms_of
from lms.exam.queries.marks import review_marks
from lms.exam.service import answers, attempts, marks, starting
from lms.plans.queries import get_plan
from question_bank.items import ItemType, questions_to_json

api = Blueprint("exam_api", __name__, url_prefix="/api/v1/exam")


@api.post("/answer")
@leased
def answer() -> Response | tuple[Response, int]:
    """Save one answer: `{lease, position, revision, choice: [option ids]}`; 200 only when it is on disk.

    A fill-in question takes `written: "text"` in the place of `choice`.
    """
    try:
        reply = answer_save(runtime(), sent.body(request.get_json(silent=True)), g.arrived_ms)
    except OlderRevision as refusal:
        return older(refusal)
    return Response(reply, mimetype="application/json")


@api.post("/mark")
@leased
def mark() -> Response | tuple[Response, int]:
    """Mark a question for another look, or take the mark away: `{lease, position, revision, marked}`."""
    body = sent.body(request.get_json(silent=True))
    lease = answers.read_lease(runtime().vault, body.get("lease"))
    position, revision = sent.whole(body, "position"), sent.whole(body, "revision")
    try:
        marks.set_mark(runtime(), lease, position, revision, g.arrived_ms, marked=sent.flag(body, "marked"))
    except OlderRevision as refusal:
        return older(refusal)
    return jsonify(saved=True, position=position, revision=revision, received_ms=g.arrived_ms)


@api.post("/submit")
@leased
def submit() -> Response:
    """Hand an attempt in: `{lease}`. Repeating it gives the same reply; too late is 409 `time_up`.

    `{lease, at_end: true}` hands in only when no time is left, and else says how much there is: a page that reaches
    its end without a network does not know what staff gave meanwhile.
    """
    body = sent.body(request.get_json(silent=True))
    lease = answers.read_lease(runtime().vault, body.get("lease"))
    with runtime().write(arrived_at()) as uow:
        if body.get("at_end") is True and (left := attempts.remaining_ms_at_end(uow, lease)):
            return jsonify(submitted=False, remaining_ms=left)
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


@api.get("/plans/<plan_id>/door")
@signed_in
def door(plan_id: str) -> Response:
    """Tell the waiting room by the server's clock when the exam opens, and what a start gives then or now.

    Asking keeps the login alive, so that nobody has to sign in again in the start minute.
    """
    person_id = str(current_actor().person_id)
    with runtime().read(arrived_at()) as uow:
        plan = get_plan(uow, plan_id)
        facts = queries.exam_facts(uow, person_id, plan)
        if not facts.attempts and live_application(uow, person_id, plan_id) is None:
            raise NotFound
        reasons = attempts.why_not_start(uow, person_id, plan, facts)
        application = live_application(uow, person_id, plan_id)
        terms = terms_of(uow, person_id, plan, application.id if application else None)
        given = time_given(facts.rules, uow.now, terms.granted_seconds, terms.extension_seconds)
        return jsonify(
            may_start=not reasons, reasons=[reason.code for reason in reasons],
            opens_in_ms=max(0, (plan.exam_from - uow.now) // timedelta(milliseconds=1)),
            closes_in_ms=max(0, (given.closes - uow.now) // timedelta(milliseconds=1)),
            closes_at_ms=given.closes_at_ms, full_seconds=given.full_seconds, given_seconds=given.seconds,
            lost_seconds=given.lost_seconds, server_ms=g.arrived_ms,
        )  # fmt: skip


@api.post("/plans/<plan_id>/attempts")
@signed_in
def start(plan_id: str) -> tuple[Response, int]:
    """Start an attempt, or find the open one; the reply carries the questions, their pictures and the lease."""
    actor = current_actor()
    attempt_id = starting.begin(runtime(), actor, plan_id)
    with runtime().read() as uow:
        attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
        if attempt.login_session_id != actor.login_session_id:
            raise taken_over()
        if not attempt.is_open(uow.now):
            raise attempt_closed()
        if attempt.is_paused(uow.now) and attempt.paused_until is not None:
            raise ExamNotOpen(paused_start(attempt.paused_until))
        questions = queries.questions_of(uow, attempt_id)
        saved = queries.saved_answers(uow, attempt_id)
        marked = review_marks(uow, attempt_id)
        pictures = queries.pictures_on(uow, questions)
        lease = answers.give_lease(uow.vault, attempt_id, str(actor.login_session_id))
        remaining = attempt.remaining_ms(uow.now)
    written = {question.position for question in questions if question.type is ItemType.FILL_IN}
    body: dict[str, Any] = {
        "attempt_id": attempt_id, "attempt_no": attempt.attempt_no, "lease": lease, "remaining_ms": remaining,
        "first_revision": first_revision(attempt.hold_no),
        "answers": {
            str(one.position): {
                "revision": one.revision,
                **({"written": one.written} if one.position in written else {"choice": sorted(one.chosen)}),
            }
            for one in saved.values()
        },
        "marks": {
            str(position): {"revision": one.revision, "marked": one.is_set} for position, one in marked.items()
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
