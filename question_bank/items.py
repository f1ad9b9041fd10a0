"""The nouns of the bank: items, blueprints, papers, keys, answers and scores.

Everything is frozen and compares by value. Points are integers in hundredths of a point everywhere (H12): a
question worth two points has `points == 200`, and a paper worth 100 points has `total_points == 10000`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

ItemId: TypeAlias = int | str
"""What the caller's store calls an item. It must survive JSON, so a number or a text."""

POINT = 100
"""One point, in hundredths (H12)."""

FULL_MARK = 100 * POINT
"""What every examiner paper adds up to, in hundredths of a point (B4: 90 of 100 passes)."""


class ItemType(StrEnum):
    """The question types a machine can grade without judgement (B5)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class Difficulty(StrEnum):
    """How hard the author thinks an item is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


TYPE_NAMES: Mapping[ItemType, str] = MappingProxyType(
    {ItemType.SINGLE: "单选题", ItemType.MULTIPLE: "多选题", ItemType.TRUE_FALSE: "判断题"}
)
DIFFICULTY_NAMES: Mapping[Difficulty, str] = MappingProxyType(
    {Difficulty.EASY: "易", Difficulty.MEDIUM: "中", Difficulty.HARD: "难"}
)

# B9: the five modules of the examiner syllabus.
AREAS: Mapping[str, str] = MappingProxyType(
    {
        "policy": "政策法规",
        "standards": "职业标准与命（审）题",
        "methods": "考评技术与方法",
        "administration": "考务管理",
        "workflow": "考评员工作流程标准",
    }
)
"""Knowledge area code -> Chinese name."""

OPTION_KEYS = "ABCDEFGH"
"""The option letters an item may use, in order; their number is the most options an item may have."""

TRUE_KEY = "A"
FALSE_KEY = "B"
TRUE_TEXT = "正确"
FALSE_TEXT = "错误"


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

    `answer` holds the keys of the right options. `area` is a code of `AREAS`. `source` names the rule the
    item rests on, for example "N2 B4". An `Item` may be unsound; `validation.validate_item` says why.
    """

    type: ItemType
    stem: str
    options: tuple[Option, ...]
    answer: frozenset[str]
    explanation: str
    area: str
    difficulty: Difficulty
    source: str


@dataclass(frozen=True, slots=True)
class BlueprintSection:
    """A run of questions of one type on the paper.

    `area` and `difficulty` of None mean "any". `points_each` is in hundredths of a point. With
    `partial_credit` a multiple-choice answer that holds only right options, but not all of them, earns its
    share (H13).
    """

    type: ItemType
    area: str | None
    difficulty: Difficulty | None
    count: int
    points_each: int
    partial_credit: bool = False

    @property
    def points(self) -> int:
        """What the whole section is worth, in hundredths of a point."""
        return self.count * self.points_each

    def fits(self, item: Item) -> bool:
        """Tell whether `item` may stand in this section."""
        return (
            item.type is self.type
            and (self.area is None or item.area == self.area)
            and (self.difficulty is None or item.difficulty is self.difficulty)
        )

    @property
    def label(self) -> str:
        """The section in the words of a page: type, area and difficulty."""
        parts = [TYPE_NAMES[self.type]]
        if self.area is not None:
            parts.append(AREAS.get(self.area, self.area))
        if self.difficulty is not None:
            parts.append(f"难度{DIFFICULTY_NAMES[self.difficulty]}")
        return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How a paper is put together: its sections in the order in which they appear."""

    sections: tuple[BlueprintSection, ...]
    title: str = ""

    @property
    def total_points(self) -> int:
        """What a paper of this blueprint is worth, in hundredths of a point."""
        return sum(section.points for section in self.sections)

    @property
    def total_questions(self) -> int:
        """How many questions a paper of this blueprint has."""
        return sum(section.count for section in self.sections)


