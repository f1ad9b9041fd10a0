"""What the live board says of each person: it notices and shows, and people decide. Nothing here fails anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.core.errors import N_

POLL_SECONDS = 3
"""How often a candidate's page asks; with its jitter and a slow network what staff do is seen within five seconds."""
SEEN_EVERY = timedelta(seconds=4)
"""A page's visit is written down at most so often."""
LOST_AFTER = timedelta(seconds=15)
"""A page that did not ask for so long is cut off."""
SILENT_AFTER = timedelta(minutes=4)
"""Nothing was saved for so long."""
GAP_AFTER = timedelta(seconds=20)
"""A silence of the page that is worth a line of the evidence."""
AWAY_TIMES, AWAY_SECONDS = 3, 30
"""So many switches away, or so many seconds in all, are worth a look."""
AWAY_FLOOR_SECONDS = 1
"""A shorter absence is a window that the system itself opened for a moment."""
AWAY_SECONDS_MOST = 24 * 3600
SIGHTINGS_MOST = 400
"""A page that reports more switches than this is not believed any further; what is kept says enough."""
SIGHTINGS_AT_ONCE = 20
ACKNOWLEDGED_AT_ONCE = 20


class SightingKind(StrEnum):
    """What was noticed by itself."""

    LEFT = "left"
    """Somebody left the page; nobody knows yet for how long."""
    AWAY = "away"
    """Somebody came back to the page after so many seconds."""
    GAP = "gap"
    """The page was not heard of for so many seconds."""


class SeatState(StrEnum):
    """How somebody sits, in one word."""

    OUT = "out"
    WORKING = "working"
    PAUSED = "paused"
    LOST = "lost"
    CLOSING = "closing"
    DONE = "done"
    ENDED = "ended"
    VOIDED = "voided"


STATE_WORDS: dict[SeatState, str] = {
    SeatState.OUT: N_("未到"),
    SeatState.WORKING: N_("作答中"),
    SeatState.PAUSED: N_("已暂停"),
    SeatState.LOST: N_("断线"),
    SeatState.CLOSING: N_("正在收卷"),
    SeatState.DONE: N_("已交卷"),
    SeatState.ENDED: N_("已被结束，待决定"),
    SeatState.VOIDED: N_("已作废"),
}


class Look(StrEnum):
    """Why somebody may want to look."""

    AWAY = "away"
    SILENT = "silent"
    DEVICE = "device"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What is known of one sitting, as the rules see it."""

    is_started: bool = False
    is_open: bool = False
    """In progress, and not overdue."""
    is_graded: bool = False
    is_voided: bool = False
    awaits_verdict: bool = False
    is_paused: bool = False
    started_at: datetime | None = None
    seen_at: datetime | None = None
    saved_at: datetime | None = None
    resumed_at: datetime | None = None
    """When the last pause ended: silence before it was no silence."""
    away_times: int = 0
    away_seconds: int = 0
    is_away: bool = False
    """Left, and not back yet."""
    device_changes: int = 0


def seat_state(facts: SeatFacts, now: datetime) -> SeatState:
    """Say how somebody sits. A page without scripts is not seen; its saves and its start count in that place."""
    if not facts.is_started:
        return SeatState.OUT
    if facts.is_voided:
        return SeatState.VOIDED
    if facts.awaits_verdict:
        return SeatState.ENDED
    if facts.is_graded:
        return SeatState.DONE
    if not facts.is_open:
        return SeatState.CLOSING
    if facts.is_paused:
        return SeatState.PAUSED
    return SeatState.LOST if _is_lost(facts, now) else SeatState.WORKING


def looks(facts: SeatFacts, now: datetime) -> list[Look]:
    """Say what somebody may want to look at; switches and devices that were judged already are left out before."""
    if facts.awaits_verdict:
        return [Look.DECISION]
    if not facts.is_open:
        return []
    found = []
    if facts.away_times >= AWAY_TIMES or facts.away_seconds >= AWAY_SECONDS:
        found.append(Look.AWAY)
    if facts.device_changes:
        found.append(Look.DEVICE)
    moments = [at for at in (facts.started_at, facts.saved_at, facts.resumed_at) if at is not None]
    is_silent = bool(moments) and now - max(moments) >= SILENT_AFTER
    if is_silent and not facts.is_paused and not _is_lost(facts, now):
        found.append(Look.SILENT)
    return found


def last_sign(facts: SeatFacts) -> datetime | None:
    """Return when a page was last heard of."""
    signs = [at for at in (facts.seen_at, facts.saved_at, facts.started_at) if at is not None]
    return max(signs) if signs else None


def _is_lost(facts: SeatFacts, now: datetime) -> bool:
    # Whoever works without scripts is never seen between two saves: he is silent, not lost.
    return facts.seen_at is not None and now - (last_sign(facts) or now) >= LOST_AFTER
