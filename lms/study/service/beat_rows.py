"""Writing down a beat: its row, and with credit the totals, the window and the coverage (design.md 4)."""

from typing import Any

from lms.core.hot_statements import HotConnection, HotStatement

_COLUMNS = (
    "session_id, seq, lesson_id, window_no, interval_seconds, arrival, from_ms, to_ms, credit_seconds, span_from,"
    " span_to, covered, counted, pending, refusal"
)
_VALUES = (
    ":session, :seq, :lesson, :window, :interval, :arrival, :from_ms, :to_ms, :credit, :span_from,"
    " :span_to, :covered, :counted, :pending, :refusal"
)
_OPEN = "FROM study_session WHERE id = :session AND state = 'open'"


def _from_row(values: str) -> str:
    """Take what a WHERE compares from the row that it found: PostgreSQL would give such a place two types."""
    for place, column in ((":session", "id"), (":person", "person_id"), (":plan", "plan_id")):
        values = values.replace(place, column)
    return values


_BEAT = HotStatement(
    f"INSERT INTO study_beat ({_COLUMNS}) VALUES ({_VALUES})",  # noqa: S608 - constants
    postgresql=f"INSERT INTO study_beat ({_COLUMNS}) SELECT {_from_row(_VALUES)} {_OPEN} ON CONFLICT DO NOTHING",
)
_WINDOW_COLUMNS = "credit_window (person_id, plan_id, window_no, state, seconds, opened_at)"
_WINDOW_VALUES = ":person, :plan, :window, 'pending', 0, :arrival"
_COVERAGE_COLUMNS = "lesson_coverage (person_id, plan_id, lesson_id, counted, pending, reached, stop_at)"
_COVERAGE_VALUES = ":person, :plan, :lesson, :counted_bits, :pending_bits, :reached, :stop_at"
_COVERAGE_AGAIN = (
    "ON CONFLICT (person_id, plan_id, lesson_id)"
    " DO UPDATE SET pending = excluded.pending, reached = excluded.reached"
)
_OPEN_WINDOW = HotStatement(f"INSERT INTO {_WINDOW_COLUMNS} VALUES ({_WINDOW_VALUES})")  # noqa: S608 - constants
_COVER = HotStatement(f"INSERT INTO {_COVERAGE_COLUMNS} VALUES ({_COVERAGE_VALUES}) {_COVERAGE_AGAIN}")  # noqa: S608 - constants
_SET_TOTALS = (
    "UPDATE study_progress SET pending_seconds = :pending, reserved_seconds = :reserved, day = :day,"
    " day_seconds = :day_seconds, studied_at = :arrival"
)
_TOTALS = HotStatement(f"{_SET_TOTALS} WHERE person_id = :person AND plan_id = :plan")
# One statement, so one trip and one transaction. The session cannot be taken over meanwhile, and totals that are not
# as they were read (a check was answered, another beat came first) stop all of it: then nothing is written.
_CREDITED = HotStatement(
    "SELECT 1",
    postgresql=f"WITH s AS (SELECT id {_OPEN} FOR SHARE),"  # noqa: S608 - constants
    f" p AS ({_SET_TOTALS} FROM s WHERE person_id = :person AND plan_id = :plan AND window_no = :window"
    " AND pending_seconds = :had_pending AND counted_seconds = :counted AND check_id IS NULL"
    " RETURNING s.id, person_id, plan_id),"
    f" w AS (INSERT INTO {_WINDOW_COLUMNS} SELECT {_from_row(_WINDOW_VALUES)} FROM p WHERE :had_pending = 0),"
    f" c AS (INSERT INTO {_COVERAGE_COLUMNS} SELECT {_from_row(_COVERAGE_VALUES)} FROM p {_COVERAGE_AGAIN})"
    f" INSERT INTO study_beat ({_COLUMNS}) SELECT {_from_row(_VALUES)} FROM p",
)


def keep_bare(hot: HotConnection, row: dict[str, Any]) -> bool:
    """Write down a beat that earned nothing; False when the session was closed or the number taken meanwhile."""
    return hot.run(_BEAT, row) == 1


def keep_credited(hot: HotConnection, row: dict[str, Any]) -> bool:
    """Write down a beat with its credit; False, with nothing written, when the totals are not as they were read."""
    if not hot.is_sqlite:
        return hot.run(_CREDITED, row) == 1
    if row["had_pending"] == 0:
        hot.run(_OPEN_WINDOW, row)
    hot.run(_TOTALS, row)
    hot.run(_COVER, row)
    return hot.run(_BEAT, row) == 1
