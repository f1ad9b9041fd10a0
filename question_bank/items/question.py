"""What a question of the bank is: its type, difficulty, area, options and answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from question_bank.items.blank import Blank
from question_bank.items.canonical import canonical_text
from question_bank.phrases import N_, Phrase

ItemId: TypeAlias = int | str
"""What the caller's store calls an item. It must survive JSON, so a number or a text."""


class ItemType(StrEnum):
    """The question types a machine can grade without judgement (B5)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"


class Difficulty(StrEnum):
    """How hard the author thinks an item is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


TYPE_NAMES: Mapping[ItemType, str] = MappingProxyType(
    {
        ItemType.SINGLE: N_("单选题"),
        ItemType.MULTIPLE: N_("多选题"),
        ItemType.TRUE_FALSE: N_("判断题"),
        ItemType.FILL_IN: N_("填空题"),
    }
)
DIFFICULTY_NAMES: Mapping[Difficulty, str] = MappingProxyType(
    {Difficulty.EASY: N_("易"), Difficulty.MEDIUM: N_("中"), Difficulty.HARD: N_("难")}
)

# B9: the five modules of the examiner syllabus.
AREAS: Mapping[str, str] = MappingProxyType(
    {
        "policy": N_("政策法规"),
        "standards": N_("职业标准与命（审）题"),
        "methods": N_("考评技术与方法"),
        "administration": N_("考务管理"),
        "workflow": N_("考评员工作流程标准"),
    }
)
"""Knowledge area code -> Chinese name."""

OPTION_KEYS = "ABCDEFGH"
"""The option letters an item may use, in order; their number is the most options an item may have."""

TRUE_KEY = "A"
FALSE_KEY = "B"
TRUE_TEXT = "正确"
FALSE_TEXT = "错误"


def area_names() -> tuple[Phrase, ...]:
    """Return the names of the knowledge areas as words of a phrase."""
    return tuple(Phrase(name) for name in AREAS.values())


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an item: `key` is the author's letter ("A".."H"), `text` what the candidate reads."""

    key: str
    text: str


TRUE_FALSE_OPTIONS: tuple[Option, ...] = (Option(TRUE_KEY, TRUE_TEXT), Option(FALSE_KEY, FALSE_TEXT))
"""The options of every true/false item, in the order in which they are always shown."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the bank, in the author's order.

    `answer` holds the keys of the right options. A fill-in item has no options and no such answer; its key is
    `blank`. `area` is a code of `AREAS`. `source` names the rule the item rests on, for example "N2 B4".
    Stem, options and explanation may hold formulas and pictures as `question_bank.passage` writes them. An
    `Item` may be unsound; `validation.validate_item` says why.
    """

    type: ItemType
    stem: str
    options: tuple[Option, ...]
    answer: frozenset[str]
    explanation: str
    area: str
    difficulty: Difficulty
    source: str
    blank: Blank | None = None


def item_text(item: Item) -> str:
    """Write everything in `item` as canonical JSON: what its fingerprint is taken over, and what may be stored."""
    content: dict[str, object] = {
        "type": item.type.value,
        "stem": item.stem,
        "options": [[option.key, option.text] for option in item.options],
        "answer": sorted(item.answer),
        "explanation": item.explanation,
        "area": item.area,
        "difficulty": item.difficulty.value,
        "source": item.source,
    }
    if item.blank is not None:
        # Only then, so that the fingerprints of all other items stay as they were before blanks came.
        content["blank"] = item.blank.to_json()
    return canonical_text(content)


def fingerprint(item: Item) -> str:
    """Return the SHA-256 (64 hex digits) of everything in `item`; any changed character changes it."""
    return fingerprint_of_text(item_text(item))


def fingerprint_of_text(text: str) -> str:
    """Return the fingerprint of an item that `item_text` has written."""
    return hashlib.sha256(text.encode()).hexdigest()


def same_question_key(item: Item) -> tuple[str, str, frozenset[str]]:
    """Return what makes two items the same question to a candidate.

    It is the type, the stem and the set of option texts.
    """
    return (item.type.value, item.stem, frozenset(option.text for option in item.options))


def right_texts(item: Item) -> frozenset[str]:
    """Return what is right in words, which does not depend on letters or on the order of the options."""
    if item.blank is not None:
        return frozenset([*item.blank.texts, *(number.text for number in item.blank.numbers)])
    return frozenset(option.text for option in item.options if option.key in item.answer)
