"""What the ledger holds of one person, read from the rows themselves and never from a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from lms.core.unit_of_work import Runtime

OWN_BEATS = "study_session s JOIN study_beat b ON b.session_id = s.id"


@dataclass(frozen=True)
class Earned:
    """The ledger of one person in every plan. Whole seconds, but `elapsed_ms`."""

    counted: int
    pending: int
    ever: int
    """Seconds credited at any time, those of voided windows among them."""
    elapsed_ms: int
    """Server time from the opening of his first session to the arrival of his last beat."""
    covered: int
    """How many different seconds of lessons his coverage holds."""
    open_sessions: int
    refusals: Counter[str]
    """How many beats were not credited in full, by the reason that was written down."""

    @property
    def credited(self) -> int:
        """Seconds that count or may still come to count."""
        return self.counted + self.pending

    @property
    def elapsed(self) -> int:
        """The whole seconds of server time: the most that an honest viewer can have."""
        return self.elapsed_ms // 1000


def earned(runtime: Runtime, person_id: str, plan_id: str = "") -> Earned:
    """Read the ledger of a person, in one plan or in all of his plans."""
    key = {"person": person_id, "plan": plan_id}
    mine = "person_id = :person" + (" AND plan_id = :plan" if plan_id else "")
    with runtime.read() as uow:

        def ask(what: str, table: str, end: str = "") -> Sequence[Row[Any]]:
            return uow.session.execute(text(f"SELECT {what} FROM {table} WHERE {mine} {end}"), key).all()

        [(counted, pending)] = ask(
            "COALESCE(SUM(counted_seconds), 0), COALESCE(SUM(pending_seconds), 0)", "study_progress"
        )
        [(ever, last)] = ask("COALESCE(SUM(b.credit_seconds), 0), MAX(b.arrival)", OWN_BEATS)
        [(first, still_open)] = ask(
            "MIN(opened_at), COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0)", "study_session"
        )
        bitmaps = ask("counted, pending", "lesson_coverage")
        refusals = ask("b.refusal, COUNT(*)", OWN_BEATS, "GROUP BY b.refusal")
    return Earned(
        counted=int(counted),
        pending=int(pending),
        ever=int(ever),
        elapsed_ms=last - first if first is not None and last is not None else 0,
        covered=sum((_bits(counted) | _bits(pending)).bit_count() for counted, pending in bitmaps),
        open_sessions=int(still_open),
        refusals=Counter({why: count for why, count in refusals if why}),
    )


def credited_beats(runtime: Runtime) -> dict[tuple[str, int], int]:
    """Return the seconds of every beat in the ledger, by session and number."""
    with runtime.read() as uow:
        rows = uow.session.execute(text("SELECT session_id, seq, credit_seconds FROM study_beat"))
        return {(session_id, seq): seconds for session_id, seq, seconds in rows}


def credited_spans(runtime: Runtime) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches of server time that were credited, by session, in milliseconds."""
    spans: dict[str, list[tuple[int, int]]] = {}
    with runtime.read() as uow:
        for session_id, start, end in uow.session.execute(
            text("SELECT session_id, span_from, span_to FROM study_beat WHERE credit_seconds > 0")
        ):
            spans.setdefault(session_id, []).append((start, end))
    return spans


def _bits(stored: bytes) -> int:
    return int.from_bytes(stored, "little")
