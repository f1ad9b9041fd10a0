"""Reading study: totals and coverage, sessions and checks, who may watch, what lessons still ask for."""

from lms.study.queries.progress import (
    LessonProgress,
    StudyFacts,
    Uncounted,
    coverage_differences,
    progress,
)
from lms.study.queries.questions import OpenQuestion, next_question, question_in_session
from lms.study.queries.sessions import (
    OpenCheck,
    SessionLine,
    forsaken_sessions,
    hold_person,
    last_beat_at,
    latest_session,
    open_check,
    open_sessions,
    overdue_checks,
    reached_but_open,
    totals,
)
from lms.study.queries.shares import reserved_by_person, reserved_differences
from lms.study.queries.watching import readable_handout, watchable_lesson

__all__ = [
    "LessonProgress", "OpenCheck", "OpenQuestion", "SessionLine", "StudyFacts", "Uncounted",
    "coverage_differences", "forsaken_sessions", "hold_person", "last_beat_at", "latest_session", "next_question",
    "open_check", "open_sessions", "overdue_checks", "progress", "question_in_session", "reached_but_open",
    "readable_handout", "reserved_by_person", "reserved_differences", "totals", "watchable_lesson",
]  # fmt: skip
