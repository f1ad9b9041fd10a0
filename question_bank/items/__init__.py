"""The nouns of the bank: items, blueprints, papers, keys, answers and scores.

Everything is frozen and compares by value. Points are integers in hundredths of a point everywhere (H12): a
question worth two points has `points == 200`, and a paper worth 100 points has `total_points == 10000`.
All names may be imported from here: `question` holds items, `blueprint` and `paper` what is drawn from them,
`score` what comes back, `blank` the key of a fill-in item.
"""

from question_bank.items.blank import (
    ALTERNATIVES_SIGN,
    NUMBER_DIGITS_MAX,
    TOLERANCE_SIGN,
    Blank,
    Number,
    blank_from_json,
    plain_decimal,
    read_decimal,
)
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
    right_texts,
    same_question_key,
)
from question_bank.items.score import Answer, QuestionScore, Score

__all__ = [
    "ALTERNATIVES_SIGN",
    "AREAS",
    "DIFFICULTY_NAMES",
    "FALSE_KEY",
    "FALSE_TEXT",
    "FULL_MARK",
    "NUMBER_DIGITS_MAX",
    "OPTION_KEYS",
    "POINT",
    "TOLERANCE_SIGN",
    "TRUE_FALSE_OPTIONS",
    "TRUE_KEY",
    "TRUE_TEXT",
    "TYPE_NAMES",
    "Answer",
    "Blank",
    "Blueprint",
    "BlueprintSection",
    "Cell",
    "Difficulty",
    "DrawRecord",
    "Item",
    "ItemId",
    "ItemType",
    "KeyEntry",
    "Number",
    "Option",
    "Paper",
    "PaperKey",
    "PaperOption",
    "PaperQuestion",
    "Part",
    "QuestionScore",
    "Score",
    "area_names",
    "blank_from_json",
    "canonical_json",
    "fingerprint",
    "paper_content_hash",
    "plain_decimal",
    "questions_to_json",
    "read_decimal",
    "right_texts",
    "same_question_key",
]
