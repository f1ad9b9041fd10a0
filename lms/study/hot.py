"""The beat without a web framework: what `lms.app.hot_lane` answers below Flask when nothing is amiss."""

from typing import Any

from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.core.vault import Vault
from lms.study import service
from lms.study.errors import bad_beat
from lms.study.forms.player import flag_of, session_of, text_of, whole_of
from lms.study.policy.credit import MAX_SEQ
from lms.study.service import Held

MAX_POSITION_MS = 24 * 3600 * 1000
_NO_CHECK = '"check":null}'


def answer_beat(house: Runtime, body: dict[str, Any], arrival: int) -> str | None:
    """Take a beat and return its reply, or None when the reply needs more than the ledger knows.

    Raises whatever refusal `POST /api/v1/study/beat` answers with.
    """
    reply = keep_beat(house, read_beat(house.vault, body), arrival)
    return None if raises_check(reply) else reply


def read_beat(vault: Vault, body: dict[str, Any]) -> service.Beat:
    """Read a beat. Raises BadBeat naming the field, or ForgedLease.

    Durations and times of the client are not part of it and are ignored when sent (faults A1, A12).
    """
    beat = service.Beat(
        session_id=session_of(vault, body),
        seq=whole_of(body, "seq", MAX_SEQ),
        nonce=text_of(body, "nonce", 40),
        lesson_id=text_of(body, "lesson_id", 16),
        from_ms=whole_of(body, "from_ms", MAX_POSITION_MS),
        to_ms=whole_of(body, "to_ms", MAX_POSITION_MS),
        playing=flag_of(body, "playing"),
        visible=flag_of(body, "visible"),
    )
    if beat.to_ms < beat.from_ms:
        raise bad_beat("to_ms")
    return beat


def keep_beat(house: Runtime, beat: service.Beat, arrival: int) -> str:
    """Take a beat durably; return its reply as JSON text. Raises what `take_beat` and the journal raise.

    How the session stood after its last beat is remembered by the process that took it, so that the next one is judged
    without a question and written in one statement; the statement itself says whether that was still true.
    """
    journal, recent, vault = house.journal, house.recent, house.vault
    held: Held | None = recent.get(beat.session_id)
    try:
        if held is None and not journal.is_sqlite:
            held = journal.submit(
                lambda hot: service.hold(hot, beat.session_id, arrival, beat.lesson_id), is_reading=True
            )
        written = service.next_beat(held, vault, beat, arrival) if held is not None else None
        if held is not None and written is not None and journal.write_if(
            service.steps(beat.session_id, held, written, is_sqlite=journal.is_sqlite)
        ):  # fmt: skip
            held = written.after
        else:
            held = journal.submit(lambda hot: service.take_beat(hot, vault, beat, arrival))
    except Refusal:
        recent.drop(beat.session_id)
        raise
    recent.put(beat.session_id, held)
    return service.reply(vault, beat.session_id, held)


def raises_check(reply: str) -> bool:
    """Tell whether a beat's reply names an open presence check, whose question is still to be added."""
    return not reply.endswith(_NO_CHECK)
