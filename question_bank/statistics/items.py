"""The figures of one question: how hard it is, whom it tells apart, and what its options attract."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from question_bank.items import Blank, Item, ItemId
from question_bank.statistics.moments import correlation, mean
from question_bank.statistics.responses import Response, Sheet

WRITTEN_SHOWN = 12
"""How many different answers to a fill-in question are worth a look."""


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
class WrittenFigures:
    """What became of one answer written into a fill-in question, however it was spelled.

    `text` is its most usual spelling, `discrimination` and `is_right` are as in `OptionFigures`: a wrong answer
    that able examinees write may be a right one that the key forgot.
    """

    text: str
    is_right: bool
    count: int
    share: float
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One version of a question, over all examinees who had it on their papers.

    `difficulty` is the mean share of the points earned (p; an unanswered question earned none), `right` the
    share of examinees who earned all of them. `discrimination` is the corrected point-biserial correlation:
    of what was earned here with the rest score, that is without this question itself. `written` are the answers
    of a fill-in question, the most frequent first, at most `WRITTEN_SHOWN`.
    """

    item_id: ItemId
    version: str
    shown: int
    answered: int
    difficulty: float
    right: float
    discrimination: float | None
    options: tuple[OptionFigures, ...]
    written: tuple[WrittenFigures, ...] = ()


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
        written=_written(found, item.blank) if item and item.blank else (),
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


def _written(found: list[tuple[Response, float | None]], blank: Blank) -> tuple[WrittenFigures, ...]:
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for response, _ in found:
        if response.written:
            spellings[blank.folded(response.written)][response.written] += 1
    frequent = sorted(spellings, key=lambda said: (-spellings[said].total(), said))[:WRITTEN_SHOWN]
    return tuple(
        WrittenFigures(
            text=spellings[said].most_common(1)[0][0],
            is_right=blank.accepts(said),
            count=spellings[said].total(),
            share=spellings[said].total() / len(found),
            discrimination=_with_rest(
                found, [float(blank.folded(response.written) == said) for response, _ in found]
            ),
        )
        for said in frequent
    )


def _with_rest(found: list[tuple[Response, float | None]], values: list[float]) -> float | None:
    pairs = [(value, rest) for value, (_, rest) in zip(values, found, strict=True) if rest is not None]
    return correlation([value for value, _ in pairs], [rest for _, rest in pairs])
