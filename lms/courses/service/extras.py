"""What stands beside a lesson's video: chapters, captions, handouts."""

import json
from collections.abc import Sequence

from sqlalchemy import delete, insert

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses import queries
from lms.courses.models import Handout
from lms.courses.policy import (
    MAX_HANDOUT_TITLE,
    Chapter,
    ChapterLine,
    chapter_line_reasons,
    more_handouts_reasons,
)
from lms.courses.service.draft_lessons import change_lesson


def set_chapters(uow: UnitOfWork, actor: Actor, lesson_id: str, lines: Sequence[ChapterLine]) -> None:
    """Write the chapters of a lesson anew. Raises Invalid with every line that does not stand."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    require(chapter_line_reasons(lines, lesson.seconds), Invalid)
    chapters = [line.chapter for line in lines if line.chapter is not None]
    if lesson.chapters != tuple(chapters):
        change_lesson(uow, lesson_id, chapters=chapters_to_json(chapters))
        audit.record(
            uow, actor, "course_draft:chapters", lesson.draft_id, lesson_id=lesson_id, count=len(chapters)
        )


def set_captions(uow: UnitOfWork, actor: Actor, lesson_id: str, captions_key: str | None) -> None:
    """Name the stored captions of a lesson, or take them away."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    if lesson.captions_key != captions_key:
        change_lesson(uow, lesson_id, captions_key=captions_key)
        audit.record(
            uow,
            actor,
            "course_draft:captions",
            lesson.draft_id,
            lesson_id=lesson_id,
            kept=captions_key is not None,
        )


def add_handout(
    uow: UnitOfWork, actor: Actor, lesson_id: str, title: str, size_bytes: int, file_key: str
) -> str:
    """Put a PDF that was checked and is stored beside a lesson and return its id. Raises Invalid when it has enough."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    require(more_handouts_reasons(len(queries.handouts_of(uow, draft_lesson_id=lesson_id))), Invalid)
    handout_id = new_id()
    uow.session.execute(
        insert(Handout).values(
            id=handout_id, draft_lesson_id=lesson_id, title=title[:MAX_HANDOUT_TITLE], file_key=file_key,
            size_bytes=size_bytes, added_at=uow.now,
        )
    )  # fmt: skip
    audit.record(
        uow, actor, "course_draft:add_handout", lesson.draft_id, lesson_id=lesson_id, handout_id=handout_id
    )
    return handout_id


def remove_handout(uow: UnitOfWork, actor: Actor, handout_id: str) -> str:
    """Take a PDF away from a lesson of a draft; return the lesson's id. Raises NotFound."""
    handout = queries.get_handout(uow, handout_id)
    if handout.draft_lesson_id is None:
        raise NotFound
    lesson = queries.hold_lesson(uow, actor, handout.draft_lesson_id)
    uow.session.execute(delete(Handout).where(Handout.id == handout_id))
    audit.record(
        uow, actor, "course_draft:remove_handout", lesson.draft_id, lesson_id=lesson.id, handout_id=handout_id
    )
    return lesson.id


def chapters_to_json(chapters: Sequence[Chapter]) -> str:
    """Write chapters for storing."""
    return json.dumps([[chapter.at, chapter.title] for chapter in chapters], ensure_ascii=False)
