"""Credit windows and presence checks in the lane of hot writes: raising a check, and deciding what waits for it."""

import secrets

from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.identifiers import new_id
from lms.study.policy import credit as policy
from lms.study.policy.credit import WindowState
from lms.study.service.ledger import TOTALS, Held, Totals

_TOTALS_TEXT = f"SELECT {TOTALS} FROM study_progress p WHERE p.person_id = :person AND p.plan_id = :plan"  # noqa: S608 - constants
_HOLD_TOTALS = HotStatement(_TOTALS_TEXT, postgresql=f"{_TOTALS_TEXT} FOR UPDATE OF p")
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


def hold_totals(hot: HotConnection, person_id: str, plan_id: str) -> Totals | None:
    """Hold the totals of a person in a plan, or return None."""
    rows = hot.rows(_HOLD_TOTALS, {"person": person_id, "plan": plan_id})
    return Totals(*rows[0]) if rows else None


def raise_check(hot: HotConnection, held: Held, lesson_id: str, now: int) -> None:
    """Raise a presence check; the time to answer comes from the plan."""
    totals = held.totals
    totals.check_id, totals.check_lesson_id, totals.check_tries = new_id(), lesson_id, 0
    totals.check_deadline = now + held.terms.presence_answer * 1000
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
