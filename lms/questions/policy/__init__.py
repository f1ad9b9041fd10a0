"""The rules of the bank: what may enter it, and what an import says of each row."""

from lms.questions.policy.blueprints import blueprint_reasons
from lms.questions.policy.filters import TEXT_MAX, ItemFilter
from lms.questions.policy.imports import (
    ACCEPT_ROWS_MAX,
    IMPORT,
    SHOWN_ROWS_MAX,
    UPLOAD_BYTES_MAX,
    ImportState,
    Judgement,
    KnownItem,
    RowVerdict,
    Verdict,
    accept_reasons,
    judge,
    unreadable_reasons,
)
from lms.questions.policy.items import (
    ITEM,
    REMARK_MAX,
    REMARK_MIN,
    STATE_NAMES,
    ItemState,
    question_key,
    remark_reasons,
    undeliverable,
)

__all__ = [
    "ACCEPT_ROWS_MAX",
    "IMPORT",
    "ITEM",
    "REMARK_MAX",
    "REMARK_MIN",
    "SHOWN_ROWS_MAX",
    "STATE_NAMES",
    "TEXT_MAX",
    "UPLOAD_BYTES_MAX",
    "ImportState",
    "ItemFilter",
    "ItemState",
    "Judgement",
    "KnownItem",
    "RowVerdict",
    "Verdict",
    "accept_reasons",
    "blueprint_reasons",
    "judge",
    "question_key",
    "remark_reasons",
    "undeliverable",
    "unreadable_reasons",
]
