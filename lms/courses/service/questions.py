"""Questions inside the lessons of a draft, and the time a lesson asks for at least."""

import json
from collections.abc import Sequence

from sqlalchemy import delete, insert, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses import queries
from lms.courses.models import LessonQuestion
from lms.courses.policy import AskedQuestion, minimum_reasons, question_reasons
from lms.courses.queries import DraftLessonFacts
from lms.courses.service.draft_lessons import change_lesson


def set_minimum(uow: UnitOfWork, actor: Actor, lesson_id: str, min_seconds: int) -> None:
    """Say how much of a lesson everybody must study; 0 asks for nothing. Raises Invalid beyond the video's length."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    require(minimum_reasons(min_seconds, lesson.seconds), Invalid)
    if lesson.min_seconds != min_seconds:
        change_lesson(uow, lesson_id, min_seconds=min_seconds)
        audit.record(
            uow, actor, "course_draft:minimum", lesson.draft_id, lesson_id=lesson_id, seconds=min_seconds
        )


def add_question(uow: UnitOfWork, actor: Actor, lesson_id: str, asked: AskedQuestion) -> str:
    """Put a question into a lesson and return its id. Raises Invalid with every reason."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    require(_reasons(uow, lesson, asked), Invalid)
    question_id = insert_questions(uow, [asked], draft_lesson_id=lesson_id)[0]
    audit.record(
        uow, actor, "course_draft:add_question", lesson.draft_id, lesson_id=lesson_id, question_id=question_id
    )
    return question_id


def edit_question(uow: UnitOfWork, actor: Actor, question_id: str, asked: AskedQuestion) -> str:
    """Write a question of a draft anew; return the lesson's id. Raises Invalid with every reason, NotFound."""
    lesson = _hold(uow, actor, question_id)
    require(_reasons(uow, lesson, asked, but=question_id), Invalid)
    if queries.get_question(uow, question_id).asked != asked:
        uow.session.execute(
            update(LessonQuestion)
            .where(LessonQuestion.id == question_id)
            .values(**_columns(asked))
            .execution_options(synchronize_session=False)
        )
        uow.session.expire_all()
        audit.record(
            uow, actor, "course_draft:edit_question", lesson.draft_id, lesson_id=lesson.id, question_id=question_id
        )  # fmt: skip
    return lesson.id


def remove_question(uow: UnitOfWork, actor: Actor, question_id: str) -> str:
    """Take a question out of a draft; return the lesson's id. Raises NotFound."""
    lesson = _hold(uow, actor, question_id)
    uow.session.execute(delete(LessonQuestion).where(LessonQuestion.id == question_id))
    audit.record(
        uow, actor, "course_draft:remove_question", lesson.draft_id, lesson_id=lesson.id, question_id=question_id
    )  # fmt: skip
    return lesson.id


def insert_questions(
    uow: UnitOfWork, asked: Sequence[AskedQuestion], *, draft_lesson_id: str | None = None, lesson_id: str | None = None
) -> list[str]:  # fmt: skip
    """Write questions that stand for a lesson and return their ids."""
    rows = [
        {"id": new_id(), "draft_lesson_id": draft_lesson_id, "lesson_id": lesson_id} | _columns(one) for one in asked
    ]  # fmt: skip
    if rows:
        uow.session.execute(insert(LessonQuestion), rows)
    return [str(row["id"]) for row in rows]


def _hold(uow: UnitOfWork, actor: Actor, question_id: str) -> DraftLessonFacts:
    found = queries.get_question(uow, question_id)
    if found.draft_lesson_id is None:
        raise NotFound
    lesson = queries.hold_lesson(uow, actor, found.draft_lesson_id)
    queries.get_question(uow, question_id)  # it may have been removed while we waited
    return lesson


def _reasons(uow: UnitOfWork, lesson: DraftLessonFacts, asked: AskedQuestion, but: str = "") -> list[Reason]:
    others = [one.asked.at for one in queries.questions_of(uow, draft_lesson_id=lesson.id) if one.id != but]
    return question_reasons(asked, others, lesson.seconds)


def _columns(asked: AskedQuestion) -> dict[str, object]:
    return {
        "stop_at": asked.at, "stem": asked.stem, "options": json.dumps(asked.options, ensure_ascii=False),
        "right_option": asked.right, "explanation": asked.explanation,
    }  # fmt: skip
