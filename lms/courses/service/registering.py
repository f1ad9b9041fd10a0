"""Registering a course whose videos are stored: the last step of a draft, and the whole of an operator's verb."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, Reason, require
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Course, Lesson
from lms.courses.policy import MAX_SUMMARY, AskedQuestion, Chapter, course_reasons
from lms.courses.queries import CourseFacts, course_facts, find_course, lessons
from lms.courses.service.extras import chapters_to_json
from lms.courses.service.questions import insert_questions


@dataclass(frozen=True, slots=True)
class StoredLesson:
    """A lesson whose video is in the store already, with the length read from the file."""

    title: str
    summary: str
    duration_ms: int
    file_key: str
    size_bytes: int
    low_key: str | None = None
    low_bytes: int | None = None
    poster_key: str | None = None
    captions_key: str | None = None
    chapters: tuple[Chapter, ...] = ()
    min_seconds: int = 0
    questions: tuple[AskedQuestion, ...] = ()

    @property
    def stop_at(self) -> int | None:
        """The second of the first question, if there is one."""
        return min((one.at for one in self.questions), default=None)


def add_course(
    uow: UnitOfWork, actor: Actor, code: str, title: str, stored: Sequence[StoredLesson]
) -> CourseFacts:
    """Register a course whose videos are stored; the same course again changes nothing.

    Raises Invalid with every reason, or Conflict when the code belongs to a course with other videos:
    counted seconds belong to the video that was watched, so a taught course is never exchanged.
    """
    require(course_reasons(code, title, [lesson.title for lesson in stored]), Invalid)
    existing = find_course(uow, code)
    if existing is not None:
        if [lesson.file_key for lesson in lessons(uow, existing.id)] != [
            lesson.file_key for lesson in stored
        ]:
            raise _code_taken()
        return existing
    course = Course(code=code, title=title, created_at=uow.now)
    uow.session.add(course)
    try:
        uow.session.flush()
    except IntegrityError as error:  # somebody else took the code since we looked
        raise _code_taken() from error
    for position, lesson in enumerate(stored, start=1):
        uow.session.add(
            Lesson(
                course_id=course.id, position=position, title=lesson.title, summary=lesson.summary[:MAX_SUMMARY],
                duration_ms=lesson.duration_ms, file_key=lesson.file_key, size_bytes=lesson.size_bytes,
                low_key=lesson.low_key, low_bytes=lesson.low_bytes, poster_key=lesson.poster_key,
                captions_key=lesson.captions_key, chapters=chapters_to_json(lesson.chapters),
                min_seconds=lesson.min_seconds, stop_at=lesson.stop_at,
            )
        )  # fmt: skip
    uow.session.flush()
    for taught, lesson in zip(lessons(uow, course.id), stored, strict=True):
        insert_questions(uow, lesson.questions, lesson_id=taught.id)
    audit.record(uow, actor, "course:register", course.id, lessons=len(stored))
    return course_facts(uow, course.id)


def _code_taken() -> Conflict:
    return Conflict(
        Reason(
            "course.code_taken", N_("课程一经使用，视频不能更换"), N_("这个代码已有另一套视频"),
            N_("请用新的课程代码登记"), field_name="code",
        )
    )  # fmt: skip
