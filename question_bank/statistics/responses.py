"""The input of all figures: graded papers."""

from dataclasses import dataclass
from functools import cached_property

from question_bank.items import ItemId


@dataclass(frozen=True, slots=True)
class Response:
    """What one examinee made of one question.

    `version` is the fingerprint of the wording, `points` and `full_points` are hundredths of a point,
    `chosen` the author's letters of the chosen options (none when unanswered, or when there are no options),
    `written` the text written into a fill-in question.
    """

    item_id: ItemId
    version: str
    points: int
    full_points: int
    chosen: frozenset[str]
    answered: bool
    written: str = ""

    @property
    def share(self) -> float:
        """The part of the points that was earned, from 0 to 1."""
        return self.points / self.full_points


@dataclass(frozen=True)
class Sheet:
    """One examinee's graded paper."""

    responses: tuple[Response, ...]

    @cached_property
    def points(self) -> int:
        """What the whole paper earned, in hundredths of a point."""
        return sum(response.points for response in self.responses)

    @cached_property
    def full_points(self) -> int:
        """What the whole paper was worth."""
        return sum(response.full_points for response in self.responses)

    def rest_score(self, response: Response) -> float | None:
        """Return the share of the points that was earned on all other questions; None when there are none.

        A share and not a sum: examinees answer different questions, and what is left of their papers may be
        worth more or less. On papers that all hold the same questions it differs from the sum by a constant
        factor, so correlations with it are the textbook's *corrected* ones.
        """
        worth = self.full_points - response.full_points
        return (self.points - response.points) / worth if worth else None
