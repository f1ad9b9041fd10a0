"""Taking a beat: one hot write that judges it and credits it; its reply is told of what was written (design.md 5)."""

import hmac
import json
from typing import NamedTuple

from lms.core.errors import NotFound, busy
from lms.core.hot_statements import HotConnection, run_if
from lms.core.vault import Vault
from lms.study.errors import wrong_beat
from lms.study.policy import credit as policy
from lms.study.policy.credit import NotCounted, WindowState
from lms.study.service import ledger, windows
from lms.study.service.ledger import Held, LastBeat, Taught, Written

_PLAIN = frozenset({NotCounted.NO, NotCounted.FAST, NotCounted.PAUSED, NotCounted.HIDDEN})
"""Verdicts that need nothing but what a session was when its last beat was taken; any other is judged under lock."""

_NOTHING_LEFT = frozenset({NotCounted.NO, NotCounted.COMPLETE, NotCounted.QUESTION})
"""Verdicts on a beat that was watched and for which nothing was left to credit."""


class Beat(NamedTuple):
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


def take_beat(hot: HotConnection, vault: Vault, beat: Beat, arrival: int) -> Held:
    """Judge a beat and write it down; return how its session stands then. Runs inside the journal.

    The last beat repeated is not written again (fault A11); an older one, one ahead of its turn or one with a
    foreign nonce raises WrongBeat (A3). Raises what `ledger.hold` raises, NotFound for a lesson of another course
    (A10), and Busy when the totals were changed although they are held.
    """
    ledger.lock(hot, beat.session_id)
    held = ledger.hold(hot, beat.session_id, arrival, beat.lesson_id)
    if _is_repeated(held, beat, vault):
        return held
    if policy.check_is_overdue(held.totals.check_deadline, arrival):
        windows.decide(
            hot, held.totals, WindowState.VOID, arrival, (held.terms.presence_min, held.terms.presence_max)
        )
        held = ledger.hold(hot, beat.session_id, arrival, beat.lesson_id)
    written = _judge(held, beat, arrival)
    if not run_if(hot, ledger.steps(beat.session_id, held, written, is_sqlite=hot.is_sqlite)):
        raise busy()
    if _raises_check(written):
        windows.raise_check(hot, written.after, beat.lesson_id, arrival)
    return written.after


def next_beat(held: Held, vault: Vault, beat: Beat, arrival: int) -> Written | None:
    """Judge a beat by how its session stood after the one before; None when that is not enough.

    Pure: whether it still stands so is asked by the statement that writes. Raises WrongBeat for a foreign nonce.
    """
    if not _is_next(held, beat, arrival):
        return None
    _check_nonce(beat, vault)
    written = _judge(held.with_sign_in_renewed(arrival), beat, arrival)
    return written if _is_plain(held, written) else None


def reply(vault: Vault, session_id: str, held: Held) -> str:
    """Tell of the last beat, as JSON. Written by hand, as every value is a number or a word of ours."""
    last, totals = held.last, held.totals
    if last is None:
        raise ValueError("no beat was taken")
    check = f'{{"id":"{totals.check_id}","deadline":{totals.check_deadline}}}' if totals.check_id else "null"
    return (
        f'{{"seq":{last.seq},"next":"{nonce_of(vault, session_id, last.seq + 1)}","lesson":"{last.lesson_id}",'
        f'"credit":{last.credit},"covered":{last.covered},"not_counted":"{last.refusal}",'
        f'"counted":{last.counted},"pending":{last.pending},"required":{totals.required},"check":{check}}}'
    )


def _is_next(held: Held, beat: Beat, arrival: int) -> bool:
    """Tell whether what is remembered is enough to judge a beat: the next number, the same lesson, a sign-in alive."""
    return (
        beat.seq == held.seq + 1
        and held.taught is not None
        and held.taught.lesson_id == beat.lesson_id
        and held.terms.is_signed_in(arrival)
    )


def _check_nonce(beat: Beat, vault: Vault) -> None:
    """Raise WrongBeat for a nonce that was not handed out for this number of this session."""
    if not hmac.compare_digest(beat.nonce.encode(), nonce_of(vault, beat.session_id, beat.seq).encode()):
        raise wrong_beat("study.nonce")


