"""Grading again after a correction: what a wording's key is taken for once somebody has found it wrong.

A set of corrections of one wording has one meaning, in whatever order they came: a void one takes the question
out, else one that credits all gives everybody its points, else an answer earns the most that any accepted key
gives; the paper's own key is accepted unless one of them puts another in its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from question_bank.grading import grade_entry
from question_bank.items import (
    Blank,
    Item,
    KeyEntry,
    Number,
    PaperKey,
    PaperQuestion,
    QuestionScore,
    Score,
    read_decimal,
)


class CorrectionKind(StrEnum):
    """What a correction does to one wording."""

    VOID = "void"
    """The question does not count: neither what it earned nor what it could earn."""
    ALSO = "also"
    """Another key is right beside the present one."""
    INSTEAD = "instead"
    """Another key is right in the place of the paper's own."""
    CREDIT = "credit"
    """Everybody who had the question on his paper earns all its points."""


KEYED = frozenset({CorrectionKind.ALSO, CorrectionKind.INSTEAD})


@dataclass(frozen=True, slots=True)
class Amendment:
    """One correction of one wording: the other key in the author's letters, or the texts that fill its gap."""

    kind: CorrectionKind
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """An amendment in the terms of one paper: option ids in the place of letters, or a blank."""

    kind: CorrectionKind
    correct: frozenset[str] = frozenset()
    blank: Blank | None = None


def rulings_on(
    key: PaperKey, questions: Sequence[PaperQuestion], amended: Mapping[str, Iterable[Amendment]],
    wordings: Mapping[str, Item],
) -> dict[int, tuple[Ruling, ...]]:  # fmt: skip
    """Return by position what amendments, given by the fingerprint of their wording, mean on one paper.

    `wordings` holds every amended wording: its letters are led to the paper's options by their texts.
    """
    found: dict[int, tuple[Ruling, ...]] = {}
    for entry, question in zip(key.entries, questions, strict=True):
        if amendments := tuple(amended.get(entry.item_fingerprint, ())):
            item = wordings[entry.item_fingerprint]
            found[entry.position] = tuple(_ruling(one, item, question, entry) for one in amendments)
    return found


def _ruling(amendment: Amendment, item: Item, question: PaperQuestion, entry: KeyEntry) -> Ruling:
    if amendment.kind not in KEYED:
        return Ruling(amendment.kind)
    if entry.blank is not None:
        return Ruling(amendment.kind, blank=also_blank(entry.blank, amendment.accepted))
    texts = {option.text for option in item.options if option.key in amendment.accepted}
    return Ruling(amendment.kind, frozenset(option.id for option in question.options if option.text in texts))


def also_blank(own: Blank, accepted: Iterable[str]) -> Blank:
    """Return a blank that is filled by other texts, read as `own` reads its own: as numbers, or as texts."""
    if own.numbers:
        numbers = [number for text in accepted if (number := read_decimal(text)) is not None]
        return Blank(numbers=tuple(Number(number) for number in numbers))
    return Blank(tuple(accepted), (), own.case_matters)


def grade_amended(
    key: PaperKey, answers: Mapping[int, frozenset[str]], rulings: Mapping[int, Sequence[Ruling]]
) -> Score:
    """Grade answers against a key as corrected; without rulings this is `grading.grade`."""
    per_question = tuple(
        _grade(entry, answers.get(entry.position, frozenset()), rulings.get(entry.position, ()))
        for entry in key.entries
    )
    return Score(
        points=sum(score.points for score in per_question),
        full_points=sum(score.full_points for score in per_question),
        per_question=per_question,
    )


def _grade(entry: KeyEntry, chosen: frozenset[str], rulings: Sequence[Ruling]) -> QuestionScore:
    own = grade_entry(entry, chosen)
    if not rulings:
        return own
    kinds = {ruling.kind for ruling in rulings}
    if CorrectionKind.VOID in kinds:
        return replace(own, points=0, full_points=0)
    if CorrectionKind.CREDIT in kinds:
        return replace(own, points=entry.points)
    others = [replace(entry, correct=one.correct, blank=one.blank) for one in rulings]
    accepted = others if CorrectionKind.INSTEAD in kinds else [entry, *others]
    return max((grade_entry(one, chosen) for one in accepted), key=lambda score: score.points)


def passed_in_proportion(score: Score, whole_points: int, pass_mark: int) -> bool:
    """Tell whether a score reaches the pass mark, which shrinks with what is void: 90 of 100 is 88.2 of 98.

    Compared as whole numbers, so that nothing is ever rounded. A paper of which nothing is left is not passed.
    """
    return score.full_points > 0 and score.points * whole_points >= pass_mark * score.full_points
