"""Taking a candidate's page at its word that it is there, that it was left, and that messages were read.

Only the device that holds the attempt is listened to. What it says has no effect by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.core.clock import to_ms
from lms.core.hot_statements import HotConnection, HotStatement, Step
from lms.core.unit_of_work import Runtime
from lms.exam.errors import lease_dead
from lms.exam.policy.watching import (
    AWAY_FLOOR_SECONDS,
    AWAY_SECONDS_MOST,
    GAP_AFTER,
    SEEN_EVERY,
    SightingKind,
)
from lms.exam.queries.watching import Standing, Told, standing
from lms.exam.service.answers import Lease

_SECOND_MS = 1000

SEEN = HotStatement(
    """
    INSERT INTO exam_presence (attempt_id, seen_at) VALUES (:attempt, :arrived)
    ON CONFLICT (attempt_id) DO UPDATE SET seen_at = excluded.seen_at
    WHERE exam_presence.seen_at < excluded.seen_at
    """
)
NOTICE = HotStatement(
    """
    INSERT INTO exam_sighting (attempt_id, kind, serial, at, seconds)
    VALUES (:attempt, :kind, :serial, :at, :seconds)
    ON CONFLICT DO NOTHING
    """
)
READ = HotStatement(
    """
    UPDATE exam_message_receipt SET acknowledged_at = :arrived
    WHERE attempt_id = :attempt AND message_id = :message AND acknowledged_at IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Switch:
    """The page was left so many milliseconds ago; `seconds` is None while nobody is back."""

    serial: int
    ago_ms: int
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page says when it asks how things stand."""

    switches: tuple[Switch, ...] = ()
    read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page is told."""

    is_open: bool
    is_held: bool
    remaining_ms: int
    pause_ms: int
    """For how much longer the time stands still at most; 0 while it goes."""
    pause_reason: str
    unread: tuple[Told, ...]


def receive(runtime: Runtime, lease: Lease, visit: Visit, arrived_ms: int) -> Answer:
    """Take a visit and answer it. The same visit twice is one visit. Raises LeaseDead, Busy."""
    with runtime.read() as uow:
        found = standing(uow, lease.attempt_id, lease.login_session_id)
        now = uow.now
    if found is None or found.is_revoked:
        raise lease_dead()
    attempt = found.attempt
    is_open, is_held = attempt.is_open(now), attempt.login_session_id == lease.login_session_id
    unread = found.unread
    if is_held and (steps := _steps(found, visit, arrived_ms, is_open=is_open)):
        runtime.journal.submit(lambda hot: _run(hot, steps))
        unread = tuple(one for one in unread if one.id not in visit.read)
    pauses = attempt.paused_until is not None and attempt.is_paused(now)
    return Answer(
        is_open, is_held, attempt.remaining_ms(now),
        to_ms(attempt.paused_until) - to_ms(now) if pauses and attempt.paused_until else 0,
        found.pause_reason, unread,
    )  # fmt: skip


def _steps(found: Standing, visit: Visit, arrived_ms: int, *, is_open: bool) -> list[Step]:
    """Return what there is to write; nothing on most visits."""
    attempt_id = found.attempt.id
    steps: list[Step] = [
        (READ, {"arrived": arrived_ms, "attempt": attempt_id, "message": message_id})
        for message_id in visit.read
    ]
    if not is_open:
        return steps
    started_ms = to_ms(found.attempt.started_at)
    for switch in visit.switches:
        steps += _switch(attempt_id, started_ms, switch, arrived_ms)
    seen_ms = to_ms(found.seen_at) if found.seen_at else None
    if seen_ms is None or arrived_ms - seen_ms >= SEEN_EVERY.total_seconds() * _SECOND_MS:
        steps.append((SEEN, {"attempt": attempt_id, "arrived": arrived_ms}))
    if seen_ms is not None and arrived_ms - seen_ms >= GAP_AFTER.total_seconds() * _SECOND_MS:
        steps.append(
            _notice(
                attempt_id, SightingKind.GAP, max(0, seen_ms - started_ms) // _SECOND_MS, seen_ms,
                (arrived_ms - seen_ms) // _SECOND_MS,
            )
        )  # fmt: skip
    return steps


def _switch(attempt_id: str, started_ms: int, switch: Switch, arrived_ms: int) -> list[Step]:
    # Nobody left the page before the exam began, nor after he says so. The device's clock may have been set meanwhile:
    # what it says of lengths is bounded, and never a reason to hear nothing more of this page.
    at = min(arrived_ms, max(started_ms, arrived_ms - switch.ago_ms))
    if switch.seconds is None:
        return [_notice(attempt_id, SightingKind.LEFT, switch.serial, at, 0)]
    if switch.seconds < AWAY_FLOOR_SECONDS:
        return []
    seconds = min(switch.seconds, AWAY_SECONDS_MOST, (arrived_ms - started_ms) // _SECOND_MS)
    return [_notice(attempt_id, SightingKind.AWAY, switch.serial, at, seconds)]


def _notice(attempt_id: str, kind: SightingKind, serial: int, at: int, seconds: int) -> Step:
    values = {
        "attempt": attempt_id,
        "kind": str(kind),
        "serial": serial,
        "at": at,
        "seconds": max(0, seconds),
    }
    return NOTICE, values


def _run(hot: HotConnection, steps: Sequence[Step]) -> None:
    for statement, values in steps:
        hot.run(statement, values)