def _is_repeated(held: Held, beat: Beat, vault: Vault) -> bool:
    """Tell whether a beat is the last one again. Raises WrongBeat for one out of turn or with a foreign nonce."""
    _check_nonce(beat, vault)
    if beat.seq == held.seq + 1:
        return False
    if beat.seq == held.seq and held.last is not None:
        return True
    raise wrong_beat("study.old" if beat.seq <= held.seq else "study.ahead")


def _is_plain(held: Held, written: Written) -> bool:
    """Tell whether a verdict stands without a lock: no check is open or due, and nothing is used up."""
    last = written.after.last
    return (
        held.totals.check_id is None
        and last is not None
        and last.refusal in _PLAIN
        and not _raises_check(written)
    )


def _raises_check(written: Written) -> bool:
    """Tell whether a presence check is due after a beat.

    A beat that was credited raises it, and one that was watched when nothing was left to credit: a granted appeal may
    have been all that was missing, and what is pending then waits for a check that no credit would raise.
    A beat with which play ended leaves the random moment to the next one, for one interval at most: who has just gone
    cannot answer.
    """
    totals, last, interval = written.after.totals, written.after.last, written.after.terms.interval_seconds
    is_cut_short = policy.is_cut_short(written.from_ms, written.to_ms, interval)
    return (
        last is not None
        and totals.check_id is None
        and (last.credit > 0 or last.refusal in _NOTHING_LEFT)
        and policy.check_is_due(
            totals.counted,
            totals.pending,
            totals.required,
            totals.check_after,
            patience=interval if is_cut_short else 0,
        )
    )


def _judge(held: Held, beat: Beat, arrival: int) -> Written:
    """Decide what a beat earns. Raises NotFound for a lesson of another course."""
    totals, taught, terms = held.totals, held.taught, held.terms
    if taught is None:
        raise NotFound
    pending_bits = policy.to_bits(taught.pending or b"")
    taken = policy.to_bits(taught.counted or b"") | pending_bits
    own_lack = policy.lacking(taught.min_seconds, taken.bit_count())
    day = policy.day_of(arrival)
    missing = totals.required - totals.counted - totals.pending
    rooms = [(missing, NotCounted.COMPLETE), (missing - totals.reserved + own_lack, NotCounted.ENOUGH)]
    if terms.daily_limit:
        rooms.append((terms.daily_limit - totals.credited_on(day), NotCounted.DAY))
    earned = policy.credit(
        credited_until=held.credited_until,
        arrival=arrival,
        interval_seconds=terms.interval_seconds,
        played=policy.seconds_between(beat.from_ms, beat.to_ms, taught.open_seconds),
        taken=taken,
        rooms=rooms,
        not_counted=_why_not(held, taught, beat, arrival),
        otherwise=NotCounted.QUESTION if taught.is_beyond_stop(beat.to_ms) else NotCounted.NO,
    )
    covered = "[]"
    if earned.seconds:
        covered = json.dumps([*policy.spans(earned.covered)], separators=(",", ":"))
        totals = totals.with_credit(earned.seconds, own_lack, day)
        taught = taught._replace(
            pending=policy.to_bytes(pending_bits | earned.covered),
            reached=max(taught.reached or 0, earned.covered.bit_length()),
        )
    last = LastBeat(
        beat.seq, arrival, earned.span_to, beat.lesson_id, earned.seconds, covered, earned.not_counted.value,
        totals.counted, totals.pending,
    )  # fmt: skip
    return Written(beat.from_ms, beat.to_ms, earned.span_from, Held(totals, last, taught, terms))


def _why_not(held: Held, taught: Taught, beat: Beat, arrival: int) -> NotCounted:
    """Return the first reason against the whole beat, if there is one."""
    if held.totals.is_complete:
        return NotCounted.COMPLETE
    if arrival >= held.terms.study_until:
        return NotCounted.CLOSED
    if held.totals.check_id is not None:
        return NotCounted.CHECK
    if not beat.playing:
        return NotCounted.PAUSED
    if not beat.visible:
        return NotCounted.HIDDEN
    if not held.terms.may_skip_ahead and policy.is_skipping(
        beat.from_ms, taught.reached or 0, held.terms.interval_seconds
    ):
        return NotCounted.SKIPPED
    return NotCounted.NO
