"""The hot routes of study. A lease names the session; no person is loaded."""

import json
import logging
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask_babel import format_time, gettext

from lms.accounts.access import leased
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.vault import BrokenSeal
from lms.core.web import arrived_at, runtime
from lms.study import queries, service
from lms.study.errors import SessionClosed, bad_beat, check_gone, forged_lease, taken_over
from lms.study.policy import MAX_SEQ
from lms.study.queries import OpenCheck
from lms.study.service import Answered, Verdict

MAX_POSITION_MS = 24 * 3600 * 1000
log = logging.getLogger(__name__)
api = Blueprint("study_api", __name__, url_prefix="/api/v1/study")


@api.post("/beat")
@leased
def beat() -> Response:
    """Take one beat: {lease, seq, nonce, lesson_id, from_ms, to_ms, playing, visible}.

    Durations and times of the client are not part of it and are ignored when sent (faults A1, A12).
    """
    house, arrival = runtime(), g.arrived_ms
    body = _body()
    reported = service.Beat(
        session_id=_session_of(body),
        seq=_whole(body, "seq", MAX_SEQ),
        nonce=_text(body, "nonce", 40),
        lesson_id=_text(body, "lesson_id", 16),
        from_ms=_whole(body, "from_ms", MAX_POSITION_MS),
        to_ms=_whole(body, "to_ms", MAX_POSITION_MS),
        playing=_flag(body, "playing"),
        visible=_flag(body, "visible"),
    )
    if reported.to_ms < reported.from_ms:
        raise bad_beat("to_ms")
    try:
        reply: str = house.journal.submit(lambda hot: service.take_beat(hot, house.vault, reported, arrival))
    except SessionClosed as refusal:
        raise _named(refusal, reported.session_id) from refusal
    if '"check":null' not in reply:
        reply = _with_question(reply, reported.session_id)
    return Response(reply, mimetype="application/json")


@api.post("/presence")
@leased
def presence() -> Response:
    """Answer a presence check: {lease, check_id, choice}; `choice` is one of the letters."""
    house, arrival = runtime(), g.arrived_ms
    body = _body()
    session_id, check_id, choice = _session_of(body), _text(body, "check_id", 16), _text(body, "choice", 1)
    with house.read(arrived_at()) as uow:
        check = queries.open_check(uow, session_id)
        is_open = check is not None and check.id == check_id
        right = service.question(uow, check).right if check is not None and is_open else ""
        tries = check.tries if check is not None else 0
    answer = service.Answer(session_id, check_id, tries, is_open and choice == right)
    try:
        answered: Answered = house.journal.submit(lambda hot: service.answer_check(hot, answer, arrival))
    except SessionClosed as refusal:
        raise _named(refusal, session_id) from refusal
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


def question_json(uow: UnitOfWork, check: OpenCheck) -> dict[str, Any]:
    """Return a raised check as the player shows it; which letter is right stays here (fault A9)."""
    asked = service.question(uow, check)
    return {
        "id": check.id,
        "lesson": check.lesson_id,
        "prompt": gettext(asked.prompt) % dict(asked.params),
        "options": [{"letter": letter, "text": text} for letter, text in asked.options],
        "answer_in_ms": max(0, check.deadline - g.arrived_ms),
    }


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


def _named(refusal: SessionClosed, session_id: str) -> SessionClosed:
    """Say which device a taken-over session went to."""
    if not any(reason.code.endswith(".superseded") for reason in refusal.reasons):
        return refusal
    with runtime().read(arrived_at()) as uow:
        newest = queries.latest_session(uow, session_id)
    if newest is None or newest.id == session_id:
        return refusal
    return taken_over(newest.device, format_time(newest.opened_at, "HH:mm"))


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise bad_beat("body")
    return body


def _session_of(body: dict[str, Any]) -> str:
    try:
        session_id = runtime().vault.read_lease(service.LEASE, _text(body, "lease", 300))["s"]
    except (BrokenSeal, ValueError, KeyError) as error:
        raise forged_lease() from error
    return str(session_id)


def _text(body: dict[str, Any], field: str, longest: int) -> str:
    value = body.get(field)
    if (
        not isinstance(value, str)
        or not 1 <= len(value) <= longest
        or "\x00" in value
        or not value.isprintable()
    ):
        raise bad_beat(field)
    return value


def _whole(body: dict[str, Any], field: str, most: int) -> int:
    value = body.get(field)
    if type(value) is not int or not 0 <= value <= most:
        raise bad_beat(field)
    return value


def _flag(body: dict[str, Any], field: str) -> bool:
    value = body.get(field)
    if type(value) is not bool:
        raise bad_beat(field)
    return value
