"""The beat without a web framework: what `lms.app.hot_lane` answers below Flask when nothing is amiss."""

from typing import Any

from lms.core.unit_of_work import Runtime
from lms.study import service
from lms.study.forms import read_beat

_NO_CHECK = '"check":null}'


def answer_beat(house: Runtime, body: dict[str, Any], arrival: int) -> str | None:
    """Take a beat and return its reply, or None when the reply needs more than the ledger knows.

    Raises whatever refusal `POST /api/v1/study/beat` answers with.
    """
    reply = keep_beat(house, read_beat(house.vault, body), arrival)
    return None if raises_check(reply) else reply


def keep_beat(house: Runtime, beat: service.Beat, arrival: int) -> str:
    """Take a beat durably; return its reply as JSON text. Raises what `take_beat` and the journal raise."""
    if house.journal.is_many_trips:
        tried: str | None = house.journal.submit(
            lambda hot: service.try_beat(hot, house.vault, beat, arrival), is_single=True
        )
        if tried is not None:
            return tried
    reply: str = house.journal.submit(lambda hot: service.take_beat(hot, house.vault, beat, arrival))
    return reply


def raises_check(reply: str) -> bool:
    """Tell whether a beat's reply names an open presence check, whose question is still to be added."""
    return not reply.endswith(_NO_CHECK)
