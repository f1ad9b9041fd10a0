"""What a player sends and what it is shown, as JSON: read strictly, told without the answer."""

from typing import Any

from flask import g, request
from flask_babel import gettext

from lms.core.speech import say
from lms.core.unit_of_work import UnitOfWork
from lms.core.vault import BrokenSeal, Vault
from lms.study import service
from lms.study.errors import bad_beat, forged_lease
from lms.study.policy.credit import DEVICE_JOIN, PRESENCE_GRACE_MS, tries_allowed
from lms.study.queries import OpenCheck, OpenQuestion


def question_json(uow: UnitOfWork, check: OpenCheck) -> dict[str, Any]:
    """Return a raised check as the player shows it; which letter is right stays here (fault A9)."""
    asked = service.question(uow, check)
    return {
        "id": check.id,
        "try": check.tries,
        "lesson": check.lesson_id,
        "once": tries_allowed(after_void=check.after_void) == 1,
        "prompt": say(asked.prompt, asked.params),
        "options": [{"letter": letter, "text": text} for letter, text in asked.options],
        "answer_in_ms": max(0, check.deadline - g.arrived_ms),
        "void_in_ms": max(0, check.deadline + PRESENCE_GRACE_MS + 1 - g.arrived_ms),
    }


def lesson_question_json(vault: Vault, asked: OpenQuestion) -> dict[str, Any]:
    """Return an in-lesson question as the player shows it; which letter is right stays here (fault A9)."""
    written = asked.question.asked
    return {
        "id": asked.question.id,
        "at": written.at,
        "try": asked.tries,
        "stem": written.stem,
        "options": [
            {"letter": letter, "text": written.options[place]}
            for letter, place in service.options_shown(vault, asked, asked.tries)
        ],
    }


def device_words(device: str) -> str:
    """Return a stored device name in the reader's language, so that its owner recognises it."""
    return DEVICE_JOIN.join(gettext(word) for word in device.split(DEVICE_JOIN))


def read_body() -> dict[str, Any]:
    """Return the JSON object of the request. Raises BadBeat."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise bad_beat("body")
    return body


def session_of(vault: Vault, body: dict[str, Any]) -> str:
    """Return the study session that the lease names. Raises ForgedLease."""
    try:
        session_id = vault.read_lease(service.LEASE, text_of(body, "lease", 300))["s"]
    except (BrokenSeal, ValueError, KeyError) as error:
        raise forged_lease() from error
    return str(session_id)


def answer_of(vault: Vault, body: dict[str, Any], asked: str, most: int) -> tuple[str, str, str, int]:
    """Return (session, question, letter, try) of an answer. Raises BadBeat naming the field, or ForgedLease."""
    return (
        session_of(vault, body), text_of(body, asked, 16), text_of(body, "choice", 1), whole_of(body, "try", most),
    )  # fmt: skip


def text_of(body: dict[str, Any], field: str, longest: int) -> str:
    """Return a short printable text of the body. Raises BadBeat naming the field."""
    value = body.get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
        raise bad_beat(field)
    return value


def whole_of(body: dict[str, Any], field: str, most: int) -> int:
    """Return a whole number from 0 to `most`. Raises BadBeat naming the field."""
    value = body.get(field)
    if type(value) is not int or not 0 <= value <= most:
        raise bad_beat(field)
    return value


def flag_of(body: dict[str, Any], field: str) -> bool:
    """Return a plain yes or no of the body. Raises BadBeat naming the field."""
    value = body.get(field)
    if type(value) is not bool:
        raise bad_beat(field)
    return value
