"""Before the door: when it opens, and how much time somebody really gets who starts at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.exam.policy.attempts import ExamRules, deadline

JITTER_MS = 2000
"""Over how long the doors of a waiting room open, so that it does not ask for everything in one instant."""


@dataclass(frozen=True, slots=True)
class TimeGiven:
    """What a start at a moment gives: until when, how many whole seconds, and how many the window takes away."""

    until: datetime
    seconds: int
    full_seconds: int
    """What he would have if the window took nothing: the plan's time and his own extra time."""
    closes: datetime
    """When the window ends for him."""

    @property
    def lost_seconds(self) -> int:
        """How many of his seconds the window takes away."""
        return self.full_seconds - self.seconds

    @property
    def closes_at_ms(self) -> int:
        """When the window ends for him, as a page compares it with what it was told before."""
        return round(self.closes.timestamp() * 1000)


def time_given(
    rules: ExamRules, now: datetime, extra_seconds: int = 0, extension_seconds: int = 0
) -> TimeGiven:
    """Say what somebody gets who starts now, or at the opening if that is still to come.

    Who starts late loses only what the plan's window takes: the rule is that of the stored deadline. `extra_seconds` is
    the person's own extra time, `extension_seconds` by how much the window ends later for him.
    """
    start = max(now, rules.exam_from)
    closes = rules.exam_until + timedelta(seconds=extension_seconds)
    until = deadline(start, rules.duration_seconds, extra_seconds, closes)
    seconds = max(0, int((until - start).total_seconds()))
    return TimeGiven(until, seconds, rules.duration_seconds + extra_seconds, closes)
