"""Which questions somebody should look at, and why. The figures only point; people decide."""

from collections.abc import Mapping
from enum import StrEnum
from math import sqrt
from types import MappingProxyType

from question_bank.items import ItemType
from question_bank.phrases import N_
from question_bank.statistics.drift import Drift
from question_bank.statistics.items import ItemFigures, OptionFigures, WrittenFigures

ENOUGH_ANSWERS = 30
"""With fewer examinees a figure is more chance than question."""
EASY_ABOVE = 0.95
HARD_BELOW = 0.20
WEAK_BELOW = 0.10
ENOUGH_FOR_UNUSED = 100
DRIFT_T = 3.0
DRIFT_CHANGE = 0.10
_STANDARD_ERRORS = 2.0


class Suspicion(StrEnum):
    """Why a question is worth a look, the gravest first."""

    KEY = "key"
    NEGATIVE = "negative"
    DRIFT = "drift"
    HARD = "hard"
    WEAK = "weak"
    EASY = "easy"
    UNUSED = "unused"


SUSPICION_NAMES: Mapping[Suspicion, str] = MappingProxyType(
    {
        Suspicion.KEY: N_("答案可能有误"),
        Suspicion.NEGATIVE: N_("区分度为负"),
        Suspicion.DRIFT: N_("难度变了"),
        Suspicion.HARD: N_("过难"),
        Suspicion.WEAK: N_("区分度低"),
        Suspicion.EASY: N_("过易"),
        Suspicion.UNUSED: N_("有选项没人选"),
    }
)


def suspicions(figures: ItemFigures, type_: ItemType, change: Drift | None = None) -> list[Suspicion]:
    """Return why a question is worth a look, the gravest first; nothing before enough examinees had it."""
    if figures.shown < ENOUGH_ANSWERS:
        return []
    power = figures.discrimination
    tests = {
        Suspicion.KEY: _key_is_doubtful(figures, type_),
        Suspicion.NEGATIVE: power is not None and power < 0,
        Suspicion.DRIFT: change is not None
        and change.t is not None
        and abs(change.t) > DRIFT_T
        and abs(change.change) >= DRIFT_CHANGE,
        Suspicion.HARD: figures.difficulty < HARD_BELOW,
        Suspicion.WEAK: power is not None and 0 <= power < WEAK_BELOW,
        Suspicion.EASY: figures.difficulty > EASY_ABOVE,
        Suspicion.UNUSED: figures.shown >= ENOUGH_FOR_UNUSED
        and type_ is not ItemType.TRUE_FALSE
        and any(not option.count for option in figures.options),
    }
    return [reason for reason, holds in tests.items() if holds]


def _key_is_doubtful(figures: ItemFigures, type_: ItemType) -> bool:
    """Tell whether those who do well elsewhere choose against the key.

    Either an option is chosen, or an answer written, against its mark by more than chance would explain (two
    standard errors of a correlation of nought), or, where one option is right, another is chosen more often
    and by better people.
    """
    chance = _STANDARD_ERRORS / sqrt(figures.shown)
    taken: list[OptionFigures | WrittenFigures] = [*figures.options, *figures.written]
    if any(_leans(one) > chance for one in taken):
        return True
    right = [option for option in figures.options if option.is_right]
    if type_ is ItemType.MULTIPLE or len(right) != 1:
        return False
    [keyed] = right
    return any(
        not option.is_right
        and option.count > keyed.count
        and (option.discrimination or 0) > max(0, keyed.discrimination or 0)
        for option in figures.options
    )


def _leans(one: OptionFigures | WrittenFigures) -> float:
    power = one.discrimination or 0.0
    return -power if one.is_right else power
