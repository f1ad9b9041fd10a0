"""The rules of courses: what may be registered, how drafts become courses, what a video must be."""

from lms.courses.policy.course import (
    MAX_CODE,
    MAX_COURSE_TITLE,
    MAX_LESSONS,
    MAX_SUMMARY,
    MAX_TITLE,
    MIN_LESSON_MS,
    RANGE_BYTES,
    course_reasons,
    whole_seconds,
)
from lms.courses.policy.drafts import (
    COURSE_DRAFT,
    COURSE_STAFF,
    LESSON_VIDEO,
    Beyond,
    DraftState,
    VideoState,
    may_prepare,
    publish_reasons,
    title_reasons,
)
from lms.courses.policy.extras import (
    MAX_CAPTIONS_BYTES,
    MAX_CHAPTERS,
    MAX_HANDOUT_BYTES,
    MAX_HANDOUT_TITLE,
    MAX_HANDOUTS,
    Chapter,
    ChapterLine,
    chapter_line_reasons,
    chapter_reasons,
    handout_reasons,
    more_handouts_reasons,
)
from lms.courses.policy.questions import (
    MAX_EXPLANATION,
    MAX_OPTION,
    MAX_OPTIONS,
    MAX_QUESTIONS,
    MAX_STEM,
    MIN_OPTIONS,
    OPTION_LETTERS,
    AskedQuestion,
    beyond_reasons,
    minimum_reasons,
    question_reasons,
)
from lms.courses.policy.video import (
    GAVE_UP,
    MAX_SECONDS,
    MAX_STORED_BYTES,
    VIDEO_WAYS,
    Limits,
    again_reasons,
    gave_up_reasons,
    is_worth_telling,
    upload_reasons,
    video_reason,
)

__all__ = [
    "COURSE_DRAFT", "COURSE_STAFF", "GAVE_UP", "LESSON_VIDEO", "MAX_CAPTIONS_BYTES", "MAX_CHAPTERS", "MAX_CODE",
    "MAX_COURSE_TITLE", "MAX_EXPLANATION", "MAX_HANDOUTS", "MAX_HANDOUT_BYTES", "MAX_HANDOUT_TITLE",
    "MAX_LESSONS", "MAX_OPTION", "MAX_OPTIONS", "MAX_QUESTIONS", "MAX_SECONDS", "MAX_STEM", "MAX_STORED_BYTES",
    "MAX_SUMMARY", "MAX_TITLE", "MIN_LESSON_MS", "MIN_OPTIONS", "OPTION_LETTERS", "RANGE_BYTES", "VIDEO_WAYS",
    "AskedQuestion", "Beyond", "Chapter", "ChapterLine", "DraftState", "Limits", "VideoState", "again_reasons",
    "beyond_reasons", "chapter_line_reasons", "chapter_reasons", "course_reasons", "gave_up_reasons",
    "handout_reasons", "is_worth_telling", "may_prepare", "minimum_reasons", "more_handouts_reasons",
    "publish_reasons", "question_reasons", "title_reasons", "upload_reasons", "video_reason", "whole_seconds",
]  # fmt: skip
