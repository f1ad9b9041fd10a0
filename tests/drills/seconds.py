"""The seconds of study after a kill: what the clients were told they have, against what the ledger grants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.core.unit_of_work import Runtime
from tests.drills.ledger_view import credited_beats, credited_spans, earned
from tests.drills.studying import StudyTab

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Seconds:
    """The sums over everybody. `lost` were acknowledged and are not granted; `twice` are granted again."""

    acknowledged: int
    stored: int
    lost: int
    twice: int

    @classmethod
    def of(cls, runtime: Runtime, tabs: Sequence[StudyTab]) -> "Seconds":
        """Hold the clients' replies against beats, totals and bitmaps, person by person."""
        by_beat, spans = credited_beats(runtime), credited_spans(runtime)
        acknowledged = stored = lost = twice = 0
        for tab in tabs:
            study = tab.seat
            own = {
                seq: worth for (session_id, seq), worth in by_beat.items() if session_id == study.session_id
            }
            totals = earned(runtime, study.person_id, study.plan_id)
            acknowledged += sum(tab.credits.values())
            stored += totals.credited
            lost += missing_seconds(tab.credits, own, totals.credited)
            twice += doubled_seconds(own, spans.get(study.session_id, ()), totals.credited, totals.covered)
        return cls(acknowledged, stored, lost, twice)


def missing_seconds(acknowledged: Mapping[int, int], beats: Mapping[int, int], total: int) -> int:
    """Count acknowledged seconds that their own beats do not hold, or that the total does not."""
    by_beat = sum(max(0, seconds - beats.get(seq, 0)) for seq, seconds in acknowledged.items())
    return max(by_beat, sum(acknowledged.values()) - total, 0)


def doubled_seconds(beats: Mapping[int, int], spans: Spans, total: int, covered: int) -> int:
    """Count seconds granted twice: beyond the beats, beyond the seconds covered, or for the same server time.

    `spans` are the stretches of server time, in milliseconds, that the beats were credited for.
    """
    overlap, until = 0, None
    for start, end in sorted(spans):
        if until is not None:
            overlap += max(0, min(end, until) - start)
        until = end if until is None else max(until, end)
    return max(total - sum(beats.values()), total - covered, -(-overlap // 1000), 0)
