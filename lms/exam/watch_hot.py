"""A visit of a candidate's page without a web framework, for the lane below Flask when there is nothing to say."""

import json
from typing import Any

from lms.core.errors import N_, Invalid, Reason
from lms.core.unit_of_work import Runtime
from lms.exam.policy.watching import (
    ACKNOWLEDGED_AT_ONCE,
    SIGHTINGS_AT_ONCE,
    SIGHTINGS_MOST,
)
from lms.exam.service.answers import read_lease
from lms.exam.service.watching import Answer, Switch, Visit, receive

_ID_LENGTH = 16
_PARTS_OF_SWITCH = 3


def answer_visit(house: Runtime, body: dict[str, Any], arrival: int) -> str | None:
    """Take a visit and return the reply as JSON text; None when something is to be said in the reader's language.

    Asking twice is asking once, so that Flask may take the same visit again.
    """
    answer = take_visit(house, body, arrival)
    if answer.unread or answer.pause_ms:
        return None
    return json.dumps(plain(answer), separators=(",", ":"))


def take_visit(house: Runtime, body: dict[str, Any], arrival: int) -> Answer:
    """Read and take a visit: `{lease, away: [[number, milliseconds ago, seconds or null]], read: [message ids]}`.

    Raises LeaseDead, Invalid for a body of another shape, Busy.
    """
    return receive(house, read_lease(house.vault, body.get("lease")), read_visit(body), arrival)


def plain(answer: Answer) -> dict[str, Any]:
    """Return an answer without its words."""
    return {
        "open": answer.is_open, "held": answer.is_held, "remaining_ms": answer.remaining_ms,
        "pause_ms": answer.pause_ms,
    }  # fmt: skip


def read_visit(body: dict[str, Any]) -> Visit:
    """Read what a page says. Raises Invalid."""
    away, read = body.get("away", []), body.get("read", [])
    if not isinstance(away, list) or len(away) > SIGHTINGS_AT_ONCE:
        raise _wrong("away")
    if (
        not isinstance(read, list)
        or len(read) > ACKNOWLEDGED_AT_ONCE
        or not all(isinstance(one, str) and len(one) <= _ID_LENGTH for one in read)
    ):
        raise _wrong("read")
    switches = [_switch(one) for one in away]
    return Visit(tuple(one for one in switches if one.serial <= SIGHTINGS_MOST), tuple(read))


def _switch(one: object) -> Switch:
    if not isinstance(one, list) or len(one) != _PARTS_OF_SWITCH:
        raise _wrong("away")
    serial, ago, seconds = one
    if type(serial) is not int or type(ago) is not int or not (seconds is None or type(seconds) is int):
        raise _wrong("away")
    if serial < 1:
        raise _wrong("away")
    return Switch(serial, ago, seconds)


def _wrong(name: str) -> Invalid:
    return Invalid(
        Reason(
            "visit", N_("%(name)s 的写法不对"), way_out=N_("请刷新页面后重试"), field_name=name,
            params={"name": name},
        )
    )  # fmt: skip
