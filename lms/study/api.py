"""The hot routes of study. A lease names the session; no person is loaded."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, g, jsonify

from lms.accounts.access import leased
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.formats import time_cn
from lms.core.web import arrived_at, runtime
from lms.study import queries, service
from lms.study.errors import SessionClosed, bad_beat, check_gone, taken_over
from lms.study.forms.player import (
    answer_of,
    device_words,
    lesson_question_json,
    question_json,
    read_body,
)
from lms.study.hot import keep_beat, raises_check, read_beat
from lms.study.policy.credit import MAX_QUESTION_TRIES, PRESENCE_TRIES
from lms.study.service import Answered, Verdict

log = logging.getLogger(__name__)
api = Blueprint("study_api", __name__, url_prefix="/api/v1/study")


@api.post("/beat")
@leased
def beat() -> Response:
    """Take one beat: {lease, seq, nonce, lesson_id, from_ms, to_ms, playing, visible}.

    Durations and times of the client are not part of it and are ignored when sent (faults A1, A12).
    """
    house, arrival = runtime(), g.arrived_ms
    reported = read_beat(house.vault, read_body())
    with _naming_the_device(reported.session_id):
        reply = keep_beat(house, reported, arrival)
    if raises_check(reply):
        reply = _with_question(reply, reported.session_id)
    return Response(reply, mimetype="application/json")


@api.post("/presence")
@leased
def presence() -> Response:
    """Answer a presence check: {lease, check_id, try, choice}; `choice` is a letter, `try` says of which question."""
    house, arrival = runtime(), g.arrived_ms
    session_id, check_id, choice, tries = answer_of(house.vault, read_body(), "check_id", PRESENCE_TRIES)
    with house.read(arrived_at()) as uow:
        check = queries.open_check(uow, session_id)
        asked = check is not None and (check.id, check.tries) == (check_id, tries)
        is_right = asked and check is not None and choice == service.question(uow, check).right
        after_void = check is not None and check.id == check_id and check.after_void
    answer = service.Answer(session_id, check_id, tries, is_right, after_void)
    with _naming_the_device(session_id):
        answered: Answered = house.journal.submit(lambda hot: service.answer_check(hot, answer, arrival))
    if answered.is_complete:
        _report(answered)
    shown = None
    if answered.verdict is Verdict.TRY_AGAIN:
        with house.read(arrived_at()) as uow:
            again = queries.open_check(uow, session_id)
            if again is None or again.id != check_id:
                raise check_gone()
            shown = question_json(uow, again)
    return jsonify(
        verdict=answered.verdict.value, seconds=answered.seconds, counted=answered.counted, pending=answered.pending,
        required=answered.required, complete=answered.is_complete, check=shown,
    )  # fmt: skip


@api.post("/question")
@leased
def question() -> Response:
    """Answer an in-lesson question: {lease, question_id, try, choice}; `try` says of which showing the letter is.

    The reply says whether it was right, explains it then, and holds what is to be answered next in this lesson:
    the same question with its options in another order, the one after it, or none.
    """
    house, arrival = runtime(), g.arrived_ms
    session_id, question_id, letter, tries = answer_of(
        house.vault, read_body(), "question_id", MAX_QUESTION_TRIES
    )
    with house.read(arrived_at()) as uow:
        asked = queries.question_in_session(uow, session_id, question_id)
    written, lesson_id = asked.question.asked, asked.question.lesson_id or ""
    chosen = dict(service.options_shown(house.vault, asked, tries)).get(letter)
    if chosen is None:
        raise bad_beat("choice")
    answer = service.QuestionAnswer(
        session_id, question_id, lesson_id, written.at, tries, chosen, is_right=chosen == written.right
    )
    with _naming_the_device(session_id):
        is_answered: bool = house.journal.submit(lambda hot: service.answer_question(hot, answer, arrival))
    with house.read(arrived_at()) as uow:
        following = queries.next_question(uow, asked.person_id, asked.plan_id, lesson_id)
    return jsonify(
        right=is_answered, explanation=written.explanation if is_answered else "",
        question=lesson_question_json(house.vault, following) if following is not None else None,
    )  # fmt: skip


def _report(answered: Answered) -> None:
    """Report a reached requirement to the spine, in its own transaction after the hot one was committed (B2)."""
    try:
        with runtime().write(arrived_at()) as uow:
            service.report_complete(uow, Actor.system("study"), answered.application_id)
    except Refusal as refusal:
        # The seconds are kept; the sweeper reports within seconds.
        log.warning("study of application %s is reported later: %s", answered.application_id, refusal.code)


def _with_question(reply: str, session_id: str) -> str:
    """Put the question of a raised check into a beat's reply."""
    told: dict[str, Any] = json.loads(reply)
    with runtime().read(arrived_at()) as uow:
        check = queries.open_check(uow, session_id)
        same = check is not None and check.id == told["check"]["id"]
        told["check"] = question_json(uow, check) if check is not None and same else None
    return json.dumps(told, separators=(",", ":"))


@contextmanager
def _naming_the_device(session_id: str) -> Iterator[None]:
    """Say which device a session was taken over by, when it turns out to be closed for that."""
    try:
        yield
    except SessionClosed as refusal:
        raise _named(refusal, session_id) from refusal


def _named(refusal: SessionClosed, session_id: str) -> SessionClosed:
    if not any(reason.code.endswith(".superseded") for reason in refusal.reasons):
        return refusal
    with runtime().read(arrived_at()) as uow:
        newest = queries.latest_session(uow, session_id)
    if newest is None or newest.id == session_id:
        return refusal
    return taken_over(device_words(newest.device), time_cn(newest.opened_at), same_login=newest.same_login)
