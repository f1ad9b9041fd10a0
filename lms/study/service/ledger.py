"""The ledger in the lane of hot writes: one session as it stands, and the statements that change it.

These statements run on the driver itself, in the journal's transaction (design.md 4): no ORM, few
statements, all by primary key. On SQLite the journal's one writer is the queue. On PostgreSQL `lock` holds the
session and the totals, so that beats, answers and a takeover of one person queue up; a beat that only adds credit
does without (`beat_rows`).
"""

import secrets
from dataclasses import dataclass
from typing import Any

from lms.accounts.policy import ABSOLUTE_LIMIT, IDLE_LIMIT
from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.identifiers import new_id
from lms.courses.policy import whole_seconds
from lms.study import policy
from lms.study.errors import forged_lease, login_ended, session_closed
from lms.study.policy import SessionState, WindowState

IDLE_MS = int(IDLE_LIMIT.total_seconds() * 1000)
ABSOLUTE_MS = int(ABSOLUTE_LIMIT.total_seconds() * 1000)

_TOTALS = (
    "p.person_id, p.plan_id, p.counted_seconds, p.pending_seconds, p.required_seconds, p.reserved_seconds,"
    " p.day, p.day_seconds, p.window_no, p.check_after_seconds, p.check_id, p.check_lesson_id, p.check_deadline,"
    " p.check_tries"
)
_TOTALS_WIDTH = _TOTALS.count(",") + 1
_LAST = (
    "b.seq, b.arrival, b.span_to, b.lesson_id, b.credit_seconds, b.covered, b.refusal, b.counted, b.pending"
)
_LAST_WIDTH = _LAST.count(",") + 1
_TAUGHT = (
    "n.duration_ms, n.min_seconds, CASE WHEN c.lesson_id IS NULL THEN n.stop_at ELSE c.stop_at END, c.reached,"
    " c.counted, c.pending"
)
_TAUGHT_WIDTH = 6
_HOLD = HotStatement(
    f"SELECT {_TOTALS}, {_LAST}, {_TAUGHT}, s.state, s.close_reason, s.credited_from,"  # noqa: S608 - constants
    " s.interval_seconds, s.study_until, s.presence_min_seconds, s.presence_max_seconds, s.presence_answer_seconds,"
    " s.may_skip_ahead, s.daily_limit_seconds, s.application_id, l.id, l.revoked_at, l.seen_at, l.created_at"
    " FROM study_session s"
    " JOIN study_progress p ON p.person_id = s.person_id AND p.plan_id = s.plan_id"
    " JOIN login_session l ON l.id = s.login_session_id"
    " LEFT JOIN study_beat b ON b.session_id = s.id"
    " AND b.seq = (SELECT MAX(x.seq) FROM study_beat x WHERE x.session_id = :session)"
    " LEFT JOIN lesson n ON n.id = :lesson AND n.course_id = s.course_id"
    " LEFT JOIN lesson_coverage c ON c.person_id = s.person_id AND c.plan_id = s.plan_id AND c.lesson_id = n.id"
    " WHERE s.id = :session"
)
_LOCK = HotStatement(
    "SELECT 1",
    postgresql="SELECT 1 FROM study_session s JOIN study_progress p ON p.person_id = s.person_id"
    " AND p.plan_id = s.plan_id WHERE s.id = :session FOR UPDATE OF s, p",
)
_TOTALS_TEXT = f"SELECT {_TOTALS} FROM study_progress p WHERE p.person_id = :person AND p.plan_id = :plan"  # noqa: S608 - constants
_HOLD_TOTALS = HotStatement(_TOTALS_TEXT, postgresql=f"{_TOTALS_TEXT} FOR UPDATE OF p")
_SEEN = HotStatement(
    "UPDATE login_session SET seen_at = :now WHERE id = :login AND revoked_at IS NULL AND seen_at < :now"
)
_DECIDE_WINDOW = HotStatement(
    "UPDATE credit_window SET state = :state, seconds = :seconds, decided_at = :now, check_id = :check_id"
    " WHERE person_id = :person AND plan_id = :plan AND window_no = :window AND state = 'pending'"
)
_COVERAGE = HotStatement(
    "SELECT c.lesson_id, c.counted, c.pending, n.min_seconds FROM lesson_coverage c JOIN lesson n ON n.id = c.lesson_id"
    " WHERE c.person_id = :person AND c.plan_id = :plan AND length(c.pending) > 0"
)
_CREDITED_SINCE = HotStatement(
    "SELECT COALESCE(SUM(b.credit_seconds), 0) FROM study_session s JOIN study_beat b ON b.session_id = s.id"
    " WHERE s.person_id = :person AND s.plan_id = :plan AND b.arrival >= :since AND b.window_no = :window"
)
_SETTLE_COVERAGE = HotStatement(
    "UPDATE lesson_coverage SET counted = :counted, pending = :empty"
    " WHERE person_id = :person AND plan_id = :plan AND lesson_id = :lesson"
)
_DECIDE_TOTALS = HotStatement(
    "UPDATE study_progress SET counted_seconds = :counted, pending_seconds = 0, reserved_seconds = :reserved,"
    " day_seconds = :day_seconds, window_no = :window,"
    " check_after_seconds = :check_after, check_id = NULL, check_lesson_id = NULL, check_raised_at = NULL,"
    " check_deadline = NULL, check_tries = 0, completed_at = :completed"
    " WHERE person_id = :person AND plan_id = :plan"
)
_RAISE = HotStatement(
    "UPDATE study_progress SET check_id = :check_id, check_lesson_id = :lesson, check_raised_at = :now,"
    " check_deadline = :deadline, check_tries = 0 WHERE person_id = :person AND plan_id = :plan"
)
_TRY = HotStatement(
    "UPDATE study_progress SET check_tries = :tries WHERE person_id = :person AND plan_id = :plan"
)


