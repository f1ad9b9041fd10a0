"""Means, variances and correlations, summed without loss; None where a figure is not defined."""

from collections.abc import Sequence
from math import fsum, sqrt

_FEWEST = 2


def mean(values: Sequence[float]) -> float:
    """Return the mean of at least one value."""
    return fsum(values) / len(values)


def variance(values: Sequence[float]) -> float | None:
    """Return the sample variance (divided by n - 1), None for fewer than two values."""
    if len(values) < _FEWEST:
        return None
    centre = mean(values)
    return fsum((value - centre) ** 2 for value in values) / (len(values) - 1)


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Pearson's coefficient; with a left side of zeros and ones it is the point-biserial one.

    It is None when either side never varies (everybody right, or equal everywhere else) or for fewer than
    two pairs: there is nothing to go together then.
    """
    if len(left) < _FEWEST or min(left) == max(left) or min(right) == max(right):
        return None
    middle, centre = mean(left), mean(right)
    together = fsum((x - middle) * (y - centre) for x, y in zip(left, right, strict=True))
    apart = fsum((x - middle) ** 2 for x in left) * fsum((y - centre) ** 2 for y in right)
    if apart <= 0:  # so little variation that its square is no longer a number
        return None
    return max(-1.0, min(1.0, together / sqrt(apart)))


def welch(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Welch's t of two means, positive when the right one is higher; None when neither side varies."""
    spread_left, spread_right = variance(left), variance(right)
    if spread_left is None or spread_right is None:
        return None
    error = spread_left / len(left) + spread_right / len(right)
    return (mean(right) - mean(left)) / sqrt(error) if error else None
