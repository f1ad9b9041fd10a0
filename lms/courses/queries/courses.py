"""Reading courses and lessons. A course is the same for everybody; who may watch it is study's business."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Course, Handout, Lesson
from lms.courses.policy import Chapter, whole_seconds


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """One lesson as other rooms see it; `seconds` are the whole seconds that can be counted."""

    id: str
    course_id: str
    position: int
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
    stop_at: int | None = None

    @property
    def seconds(self) -> int:
        """The whole seconds of this lesson."""
        return whole_seconds(self.duration_ms)


@dataclass(frozen=True, slots=True)
class HandoutFacts:
    """A PDF beside a lesson; one of the two ids says beside which."""

    id: str
    lesson_id: str | None
    draft_lesson_id: str | None
    title: str
    file_key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """One course as other rooms see it."""

    id: str
    code: str
    title: str
    total_seconds: int
    lesson_count: int
    min_seconds: int = 0
    """The sum of what its lessons ask for at least."""


def courses(uow: UnitOfWork) -> list[CourseFacts]:
    """Return every course with its length, by title."""
    found = uow.session.scalars(select(Course).order_by(Course.title, Course.code)).all()
    return _facts(uow, found)


def course_facts(uow: UnitOfWork, course_id: str) -> CourseFacts:
    """Return a course with its length. Raises NotFound."""
    course = uow.session.get(Course, course_id)
    if course is None:
        raise NotFound
    return _facts(uow, [course])[0]


def find_course(uow: UnitOfWork, code: str) -> CourseFacts | None:
    """Return the course with a code, or None."""
    course = uow.session.scalar(select(Course).where(Course.code == code))
    return _facts(uow, [course])[0] if course else None


def lessons(uow: UnitOfWork, course_id: str) -> list[LessonFacts]:
    """Return the lessons of a course in the order in which they are taught."""
    rows = uow.session.scalars(select(Lesson).where(Lesson.course_id == course_id).order_by(Lesson.position))
    return [lesson_facts(row) for row in rows]


def get_lesson(uow: UnitOfWork, lesson_id: str) -> LessonFacts:
    """Return a lesson. Raises NotFound."""
    row = uow.session.get(Lesson, lesson_id)
    if row is None:
        raise NotFound
    return lesson_facts(row)


def lesson_facts(row: Lesson) -> LessonFacts:
    """Return a lesson row as other rooms see it."""
    return LessonFacts(
        row.id,
        row.course_id,
        row.position,
        row.title,
        row.summary,
        row.duration_ms,
        row.file_key,
        row.size_bytes,
        row.low_key,
        row.low_bytes,
        row.poster_key,
        row.captions_key,
        read_chapters(row.chapters),
        row.min_seconds,
        row.stop_at,
    )


def read_chapters(body: str) -> tuple[Chapter, ...]:
    """Read stored chapters."""
    return tuple(Chapter(at, title) for at, title in json.loads(body))


def handouts_of(
    uow: UnitOfWork, *, lesson_id: str | None = None, draft_lesson_id: str | None = None
) -> list[HandoutFacts]:
    """Return the handouts of a lesson, published or not, in the order in which they were added."""
    rows = uow.session.scalars(
        select(Handout)
        .where(
            Handout.lesson_id == lesson_id if lesson_id else Handout.draft_lesson_id == draft_lesson_id,
        )
        .order_by(Handout.added_at, Handout.id)
    )
    return [_handout(row) for row in rows]


def handouts_of_course(uow: UnitOfWork, course_id: str) -> dict[str, list[HandoutFacts]]:
    """Return the handouts of every lesson of a course by the lesson's id."""
    found: dict[str, list[HandoutFacts]] = {}
    rows = uow.session.scalars(
        select(Handout)
        .join(Lesson, Lesson.id == Handout.lesson_id)
        .where(Lesson.course_id == course_id)
        .order_by(Handout.added_at, Handout.id)
    )
    for row in rows:
        found.setdefault(str(row.lesson_id), []).append(_handout(row))
    return found


def get_handout(uow: UnitOfWork, handout_id: str) -> HandoutFacts:
    """Return a handout. Raises NotFound."""
    row = uow.session.get(Handout, handout_id)
    if row is None:
        raise NotFound
    return _handout(row)


def _handout(row: Handout) -> HandoutFacts:
    return HandoutFacts(row.id, row.lesson_id, row.draft_lesson_id, row.title, row.file_key, row.size_bytes)


def _facts(uow: UnitOfWork, found: Iterable[Course]) -> list[CourseFacts]:
    wanted = list(found)
    lengths: dict[str, list[int]] = {course.id: [] for course in wanted}
    minima = dict.fromkeys(lengths, 0)
    rows = uow.session.execute(
        select(Lesson.course_id, Lesson.duration_ms, Lesson.min_seconds).where(Lesson.course_id.in_(lengths))
    )
    for course_id, duration_ms, min_seconds in rows:
        lengths[course_id].append(whole_seconds(duration_ms))
        minima[course_id] += min_seconds
    return [
        CourseFacts(
            course.id,
            course.code,
            course.title,
            sum(lengths[course.id]),
            len(lengths[course.id]),
            minima[course.id],
        )
        for course in wanted
    ]
