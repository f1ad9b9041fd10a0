"""Grading a paper: exact integers in hundredths of a point, never a float (H12)."""

import unicodedata
from collections.abc import Iterable, Mapping

from question_bank.items import (
    Answer,
    ItemType,
    KeyEntry,
    Paper,
    PaperKey,
    PaperQuestion,
    QuestionScore,
    Score,
)
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault

WRITTEN_MAX = 150
"""The longest answer that a candidate may write into a blank; a longer one is refused when it is saved.

No right answer is longer than `validation.item.BLANK_TEXT_MAX`.
"""
_UNSEEN = frozenset({"Cc", "Cf"})
_UNWRITABLE = frozenset({"Cc", "Cs"})


def grade(paper: Paper | PaperKey, answers: Mapping[int, frozenset[str]]) -> Score:
    """Grade `answers` (position -> chosen option ids, or the one text written) against a paper or its key.

    A question earns all its points when exactly the right options are chosen. With partial credit, a choice
    of some right options and no wrong one earns points * chosen / right, rounded down to a hundredth (H13).
    A fill-in question earns all its points when the one text written fills its blank. Everything else earns
    0; nothing is ever negative. A position without an answer, or with an empty one, counts as unanswered. An
    option id that is not on the paper is a wrong choice, and positions that are not on the paper earn
    nothing: closing an attempt must never fail over what a client sent (see `answer_faults` for the check on
    saving).
    """
    key = paper.key if isinstance(paper, Paper) else paper
    per_question = tuple(
        grade_entry(entry, answers.get(entry.position, frozenset())) for entry in key.entries
    )
    return Score(
        points=sum(score.points for score in per_question),
        full_points=key.total_points,
        per_question=per_question,
    )


def passed(score: Score, pass_mark: int) -> bool:
    """Tell whether `score` reaches `pass_mark` (hundredths of a point): the mark itself passes (B4, H12)."""
    return score.points >= pass_mark


def answers_by_position(answers: Iterable[Answer]) -> dict[int, frozenset[str]]:
    """Turn saved answers into what `grade` takes.

    A later answer to the same position replaces an earlier one.
    """
    return {answer.position: answer.chosen for answer in answers}


def answer_faults(question: PaperQuestion, chosen: frozenset[str]) -> list[Fault]:
    """Return why `chosen` cannot be an answer to `question`.

    Reasons are ids that are not shown, more than one option where only one may be chosen, and for a fill-in
    question more than one text, or one that is too long or holds control characters. An empty choice is
    allowed: it takes an answer back.
    """
    if question.type is ItemType.FILL_IN:
        return _written_faults(question, chosen)
    faults: list[Fault] = []
    if not chosen <= {option.id for option in question.options}:
        what = phrase(
            N_("第 %(position)s 题的答案不在本题的选项中。请重新打开试卷再作答。"), position=question.position
        )
        faults.append(Fault("answer_unknown_option", what, "answer"))
    if question.type is not ItemType.MULTIPLE and len(chosen) > 1:
        what = phrase(
            N_("第 %(position)s 题只能选 1 个选项，您选了 %(count)s 个。请只保留一个。"),
            position=question.position,
            count=len(chosen),
        )
        faults.append(Fault("answer_not_single", what, "answer"))
    return faults


def tidy_written(text: str) -> str:
    """Return a written answer as it is kept: one space between words, and no signs that nobody can see."""
    return " ".join(
        "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _UNSEEN).split()
    )


def _written_faults(question: PaperQuestion, written: frozenset[str]) -> list[Fault]:
    if len(written) > 1:
        what = phrase(
            N_("第 %(position)s 题只能填 1 个答案，收到 %(count)s 个。请重新填写。"),
            position=question.position,
            count=len(written),
        )
        return [Fault("answer_not_single", what, "answer")]
    if any(len(text) > WRITTEN_MAX for text in written):
        what = phrase(
            N_("第 %(position)s 题的答案最多 %(most)s 个字。请缩短。"),
            position=question.position,
            most=WRITTEN_MAX,
        )
        return [Fault("answer_too_long", what, "answer")]
    if any(unicodedata.category(sign) in _UNWRITABLE for text in written for sign in text):
        what = phrase(
            N_("第 %(position)s 题的答案里有不能保存的控制字符。请重新填写。"), position=question.position
        )
        return [Fault("answer_unwritable", what, "answer")]
    return []


def grade_entry(entry: KeyEntry, chosen: frozenset[str]) -> QuestionScore:
    """Grade one question by one key."""
    return QuestionScore(
        position=entry.position,
        points=_points(entry, chosen),
        full_points=entry.points,
        answered=any(text.strip() for text in chosen),
    )


def _points(entry: KeyEntry, chosen: frozenset[str]) -> int:
    if not chosen:
        return 0
    if entry.blank is not None:
        return entry.points if len(chosen) == 1 and entry.blank.accepts(next(iter(chosen))) else 0
    if chosen == entry.correct:
        return entry.points
    if entry.partial_credit and chosen < entry.correct:
        return entry.points * len(chosen) // len(entry.correct)
    return 0
