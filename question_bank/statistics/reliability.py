"""The figures of a blueprint: how reliable its papers are, and whether they are equally hard."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from question_bank.items import POINT
from question_bank.statistics.moments import mean, variance
from question_bank.statistics.responses import Response, Sheet

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a set of papers of one blueprint says.

    `mean` and `spread` (standard deviation) are of the total, in points. `kr20` counts a question as right
    or wrong, `alpha` takes its points; both are None when they are not defined. `error` is the standard
    error of measurement in points: how far a score is likely to be off. `hardest` and `easiest` are what
    the average examinee would earn on the hardest and the easiest of the papers, in points.
    """

    papers: int
    questions: float
    mean: float
    spread: float | None
    kr20: float | None
    alpha: float | None
    error: float | None
    hardest: float | None
    easiest: float | None


def reliability(sheets: Sequence[Sheet]) -> Reliability | None:
    """Return the figures of some papers of one blueprint, or None when there is none.

    When all papers hold the same questions, `kr20` and `alpha` are the textbook's. When each examinee has a
    draw of his own, a plain total would mix his ability with the luck of his draw, so each answer counts by
    how far it lies above the mean of its question, and the variances of the questions are averaged over the
    papers they stand on. With the same questions for all both come to the same. A question that only one
    examinee had has no variance and is left out.
    """
    if not sheets:
        return None
    points = [sheet.points / POINT for sheet in sheets]
    spread = variance(points)
    as_points = _Centred(sheets, lambda response: response.points / POINT)
    as_right = _Centred(sheets, lambda response: float(response.points == response.full_points))
    return Reliability(
        papers=len(sheets),
        questions=mean([float(len(sheet.responses)) for sheet in sheets]),
        mean=mean(points),
        spread=None if spread is None else sqrt(spread),
        kr20=as_right.coefficient(),
        alpha=as_points.coefficient(),
        error=as_points.error(),
        hardest=min(as_points.expected, default=None),
        easiest=max(as_points.expected, default=None),
    )


class _Centred:
    """Scores of questions as distances from their means; made for one way of scoring."""

    def __init__(self, sheets: Sequence[Sheet], score: Callable[[Response], float]) -> None:
        scores: defaultdict[str, list[float]] = defaultdict(list)
        for sheet in sheets:
            for response in sheet.responses:
                scores[response.version].append(score(response))
        means = {version: mean(found) for version, found in scores.items()}
        variances = {
            version: spread for version, found in scores.items() if (spread := variance(found)) is not None
        }
        totals, errors, counts = [], [], []
        self.expected: list[float] = []
        """What the average examinee would earn on each paper."""
        for sheet in sheets:
            kept = [response for response in sheet.responses if response.version in variances]
            if not kept:
                continue
            totals.append(sum(score(response) - means[response.version] for response in kept))
            errors.append(sum(variances[response.version] for response in kept))
            counts.append(float(len(kept)))
            if len(kept) == len(sheet.responses):
                self.expected.append(sum(means[response.version] for response in kept))
        self._total = variance(totals)
        self._error = mean(errors) if errors else 0.0
        self._questions = mean(counts) if counts else 0.0

    def coefficient(self) -> float | None:
        """Return k / (k - 1) * (1 - sum of the questions' variances / variance of the totals)."""
        if not self._total or self._questions < _FEWEST:
            return None
        return self._questions / (self._questions - 1) * (1 - self._error / self._total)

    def error(self) -> float | None:
        """Return the standard error of measurement: the spread of the totals times sqrt(1 - coefficient)."""
        coefficient = self.coefficient()
        if coefficient is None or self._total is None:
            return None
        return sqrt(self._total * max(0.0, 1 - coefficient))