@dataclass(frozen=True, slots=True)
class PaperOption:
    """An option as shown on one paper.

    `id` is an opaque token of this paper alone, `label` the shown letter.
    """

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """One question as the candidate sees it. `position` counts from 1, `points` are hundredths of a point."""

    position: int
    type: ItemType
    stem: str
    options: tuple[PaperOption, ...]
    points: int
    partial_credit: bool


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What the grader knows about one question; never sent to a candidate.

    `correct` and `shown` are option ids of the paper. `item_fingerprint` names the exact version of the item.
    """

    position: int
    item_id: ItemId
    item_fingerprint: str
    correct: frozenset[str]
    shown: frozenset[str]
    points: int
    partial_credit: bool


@dataclass(frozen=True, slots=True)
class PaperKey:
    """The secret half of a paper, in the order of its questions."""

    entries: tuple[KeyEntry, ...]

    @property
    def total_points(self) -> int:
        """The full mark of the paper, in hundredths of a point."""
        return sum(entry.points for entry in self.entries)

    def to_json(self) -> dict[str, object]:
        """Return the key as plain JSON values, always in the same order for the same key."""
        return {
            "entries": [
                {
                    "position": entry.position,
                    "item_id": entry.item_id,
                    "item_fingerprint": entry.item_fingerprint,
                    "correct": sorted(entry.correct),
                    "shown": sorted(entry.shown),
                    "points": entry.points,
                    "partial_credit": entry.partial_credit,
                }
                for entry in self.entries
            ]
        }


@dataclass(frozen=True, slots=True)
class Paper:
    """One drawn paper: what is shown, its key, the seed it was drawn from and the hash of its content.

    `seed` can rebuild the paper and so gives away the key: keep it with the key.
    """

    questions: tuple[PaperQuestion, ...]
    key: PaperKey
    seed: str
    content_hash: str

    @property
    def total_points(self) -> int:
        """The full mark of the paper, in hundredths of a point."""
        return self.key.total_points

    @property
    def item_ids(self) -> tuple[ItemId, ...]:
        """The items on this paper in order, for the `avoid` of the next draw."""
        return tuple(entry.item_id for entry in self.key.entries)

    def public_view(self) -> dict[str, object]:
        """Return what the candidate may see, as plain JSON values.

        It holds no key, item, explanation, seed or hash.
        """
        return questions_to_json(self.questions)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a candidate chose at one position: a set of option ids, empty when unanswered."""

    position: int
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """What one question earned, in hundredths of a point."""

    position: int
    points: int
    full_points: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The result of a paper, in hundredths of a point, with each question in order."""

    points: int
    full_points: int
    per_question: tuple[QuestionScore, ...]


def canonical_json(value: object) -> bytes:
    """Write plain JSON values in the one form that hashes are taken over: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(item: Item) -> str:
    """Return the SHA-256 (64 hex digits) of everything in `item`; any changed character changes it."""
    content = {
        "type": item.type.value,
        "stem": item.stem,
        "options": [[option.key, option.text] for option in item.options],
        "answer": sorted(item.answer),
        "explanation": item.explanation,
        "area": item.area,
        "difficulty": item.difficulty.value,
        "source": item.source,
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


def same_question_key(item: Item) -> tuple[str, str, frozenset[str]]:
    """Return what makes two items the same question to a candidate.

    It is the type, the stem and the set of option texts.
    """
    return (item.type.value, item.stem, frozenset(option.text for option in item.options))


def paper_content_hash(public: Mapping[str, object], key: Mapping[str, object]) -> str:
    """Return the SHA-256 (64 hex digits) over both stored halves of a paper."""
    return hashlib.sha256(canonical_json({"public": public, "key": key})).hexdigest()


def questions_to_json(questions: tuple[PaperQuestion, ...]) -> dict[str, object]:
    """Return shown questions as plain JSON values; the way back is `paper_json.questions_from_json`."""
    return {
        "questions": [
            {
                "position": question.position,
                "type": question.type.value,
                "stem": question.stem,
                "options": [
                    {"id": option.id, "label": option.label, "text": option.text}
                    for option in question.options
                ],
                "points": question.points,
                "partial_credit": question.partial_credit,
            }
            for question in questions
        ]
    }
