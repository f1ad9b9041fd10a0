"""Taking a beat: one hot write that judges it, credits it and remembers its reply (design.md 4 and 5)."""

import hmac
import json
from dataclasses import dataclass

from lms.core.errors import NotFound
from lms.core.journal import HotConnection, HotStatement
from lms.core.vault import Vault
from lms.courses.policy import whole_seconds
from lms.study import policy
from lms.study.errors import wrong_beat
from lms.study.policy import NotCounted, WindowState
from lms.study.service import ledger
from lms.study.service.ledger import Held

_LESSON = HotStatement(
    "SELECT n.duration_ms, n.min_seconds, CASE WHEN c.lesson_id IS NULL THEN n.stop_at ELSE c.stop_at END,"
    " c.reached, c.counted, c.pending FROM lesson n LEFT JOIN lesson_coverage c"
    " ON c.person_id = :person AND c.plan_id = :plan AND c.lesson_id = n.id"
    " WHERE n.id = :lesson AND n.course_id = :course"
)
_BEAT = HotStatement(
    "INSERT INTO study_beat (session_id, seq, person_id, plan_id, lesson_id, window_no, interval_seconds, arrival,"
    " from_ms, to_ms, credit_seconds, span_from, span_to, refusal) VALUES (:session, :seq, :person, :plan, :lesson,"
    " :window, :interval, :arrival, :from_ms, :to_ms, :credit, :span_from, :span_to, :refusal)"
)
_OPEN_WINDOW = HotStatement(
    "INSERT INTO credit_window (person_id, plan_id, window_no, state, seconds, opened_at)"
    " VALUES (:person, :plan, :window, 'pending', 0, :now)"
)
_ADD_PENDING = HotStatement(
    "UPDATE study_progress SET pending_seconds = :pending, reserved_seconds = :reserved, day = :day,"
    " day_seconds = :day_seconds WHERE person_id = :person AND plan_id = :plan"
)
_COVER = HotStatement(
    "INSERT INTO lesson_coverage (person_id, plan_id, lesson_id, counted, pending, reached, stop_at)"
    " VALUES (:person, :plan, :lesson, :counted, :pending, :reached, :stop_at)"
    " ON CONFLICT (person_id, plan_id, lesson_id) DO UPDATE SET pending = excluded.pending, reached = excluded.reached"
)
_SESSION = HotStatement(
    "UPDATE study_session SET seq = :seq, credited_until = :credited_until, last_arrival = :arrival,"
    " last_reply = :reply WHERE id = :session"
)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a player reports: it has just played `from_ms` to `to_ms` of a lesson. Its clock is never asked."""

    session_id: str
    seq: int
    nonce: str
    lesson_id: str
    from_ms: int
    to_ms: int
    playing: bool
    visible: bool


@dataclass(frozen=True, slots=True)
class _Taught:
    """The lesson of a beat as it stands for this person; the last three are None before its first credit."""

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


def nonce_of(vault: Vault, session_id: str, seq: int) -> str:
    """Return the single-use mark that the beat with this number must carry; it is handed out one beat ahead."""
    return vault.sign("beat", session_id, seq)


def take_beat(hot: HotConnection, vault: Vault, beat: Beat, arrival: int) -> str:
    """Judge a beat and return its reply as JSON text. Runs inside the journal.

    The last beat repeated gets its stored reply (fault A11); an older one, one ahead of its turn or one with a
    foreign nonce raises WrongBeat (A3). Raises what `ledger.hold` raises, and NotFound for a lesson
    of another course (A10).
    """
    held = ledger.hold(hot, beat.session_id, arrival)
    if not hmac.compare_digest(beat.nonce.encode(), nonce_of(vault, beat.session_id, beat.seq).encode()):
        raise wrong_beat("study.nonce")
    if beat.seq != held.seq + 1:
        if beat.seq == held.seq and held.last_reply:
            return held.last_reply
        raise wrong_beat("study.old" if beat.seq <= held.seq else "study.ahead")
    totals = held.totals
    if totals.check_id is not None and policy.check_is_overdue(totals.check_deadline, arrival):
        ledger.decide(hot, totals, WindowState.VOID, arrival, (held.presence_min, held.presence_max))
    lesson = hot.rows(_LESSON, totals.key | {"lesson": beat.lesson_id, "course": held.course_id})
    if not lesson:
        raise NotFound
    taught = _Taught(*lesson[0])
    counted_bits, pending_bits = policy.to_bits(taught.counted or b""), policy.to_bits(taught.pending or b"")
    taken = counted_bits | pending_bits
    own_lack = policy.lacking(taught.min_seconds, taken.bit_count())
    day = policy.day_of(arrival)
    missing = totals.required - totals.counted - totals.pending
    rooms = [(missing, NotCounted.COMPLETE), (missing - totals.reserved + own_lack, NotCounted.ENOUGH)]
    if held.daily_limit:
        rooms.append((held.daily_limit - totals.credited_on(day), NotCounted.DAY))
    earned = policy.credit(
        credited_until=held.credited_until,
        arrival=arrival,
        interval_seconds=held.interval_seconds,
        played=policy.seconds_between(beat.from_ms, beat.to_ms, taught.open_seconds),
        taken=taken,
        rooms=rooms,
        not_counted=_why_not(held, taught, beat, arrival),
        otherwise=NotCounted.QUESTION if taught.is_beyond_stop(beat.to_ms) else NotCounted.NO,
    )
    if earned.seconds:
        totals.reserved -= min(own_lack, earned.seconds)
        totals.day_seconds = totals.credited_on(day) + earned.seconds
        totals.day = day
        _keep_credit(hot, held, beat, arrival, taught, earned, pending_bits)
    hot.run(
        _BEAT,
        totals.key
        | {
            "session": beat.session_id, "seq": beat.seq, "lesson": beat.lesson_id, "window": totals.window_no,
            "interval": held.interval_seconds, "arrival": arrival, "from_ms": beat.from_ms, "to_ms": beat.to_ms,
            "credit": earned.seconds, "span_from": earned.span_from, "span_to": earned.span_to,
            "refusal": earned.not_counted.value,
        },
    )  # fmt: skip
    if totals.check_id is None and policy.check_is_due(
        totals.counted, totals.pending, totals.required, totals.check_after
    ):
        ledger.raise_check(hot, held, beat.lesson_id, arrival)
    reply = _reply(vault, held, beat, earned)
    hot.run(
        _SESSION,
        {
            "session": beat.session_id, "seq": beat.seq, "credited_until": earned.credited_until, "arrival": arrival,
            "reply": reply,
        },
    )  # fmt: skip
    return reply


def _why_not(held: Held, taught: _Taught, beat: Beat, arrival: int) -> NotCounted:
    """Return the first reason against the whole beat, if there is one."""
    if held.totals.is_complete:
        return NotCounted.COMPLETE
    if arrival >= held.study_until:
        return NotCounted.CLOSED
    if held.totals.check_id is not None:
        return NotCounted.CHECK
    if not beat.playing:
        return NotCounted.PAUSED
    if not beat.visible:
        return NotCounted.HIDDEN
    if not held.may_skip_ahead and policy.is_skipping(
        beat.from_ms, taught.reached or 0, held.interval_seconds
    ):
        return NotCounted.SKIPPED
    return NotCounted.NO


def _keep_credit(
    hot: HotConnection,
    held: Held,
    beat: Beat,
    arrival: int,
    taught: _Taught,
    earned: policy.Credit,
    pending: int,
) -> None:
    totals = held.totals
    if totals.pending == 0:
        hot.run(_OPEN_WINDOW, totals.key | {"window": totals.window_no, "now": arrival})
    totals.pending += earned.seconds
    hot.run(
        _ADD_PENDING,
        totals.key
        | {
            "pending": totals.pending, "reserved": totals.reserved, "day": totals.day,
            "day_seconds": totals.day_seconds,
        },
    )  # fmt: skip
    hot.run(
        _COVER,
        totals.key
        | {
            "lesson": beat.lesson_id, "counted": taught.counted or b"",
            "pending": policy.to_bytes(pending | earned.covered),
            "reached": max(taught.reached or 0, earned.covered.bit_length()), "stop_at": taught.stop_at,
        },
    )  # fmt: skip


def _reply(vault: Vault, held: Held, beat: Beat, earned: policy.Credit) -> str:
    totals = held.totals
    return json.dumps(
        {
            "seq": beat.seq,
            "next": nonce_of(vault, beat.session_id, beat.seq + 1),
            "lesson": beat.lesson_id,
            "credit": earned.seconds,
            "covered": list(policy.spans(earned.covered)),
            "not_counted": earned.not_counted.value,
            "counted": totals.counted,
            "pending": totals.pending,
            "required": totals.required,
            "check": {"id": totals.check_id, "deadline": totals.check_deadline} if totals.check_id else None,
        },
        separators=(",", ":"),
    )
