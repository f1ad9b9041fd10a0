"""Reading papers, attempts and answers. A key never leaves this room."""

from lms.exam.queries.attempts import (
    EXAM_STAFF,
    PAGE_SIZE,
    AttemptFacts,
    AttemptLine,
    ExamFacts,
    SavedAnswer,
    attempt_in_scope,
    attempts_in_scope,
    exam_facts,
    find_attempt,
    open_attempt,
    overdue_attempts,
    own_attempt,
    questions_of,
    rules_of,
    saved_answers,
    session_is_revoked,
)
from lms.exam.queries.papers import items_seen, times_drawn

__all__ = [
    "EXAM_STAFF",
    "PAGE_SIZE",
    "AttemptFacts",
    "AttemptLine",
    "ExamFacts",
    "SavedAnswer",
    "attempt_in_scope",
    "attempts_in_scope",
    "exam_facts",
    "find_attempt",
    "items_seen",
    "open_attempt",
    "overdue_attempts",
    "own_attempt",
    "questions_of",
    "rules_of",
    "saved_answers",
    "session_is_revoked",
    "times_drawn",
]
