"""What the ledger holds of one person, read from the rows themselves and never from a page."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import text

from lms.core.unit_of_work import Runtime


@dataclass(frozen=True)
class Earned:
    """The ledger of one person in every plan. Whole seconds, but `elapsed_ms`."""

    counted: int
    pending: int
    ever: int
    """Seconds credited at any time, those of voided windows among them."""
    elapsed_ms: int
    """Server time from the opening of his first session to the arrival of his last beat."""
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


def earned(runtime: Runtime, person_id: str) -> Earned:
    """Read the ledger of a person."""
    key = {"person": person_id}
    with runtime.read() as uow:
        run = uow.session.execute
        counted, pending = run(
            text(
                "SELECT COALESCE(SUM(counted_seconds), 0), COALESCE(SUM(pending_seconds), 0)"
                " FROM study_progress WHERE person_id = :person"
            ),
            key,
        ).one()
        ever, last = run(
            text(
                "SELECT COALESCE(SUM(credit_seconds), 0), MAX(arrival) FROM study_beat WHERE person_id = :person"
            ),
            key,
        ).one()
        first, still_open = run(
            text(
                "SELECT MIN(opened_at), COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0)"
                " FROM study_session WHERE person_id = :person"
            ),
            key,
        ).one()
        refusals = run(
            text("SELECT refusal, COUNT(*) FROM study_beat WHERE person_id = :person GROUP BY refusal"), key
        ).all()
    return Earned(
        counted=int(counted),
        pending=int(pending),
        ever=int(ever),
        elapsed_ms=last - first if first is not None and last is not None else 0,
        open_sessions=int(still_open),
        refusals=Counter({why: count for why, count in refusals if why}),
    )


def credited_beats(runtime: Runtime) -> dict[tuple[str, int], int]:
    """Return the seconds of every beat in the ledger, by session and number."""
    with runtime.read() as uow:
        rows = uow.session.execute(text("SELECT session_id, seq, credit_seconds FROM study_beat"))
        return {(session_id, seq): seconds for session_id, seq, seconds in rows}
