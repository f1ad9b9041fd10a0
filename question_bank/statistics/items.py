"""The figures of one question: how hard it is, whom it tells apart, and what its options attract."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from question_bank.items import Item, ItemId
from question_bank.statistics.moments import correlation, mean
from question_bank.statistics.responses import Response, Sheet


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """What became of one option.

    `count` examinees chose it. `discrimination` is the point-biserial correlation of choosing it with the
    rest score: positive for a right option, negative for one that only misleads those who know little.
    `rest_score` is the mean rest score of those who chose it.
    """

    key: str
    is_right: bool
    count: int
    share: float
    discrimination: float | None
    rest_score: float | None


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One version of a question, over all examinees who had it on their papers.

    `difficulty` is the mean share of the points earned (p; an unanswered question earned none), `right` the
    share of examinees who earned all of them. `discrimination` is the corrected point-biserial correlation:
    of what was earned here with the rest score, that is without this question itself.
    """

    item_id: ItemId
    version: str
    shown: int
    answered: int
    difficulty: float
    right: float
    discrimination: float | None
    options: tuple[OptionFigures, ...]


def item_figures(sheets: Iterable[Sheet], items: Mapping[str, Item]) -> dict[str, ItemFigures]:
    """Return the figures of every version on the sheets; `items` gives the wording of each version.

    A version without its wording has figures, but none of its options.
    """
    answers: defaultdict[str, list[tuple[Response, float | None]]] = defaultdict(list)
    for sheet in sheets:
        for response in sheet.responses:
            answers[response.version].append((response, sheet.rest_score(response)))
    return {version: _figures(found, items.get(version)) for version, found in answers.items()}


def _figures(found: list[tuple[Response, float | None]], item: Item | None) -> ItemFigures:
    first = found[0][0]
    shares = [response.share for response, _ in found]
    return ItemFigures(
        item_id=first.item_id,
        version=first.version,
        shown=len(found),
        answered=sum(response.answered for response, _ in found),
        difficulty=mean(shares),
        right=mean([float(response.points == response.full_points) for response, _ in found]),
        discrimination=_with_rest(found, shares),
        options=_options(found, item) if item else (),
    )


def _options(found: list[tuple[Response, float | None]], item: Item) -> tuple[OptionFigures, ...]:
    figures = []
    for option in item.options:
        chose = [float(option.key in response.chosen) for response, _ in found]
        rest = [
            score for (_, score), picked in zip(found, chose, strict=True) if picked and score is not None
        ]
        count = round(sum(chose))
        figures.append(
            OptionFigures(
                key=option.key,
                is_right=option.key in item.answer,
                count=count,
                share=count / len(found),
                discrimination=_with_rest(found, chose),
                rest_score=mean(rest) if rest else None,
            )
        )
    return tuple(figures)


def _with_rest(found: list[tuple[Response, float | None]], values: list[float]) -> float | None:
    pairs = [(value, rest) for value, (_, rest) in zip(values, found, strict=True) if rest is not None]
    return correlation([value for value, _ in pairs], [rest for _, rest in pairs])
