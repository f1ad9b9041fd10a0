"""Reading the questions that a lesson's video stops for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import DraftLesson, Lesson, LessonQuestion
from lms.courses.policy import AskedQuestion


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question of a lesson; one of the two ids says of which."""

    id: str
    lesson_id: str | None
    draft_lesson_id: str | None
    asked: AskedQuestion


def questions_of(
    uow: UnitOfWork, *, lesson_id: str | None = None, draft_lesson_id: str | None = None
) -> list[QuestionFacts]:
    """Return the questions of a lesson, published or not, in the order in which they come."""
    rows = uow.session.scalars(
        select(LessonQuestion)
        .where(
            LessonQuestion.lesson_id == lesson_id
            if lesson_id
            else LessonQuestion.draft_lesson_id == draft_lesson_id
        )
        .order_by(LessonQuestion.stop_at)
    )
    return [_question(row) for row in rows]


def questions_of_course(uow: UnitOfWork, course_id: str) -> dict[str, list[QuestionFacts]]:
    """Return the questions of every lesson of a course by the lesson's id."""
    return _by_lesson(
        uow.session.scalars(
            select(LessonQuestion)
            .join(Lesson, Lesson.id == LessonQuestion.lesson_id)
            .where(Lesson.course_id == course_id)
            .order_by(LessonQuestion.stop_at)
        )
    )


def questions_of_draft(uow: UnitOfWork, draft_id: str) -> dict[str, list[QuestionFacts]]:
    """Return the questions of every lesson of a draft by the lesson's id."""
    return _by_lesson(
        uow.session.scalars(
            select(LessonQuestion)
            .join(DraftLesson, DraftLesson.id == LessonQuestion.draft_lesson_id)
            .where(DraftLesson.draft_id == draft_id)
            .order_by(LessonQuestion.stop_at)
        )
    )


def get_question(uow: UnitOfWork, question_id: str) -> QuestionFacts:
    """Return a question. Raises NotFound."""
    row = uow.session.get(LessonQuestion, question_id)
    if row is None:
        raise NotFound
    return _question(row)


def _by_lesson(rows: Iterable[LessonQuestion]) -> dict[str, list[QuestionFacts]]:
    found: dict[str, list[QuestionFacts]] = {}
    for row in rows:
        found.setdefault(str(row.lesson_id or row.draft_lesson_id), []).append(_question(row))
    return found


def _question(row: LessonQuestion) -> QuestionFacts:
    asked = AskedQuestion(
        row.stop_at, row.stem, tuple(json.loads(row.options)), row.right_option, row.explanation
    )
    return QuestionFacts(row.id, row.lesson_id, row.draft_lesson_id, asked)
