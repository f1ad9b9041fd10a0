"""Taking a beat: one hot write that judges it, credits it and answers it (design.md 4 and 5)."""

import hmac
import json
from dataclasses import dataclass

from lms.core.errors import NotFound
from lms.core.hot_statements import Collided, HotConnection
from lms.core.vault import Vault
from lms.study import policy
from lms.study.errors import wrong_beat
from lms.study.policy import NotCounted, WindowState
from lms.study.service import beat_rows, ledger
from lms.study.service.ledger import Held, Taught


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


def nonce_of(vault: Vault, session_id: str, seq: int) -> str:
    """Return the single-use mark that the beat with this number must carry; it is handed out one beat ahead."""
    return vault.sign("beat", session_id, seq)


def take_beat(hot: HotConnection, vault: Vault, beat: Beat, arrival: int) -> str:
    """Judge a beat and return its reply as JSON text. Runs inside the journal.

    The last beat repeated gets its reply again (fault A11); an older one, one ahead of its turn or one with a
    foreign nonce raises WrongBeat (A3). Raises what `ledger.hold` raises, and NotFound for a lesson
    of another course (A10).
    """
    ledger.lock(hot, beat.session_id)
    held = ledger.hold(hot, beat.session_id, arrival, beat.lesson_id)
    if _is_repeated(held, beat, vault):
        return _reply(vault, held, beat.session_id)
    totals = held.totals
    if totals.check_id is not None and policy.check_is_overdue(totals.check_deadline, arrival):
        ledger.decide(hot, totals, WindowState.VOID, arrival, (held.presence_min, held.presence_max))
        held = ledger.hold(hot, beat.session_id, arrival, beat.lesson_id)
        totals = held.totals
    judged = _judge(held, beat, arrival)
    if not _keep(hot, held, beat, arrival, judged):
        raise AssertionError("totals changed although they were held")
    if judged.raises_check:
        ledger.raise_check(hot, held, beat.lesson_id, arrival)
    return _reply(vault, held, beat.session_id)


def try_beat(hot: HotConnection, vault: Vault, beat: Beat, arrival: int) -> str | None:
    """Do the same without holding anything, with one statement that writes; None when that is not enough.

    For PostgreSQL, where each statement is a trip: nothing was written when None is returned, and `take_beat` decides.
    """
    held = ledger.hold(hot, beat.session_id, arrival, beat.lesson_id)
    if _is_repeated(held, beat, vault):
        return _reply(vault, held, beat.session_id)
    if held.totals.check_id is not None and policy.check_is_overdue(held.totals.check_deadline, arrival):
        return None
    judged = _judge(held, beat, arrival)
    if judged.raises_check:
        return None
    try:
        is_kept = _keep(hot, held, beat, arrival, judged)
    except Collided:
        return None
    return _reply(vault, held, beat.session_id) if is_kept else None


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a beat earned, and whether a presence check is due after it."""

    earned: policy.Credit
    pending_bits: int
    had_pending: int
    raises_check: bool


def _is_repeated(held: Held, beat: Beat, vault: Vault) -> bool:
    """Tell whether a beat is the last one again. Raises WrongBeat for one out of turn or with a foreign nonce."""
    if not hmac.compare_digest(beat.nonce.encode(), nonce_of(vault, beat.session_id, beat.seq).encode()):
        raise wrong_beat("study.nonce")
    if beat.seq == held.seq + 1:
        return False
    if beat.seq == held.seq and held.last is not None:
        return True
    raise wrong_beat("study.old" if beat.seq <= held.seq else "study.ahead")


def _judge(held: Held, beat: Beat, arrival: int) -> _Judged:
    """Decide what a beat earns, and change the totals as held. Raises NotFound for a lesson of another course."""
    totals, taught = held.totals, held.taught
    if taught is None:
        raise NotFound
    pending_bits = policy.to_bits(taught.pending or b"")
    taken = policy.to_bits(taught.counted or b"") | pending_bits
    own_lack = policy.lacking(taught.min_seconds, taken.bit_count())
    day = policy.day_of(arrival)
    had_pending = totals.pending
    missing = totals.required - totals.counted - had_pending
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
    is_due = False
    if earned.seconds:
        totals.reserved -= min(own_lack, earned.seconds)
        totals.day_seconds = totals.credited_on(day) + earned.seconds
        totals.day = day
        totals.pending += earned.seconds
        is_due = policy.check_is_due(totals.counted, totals.pending, totals.required, totals.check_after)
    return _Judged(earned, pending_bits, had_pending, is_due)


def _why_not(held: Held, taught: Taught, beat: Beat, arrival: int) -> NotCounted:
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


def _keep(hot: HotConnection, held: Held, beat: Beat, arrival: int, judged: _Judged) -> bool:
    """Write the beat down and make it the session's last; False, with nothing written, when it could not be."""
    totals, earned = held.totals, judged.earned
    covered = json.dumps([*policy.spans(earned.covered)], separators=(",", ":")) if earned.seconds else "[]"
    held.last = ledger.LastBeat(
        beat.seq, arrival, earned.span_to, beat.lesson_id, earned.seconds, covered, earned.not_counted.value,
        totals.counted, totals.pending,
    )  # fmt: skip
    row = {
        "session": beat.session_id, "seq": beat.seq, "lesson": beat.lesson_id, "window": totals.window_no,
        "interval": held.interval_seconds, "arrival": arrival, "from_ms": beat.from_ms, "to_ms": beat.to_ms,
        "credit": earned.seconds, "span_from": earned.span_from, "span_to": earned.span_to, "covered": covered,
        "counted": totals.counted, "pending": totals.pending, "refusal": earned.not_counted.value,
    }  # fmt: skip
    if not earned.seconds:
        return beat_rows.keep_bare(hot, row)
    taught = held.taught
    assert taught is not None
    row |= totals.key | {
        "had_pending": judged.had_pending, "reserved": totals.reserved, "day": totals.day,
        "day_seconds": totals.day_seconds, "counted_bits": taught.counted or b"",
        "pending_bits": policy.to_bytes(judged.pending_bits | earned.covered),
        "reached": max(taught.reached or 0, earned.covered.bit_length()), "stop_at": taught.stop_at,
    }  # fmt: skip
    return beat_rows.keep_credited(hot, row)


def _reply(vault: Vault, held: Held, session_id: str) -> str:
    """Tell of the last beat. Written by hand, as every value is a number or a word of ours."""
    last, totals = held.last, held.totals
    assert last is not None
    check = f'{{"id":"{totals.check_id}","deadline":{totals.check_deadline}}}' if totals.check_id else "null"
    return (
        f'{{"seq":{last.seq},"next":"{nonce_of(vault, session_id, last.seq + 1)}","lesson":"{last.lesson_id}",'
        f'"credit":{last.credit},"covered":{last.covered},"not_counted":"{last.refusal}",'
        f'"counted":{last.counted},"pending":{last.pending},"required":{totals.required},"check":{check}}}'
    )