_DECIDED = HotStatement(
    "SELECT state, seconds FROM credit_window"
    " WHERE person_id = :person AND plan_id = :plan AND window_no = :window AND check_id = :check_id"
)


@dataclass(slots=True)
class Totals:
    """The totals of one person in one plan, as held for this transaction."""

    person_id: str
    plan_id: str
    counted: int
    pending: int
    required: int
    reserved: int
    day: int
    day_seconds: int
    window_no: int
    check_after: int
    check_id: str | None
    check_lesson_id: str | None
    check_deadline: int | None
    check_tries: int

    @property
    def key(self) -> dict[str, Any]:
        """The two names every statement needs."""
        return {"person": self.person_id, "plan": self.plan_id}

    def credited_on(self, day: int) -> int:
        """Return how many seconds were credited on a day that has no later one."""
        return self.day_seconds if day == self.day else 0

    @property
    def is_complete(self) -> bool:
        """Whether the requirement is reached in counted seconds (B1, B2): 179:59 is not."""
        return self.counted >= self.required


@dataclass(frozen=True, slots=True)
class LastBeat:
    """The last beat of a session: it says where the session stands, and what its reply told."""

    seq: int
    arrival: int
    span_to: int
    lesson_id: str
    credit: int
    covered: str
    refusal: str
    counted: int
    pending: int


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson as it stands for a person; the last three are None before its first credit."""

    duration_ms: int
    min_seconds: int
    stop_at: int | None
    reached: int | None
    counted: bytes | None
    pending: bytes | None

    @property
    def open_seconds(self) -> int:
        """How many seconds of the lesson may be credited: up to the next in-lesson question, or all."""
        whole = whole_seconds(self.duration_ms)
        return whole if self.stop_at is None else min(whole, self.stop_at)

    def is_beyond_stop(self, to_ms: int) -> bool:
        """Whether a stretch ends a second or more after a question that is not answered yet."""
        return self.stop_at is not None and to_ms >= (self.stop_at + 1) * 1000


@dataclass(slots=True)
class Held:
    """A session with its totals, its last beat and a lesson, as held for this transaction. Times in milliseconds."""

    totals: Totals
    last: LastBeat | None
    taught: Taught | None
    state: str
    close_reason: str | None
    credited_from: int
    interval_seconds: int
    study_until: int
    presence_min: int
    presence_max: int
    presence_answer: int
    may_skip_ahead: bool
    daily_limit: int
    application_id: str
    login_id: str
    login_revoked_at: int | None
    login_seen_at: int
    login_created_at: int

    @property
    def seq(self) -> int:
        """The number of the last beat that was taken."""
        return self.last.seq if self.last else 0

    @property
    def credited_until(self) -> int:
        """Server time up to which credit is settled: no moment before it can be credited any more."""
        if self.last is None:
            return self.credited_from
        after = policy.credited_until_after(self.last.span_to, self.last.arrival, self.interval_seconds)
        return max(self.credited_from, after)


_LAST_AT = _TOTALS_WIDTH + _LAST_WIDTH
_TAUGHT_AT = _LAST_AT + _TAUGHT_WIDTH


def lock(hot: HotConnection, session_id: str) -> None:
    """Let beats, answers and a takeover of one person queue up behind this transaction (PostgreSQL)."""
    if not hot.is_sqlite:
        hot.rows(_LOCK, {"session": session_id})


def hold(hot: HotConnection, session_id: str, arrival: int, lesson_id: str = "") -> Held:
    """Return an open session whose sign-in is alive, with a lesson of its course if one is named.

    Raises ForgedLease, LoginEnded or SessionClosed.
    """
    rows = hot.rows(_HOLD, {"session": session_id, "lesson": lesson_id})
    if not rows:
        raise forged_lease()
    row = rows[0]
    held = Held(
        Totals(*row[:_TOTALS_WIDTH]),
        None if row[_TOTALS_WIDTH] is None else LastBeat(*row[_TOTALS_WIDTH:_LAST_AT]),
        None if row[_LAST_AT] is None else Taught(*row[_LAST_AT:_TAUGHT_AT]),
        *row[_TAUGHT_AT:],
    )
    if (
        held.login_revoked_at is not None
        or arrival - held.login_seen_at >= IDLE_MS
        or arrival - held.login_created_at >= ABSOLUTE_MS
    ):
        raise login_ended()
    if held.state != SessionState.OPEN:
        raise session_closed(held.close_reason)
    if arrival - held.login_seen_at > policy.SEEN_EVERY_MS:
        hot.run(_SEEN, {"login": held.login_id, "now": arrival})
    return held


def hold_totals(hot: HotConnection, person_id: str, plan_id: str) -> Totals | None:
    """Hold the totals of a person in a plan, or return None."""
    rows = hot.rows(_HOLD_TOTALS, {"person": person_id, "plan": plan_id})
    return Totals(*rows[0]) if rows else None


def raise_check(hot: HotConnection, held: Held, lesson_id: str, now: int) -> None:
    """Raise a presence check; the time to answer comes from the plan."""
    totals = held.totals
    totals.check_id, totals.check_lesson_id, totals.check_tries = new_id(), lesson_id, 0
    totals.check_deadline = now + held.presence_answer * 1000
    hot.run(
        _RAISE,
        totals.key
        | {"check_id": totals.check_id, "lesson": lesson_id, "now": now, "deadline": totals.check_deadline},
    )


def note_try(hot: HotConnection, totals: Totals) -> None:
    """Write down a wrong answer."""
    totals.check_tries += 1
    hot.run(_TRY, totals.key | {"tries": totals.check_tries})


def decided_by(hot: HotConnection, totals: Totals, check_id: str) -> tuple[WindowState, int] | None:
    """Return the fate and the seconds of the last window, when this check decided it: for a repeated answer."""
    rows = hot.rows(_DECIDED, totals.key | {"window": totals.window_no - 1, "check_id": check_id})
    return (WindowState(rows[0][0]), rows[0][1]) if rows else None


def decide(
    hot: HotConnection,
    totals: Totals,
    state: WindowState,
    now: int,
    presence: tuple[int, int],
    random_bits: int | None = None,
) -> None:
    """Decide the pending window: counted, or void. The next window gets a fresh random moment.

    `presence` is the plan's range of seconds between two checks; `random_bits` are drawn unless given.
    """
    for lesson_id, counted, pending, min_seconds in hot.rows(_COVERAGE, totals.key):
        bits = policy.to_bits(counted)
        if state is WindowState.COUNTED:
            bits |= policy.to_bits(pending)
        else:
            had = bits.bit_count() + policy.to_bits(pending).bit_count()
            totals.reserved += policy.lacking(min_seconds, bits.bit_count()) - policy.lacking(
                min_seconds, had
            )
        hot.run(
            _SETTLE_COVERAGE,
            totals.key | {"lesson": lesson_id, "counted": policy.to_bytes(bits), "empty": b""},
        )
    hot.run(
        _DECIDE_WINDOW,
        totals.key
        | {
            "window": totals.window_no, "state": state.value, "seconds": totals.pending, "now": now,
            "check_id": totals.check_id,
        },
    )  # fmt: skip
    if state is WindowState.COUNTED:
        totals.counted += totals.pending
    else:
        # What is void does not use up the day on which it was credited.
        today = {"since": policy.day_began(totals.day), "window": totals.window_no}
        totals.day_seconds -= hot.rows(_CREDITED_SINCE, totals.key | today)[0][0]
    totals.pending = 0
    totals.window_no += 1
    drawn = secrets.randbits(32) if random_bits is None else random_bits
    totals.check_after = policy.draw_check(*presence, drawn)
    totals.check_id = totals.check_lesson_id = totals.check_deadline = None
    hot.run(
        _DECIDE_TOTALS,
        totals.key
        | {
            "counted": totals.counted, "reserved": totals.reserved, "day_seconds": totals.day_seconds,
            "window": totals.window_no, "check_after": totals.check_after,
            "completed": now if totals.is_complete else None,
        },
    )  # fmt: skip
