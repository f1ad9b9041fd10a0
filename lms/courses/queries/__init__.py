"""Reading courses, and the drafts of those to come."""

from lms.courses.queries.courses import (
    CourseFacts,
    HandoutFacts,
    LessonFacts,
    course_facts,
    courses,
    find_course,
    get_handout,
    get_lesson,
    handouts_of,
    handouts_of_course,
    lesson_facts,
    lessons,
)
from lms.courses.queries.drafts import (
    DraftFacts,
    DraftLessonFacts,
    draft_lessons,
    drafts,
    get_draft,
    get_draft_lesson,
    given_up,
    hold_draft,
    hold_lesson,
    settled,
    under_way,
)
from lms.courses.queries.questions import (
    QuestionFacts,
    get_question,
    questions_of,
    questions_of_course,
    questions_of_draft,
)

__all__ = [
    "CourseFacts", "DraftFacts", "DraftLessonFacts", "HandoutFacts", "LessonFacts", "QuestionFacts",
    "course_facts", "courses", "draft_lessons", "drafts", "find_course", "get_draft", "get_draft_lesson",
    "get_handout", "get_lesson", "get_question", "given_up", "handouts_of", "handouts_of_course", "hold_draft",
    "hold_lesson", "lesson_facts", "lessons", "questions_of", "questions_of_course", "questions_of_draft",
    "settled", "under_way",
]  # fmt: skip
