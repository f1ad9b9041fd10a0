"""Whether a question has become easier or harder from one wording, or one time, to the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from question_bank.statistics.moments import mean, welch
from question_bank.statistics.responses import Response


@dataclass(frozen=True, slots=True)
class Drift:
    """The difficulties of two sets of answers; `t` is Welch's, None when neither set varies.

    `change` is positive when the later set earned more.
    """

    earlier: float
    later: float
    change: float
    t: float | None


def drift(earlier: Iterable[Response], later: Iterable[Response]) -> Drift | None:
    """Compare the answers to two versions of a question; None when one of them has none."""
    before = [response.share for response in earlier]
    after = [response.share for response in later]
    if not before or not after:
        return None
    first, second = mean(before), mean(after)
    return Drift(first, second, second - first, welch(before, after))
