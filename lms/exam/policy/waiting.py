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
    lost_seconds: int


def time_given(
    rules: ExamRules, now: datetime, extra_seconds: int = 0, extension_seconds: int = 0
) -> TimeGiven:
    """Say what somebody gets who starts now, or at the opening if that is still to come.

    Who starts late loses only what the plan's window takes: the rule is that of the stored deadline. `extra_seconds` is
    the person's own extra time, `extension_seconds` by how much the window ends later for him.
    """
    start = max(now, rules.exam_from)
    until = deadline(
        start, rules.duration_seconds, extra_seconds, rules.exam_until + timedelta(seconds=extension_seconds)
    )
    seconds = max(0, int((until - start).total_seconds()))
    return TimeGiven(until, seconds, max(0, rules.duration_seconds + extra_seconds - seconds))
