"""What must always hold of courses and their drafts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.core.invariants import Invariant, by_sql
from lms.core.storage import MissingFile
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import DraftLesson, Handout, Lesson


def _files_missing(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Find rows that name a file which is not stored."""
    named = [
        (row_id, key)
        for table in (Lesson, DraftLesson)
        for row_id, *keys in uow.session.execute(
            select(table.id, table.file_key, table.low_key, table.poster_key, table.captions_key)
        )
        for key in keys
        if key is not None
    ]
    named += [(row_id, key) for row_id, key in uow.session.execute(select(Handout.id, Handout.file_key))]
    return [(row_id, key) for row_id, key in named if not _is_stored(uow, key)]


def _is_stored(uow: UnitOfWork, file_key: str) -> bool:
    try:
        return uow.storage.size(file_key) > 0
    except MissingFile:
        return False


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("K1", "every video, rendition, poster, caption and handout that a row names is stored", _files_missing),
    by_sql(
        "K2", "a draft's state, and that of a lesson's video, is where its log ends",
        "SELECT d.id FROM course_draft d WHERE d.state <> (SELECT l.to_state FROM state_log l WHERE "
        "l.machine = 'course_draft' AND l.subject_id = d.id ORDER BY l.id DESC LIMIT 1) UNION ALL "
        "SELECT v.id FROM draft_lesson v WHERE v.state <> (SELECT l.to_state FROM state_log l WHERE "
        "l.machine = 'lesson_video' AND l.subject_id = v.id ORDER BY l.id DESC LIMIT 1)",
    ),
    by_sql(
        "K3", "the lessons of a draft and of a course are numbered from one without a gap",
        "SELECT draft_id FROM draft_lesson GROUP BY draft_id HAVING MIN(position) <> 1 OR MAX(position) <> COUNT(*) "
        "UNION ALL SELECT course_id FROM lesson GROUP BY course_id HAVING MIN(position) <> 1 "
        "OR MAX(position) <> COUNT(*)",
    ),
    by_sql(
        "K4", "a video under way has somebody's job behind it",
        "SELECT v.id FROM draft_lesson v JOIN course_draft d ON d.id = v.draft_id AND d.state = 'draft' "
        "WHERE v.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM outbox_job j WHERE "
        "j.key = 'courses.prepare_video:' || v.id || '-' || v.turn AND j.done_at IS NULL)",
    ),
    by_sql(
        "K5", "a published draft's course teaches the videos that were prepared",
        "SELECT v.id FROM course_draft d JOIN draft_lesson v ON v.draft_id = d.id WHERE d.state = 'published' AND "
        "NOT EXISTS (SELECT 1 FROM lesson t WHERE t.course_id = d.course_id AND t.position = v.position "
        "AND t.file_key = v.file_key AND t.duration_ms = v.duration_ms)",
    ),
    by_sql(
        "K6", "a lesson that is taught stops at its first question, and before its end",
        "SELECT n.id FROM lesson n LEFT JOIN (SELECT lesson_id, MIN(stop_at) AS first_at, MAX(stop_at) AS last_at "
        "FROM lesson_question WHERE lesson_id IS NOT NULL GROUP BY lesson_id) q ON q.lesson_id = n.id "
        "WHERE COALESCE(n.stop_at, -1) <> COALESCE(q.first_at, -1) OR (q.last_at + 1) * 1000 > n.duration_ms",
    ),
)  # fmt: skip
