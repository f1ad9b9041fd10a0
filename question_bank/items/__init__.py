"""The nouns of the bank: items, blueprints, papers, keys, answers and scores.

Everything is frozen and compares by value. Points are integers in hundredths of a point everywhere (H12): a
question worth two points has `points == 200`, and a paper worth 100 points has `total_points == 10000`.
All names may be imported from here: `question` holds items, `blueprint` and `paper` what is drawn from them,
`score` what comes back.
"""

from question_bank.items.blueprint import FULL_MARK, POINT, Blueprint, BlueprintSection, Cell, Part
from question_bank.items.canonical import canonical_json
from question_bank.items.paper import (
    DrawRecord,
    KeyEntry,
    Paper,
    PaperKey,
    PaperOption,
    PaperQuestion,
    paper_content_hash,
    questions_to_json,
)
from question_bank.items.question import (
    AREAS,
    DIFFICULTY_NAMES,
    FALSE_KEY,
    FALSE_TEXT,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    TRUE_KEY,
    TRUE_TEXT,
    TYPE_NAMES,
    Difficulty,
    Item,
    ItemId,
    ItemType,
    Option,
    area_names,
    fingerprint,
    same_question_key,
)
from question_bank.items.score import Answer, QuestionScore, Score

__all__ = [
    "AREAS",
    "DIFFICULTY_NAMES",
    "FALSE_KEY",
    "FALSE_TEXT",
    "FULL_MARK",
    "OPTION_KEYS",
    "POINT",
    "TRUE_FALSE_OPTIONS",
    "TRUE_KEY",
    "TRUE_TEXT",
    "TYPE_NAMES",
    "Answer",
    "Blueprint",
    "BlueprintSection",
    "Cell",
    "Difficulty",
    "DrawRecord",
    "Item",
    "ItemId",
    "ItemType",
    "KeyEntry",
    "Option",
    "Paper",
    "PaperKey",
    "PaperOption",
    "PaperQuestion",
    "Part",
    "QuestionScore",
    "Score",
    "area_names",
    "canonical_json",
    "fingerprint",
    "paper_content_hash",
    "questions_to_json",
    "same_question_key",
]
