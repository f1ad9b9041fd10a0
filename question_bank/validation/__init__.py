"""When an item or a blueprint is sound.

Pure checks that return every fault, in words an author can act on. All names may be imported from here:
`item` and `blueprint` hold the checks of either, `text` what both and the importer ask of a text.
"""

from question_bank.validation.blueprint import (
    Shortage,
    feasibility,
    points_text,
    shortages,
    validate_blueprint,
)
from question_bank.validation.fault import Fault, Where
from question_bank.validation.item import (
    EXPLANATION_MAX,
    MULTIPLE_ANSWERS_MIN,
    OPTION_MAX,
    OPTIONS_MAX,
    OPTIONS_MIN,
    SOURCE_MAX,
    STEM_MAX,
    too_many_options,
    validate_item,
)
from question_bank.validation.text import is_clean, tidy_text

__all__ = [
    "EXPLANATION_MAX",
    "MULTIPLE_ANSWERS_MIN",
    "OPTIONS_MAX",
    "OPTIONS_MIN",
    "OPTION_MAX",
    "SOURCE_MAX",
    "STEM_MAX",
    "Fault",
    "Shortage",
    "Where",
    "feasibility",
    "is_clean",
    "points_text",
    "shortages",
    "tidy_text",
    "too_many_options",
    "validate_blueprint",
    "validate_item",
]
