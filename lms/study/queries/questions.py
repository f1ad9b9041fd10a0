"""Reading the in-lesson questions of one person: which comes next, and how often it was tried."""

from dataclasses import dataclass

from sqlalchemy import func, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Lesson
from lms.courses.queries import QuestionFacts, get_question, questions_of
from lms.study.models import LessonCoverage, QuestionTry, StudySession


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that somebody has to answer; `tries` counts his answers so far."""

    question: QuestionFacts
    person_id: str
    plan_id: str
    tries: int


def next_question(uow: UnitOfWork, person_id: str, plan_id: str, lesson_id: str) -> OpenQuestion | None:
    """Return the question of a lesson that this person has to answer next, or None."""
    covered = uow.session.get(LessonCoverage, (person_id, plan_id, lesson_id))
    lesson = uow.session.get(Lesson, lesson_id)
    stop_at = covered.stop_at if covered is not None else lesson.stop_at if lesson is not None else None
    if stop_at is None:
        return None
    found = next((one for one in questions_of(uow, lesson_id=lesson_id) if one.asked.at == stop_at), None)
    return _open(uow, found, person_id, plan_id) if found is not None else None


def question_in_session(uow: UnitOfWork, session_id: str, question_id: str) -> OpenQuestion:
    """Return a question of the course that a study session plays. Raises NotFound."""
    session = uow.session.get(StudySession, session_id)
    found = get_question(uow, question_id)
    lesson = uow.session.get(Lesson, found.lesson_id) if found.lesson_id is not None else None
    if session is None or lesson is None or lesson.course_id != session.course_id:
        raise NotFound
    return _open(uow, found, session.person_id, session.plan_id)


def _open(uow: UnitOfWork, found: QuestionFacts, person_id: str, plan_id: str) -> OpenQuestion:
    tries = uow.session.scalar(
        select(func.count()).where(
            QuestionTry.person_id == person_id,
            QuestionTry.plan_id == plan_id,
            QuestionTry.question_id == found.id,
        )
    )
    return OpenQuestion(found, person_id, plan_id, tries or 0)
