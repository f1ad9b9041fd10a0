"""When a holder is reminded that his certificate ends."""

THRESHOLDS = (7, 30, 90)
"""Days before the last valid one, the most urgent first (issue 7, part 5)."""


def threshold(days_left: int) -> int | None:
    """Return the most urgent threshold that so many days before the end have reached, or None.

    Whoever was not told in time, because the house stood still, is told this one alone.
    """
    if days_left < 0:
        return None
    return next((days for days in THRESHOLDS if days_left <= days), None)


def days_of(days: int) -> tuple[int, int]:
    """Return the first and the last number of days left for which a threshold is the most urgent one."""
    nearer = [other for other in THRESHOLDS if other < days]
    return (max(nearer) + 1 if nearer else 0), days
