"""A candidate who has read the whole bank and answers as well as the story wants.

The paper's key stays where it is: the right options are found as a candidate finds them, by knowing the question.
"""

import random
from collections.abc import Iterable, Mapping

from question_bank.items import Item, ItemType, PaperQuestion, same_question_key

FULL_POINTS = 100
BLANK_SHARE = 0.1
"""How many of the missed questions are left blank."""

QuestionKey = tuple[str, str, frozenset[str]]


def learnt(items: Iterable[Item]) -> dict[QuestionKey, frozenset[str]]:
    """Return what a well-read candidate knows: for each question of the bank the texts of its right options."""
    return {
        same_question_key(item): frozenset(
            option.text for option in item.options if option.key in item.answer
        )
        for item in items
    }


def answer_sheet(
    questions: Iterable[PaperQuestion],
    known: Mapping[QuestionKey, frozenset[str]],
    points: int,
    chance: random.Random,
) -> dict[int, frozenset[str]]:
    """Answer a paper so that it earns `points`: right everywhere but in questions worth the rest."""
    answers = {question.position: _right(question, known) for question in questions}
    lost = (FULL_POINTS - points) * 100
    missed = sorted(questions, key=lambda _: chance.random())
    for question in missed:
        if question.points <= lost:
            lost -= question.points
            answers[question.position] = _wrong(question, answers[question.position], chance)
    return answers


def _right(question: PaperQuestion, known: Mapping[QuestionKey, frozenset[str]]) -> frozenset[str]:
    texts = known[question.type.value, question.stem, frozenset(option.text for option in question.options)]
    return frozenset(option.id for option in question.options if option.text in texts)


def _wrong(question: PaperQuestion, right: frozenset[str], chance: random.Random) -> frozenset[str]:
    """Return a choice that earns nothing: another option, one too few, or now and then none at all."""
    if question.type is ItemType.MULTIPLE:
        return right - {min(right)}
    others = [option.id for option in question.options if option.id not in right]
    return frozenset() if chance.random() < BLANK_SHARE else frozenset({chance.choice(others)})
