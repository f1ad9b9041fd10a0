"""Reading courses that are being prepared. Whoever may prepare one sees them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lms.core import outbox
from lms.core.actors import Actor
from lms.core.errors import NotFound, stale
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import CourseDraft, DraftLesson
from lms.courses.policy import Chapter, DraftState, VideoState, may_prepare, whole_seconds
from lms.courses.queries.courses import read_chapters

VIDEO_JOB = "courses.prepare_video"
"""The job that works on a video; `lms.app.reactions` says the same name."""


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A course that is being prepared, or was."""

    id: str
    code: str
    title: str
    state: DraftState
    copied_from: str | None
    course_id: str | None
    created_at: datetime
    lesson_count: int


@dataclass(frozen=True, slots=True)
class DraftLessonFacts:
    """A lesson of a draft, and where its video stands."""

    id: str
    draft_id: str
    position: int
    title: str
    summary: str
    state: VideoState
    turn: int
    upload_key: str | None
    upload_name: str
    asked_at: datetime | None
    asked_by: str | None
    started_at: datetime | None
    progress: int
    trouble: str
    file_key: str | None
    size_bytes: int | None
    duration_ms: int | None
    low_key: str | None
    low_bytes: int | None
    poster_key: str | None
    captions_key: str | None
    chapters: tuple[Chapter, ...]
    min_seconds: int

    @property
    def seconds(self) -> int | None:
        """The whole seconds that will be counted, once the video is there."""
        return whole_seconds(self.duration_ms) if self.duration_ms is not None else None


def drafts(uow: UnitOfWork, actor: Actor) -> list[DraftFacts]:
    """Return what is being prepared, the newest first; nothing for those who may not prepare."""
    if not may_prepare(actor):
        return []
    rows = uow.session.scalars(
        select(CourseDraft)
        .where(CourseDraft.state == DraftState.DRAFT)
        .order_by(CourseDraft.created_at.desc(), CourseDraft.id)
    ).all()
    return _facts(uow, rows)


def get_draft(uow: UnitOfWork, actor: Actor, draft_id: str) -> DraftFacts:
    """Return a draft. Raises NotFound, also for those who may not prepare courses."""
    row = uow.session.get(CourseDraft, draft_id)
    if row is None or not may_prepare(actor):
        raise NotFound
    return _facts(uow, [row])[0]


def hold_draft(uow: UnitOfWork, actor: Actor, draft_id: str) -> DraftFacts:
    """Return a draft that can still be changed, and keep others from changing it until the end of the transaction.

    Raises NotFound, or the refusal `stale` when it was published or discarded.
    """
    _lock(uow, draft_id)
    facts = get_draft(uow, actor, draft_id)
    if facts.state is not DraftState.DRAFT:
        raise stale()
    return facts


def hold_lesson(uow: UnitOfWork, actor: Actor, lesson_id: str) -> DraftLessonFacts:
    """Return a lesson of a draft that can still be changed, held in the same way: as it is, not as it was."""
    hold_draft(uow, actor, get_draft_lesson(uow, actor, lesson_id).draft_id)
    return get_draft_lesson(uow, actor, lesson_id)


def draft_lessons(uow: UnitOfWork, draft_id: str) -> list[DraftLessonFacts]:
    """Return the lessons of a draft in order."""
    rows = uow.session.scalars(
        select(DraftLesson).where(DraftLesson.draft_id == draft_id).order_by(DraftLesson.position)
    )
    return [_lesson(row) for row in rows]


def get_draft_lesson(uow: UnitOfWork, actor: Actor, lesson_id: str) -> DraftLessonFacts:
    """Return a lesson of a draft. Raises NotFound, also for those who may not prepare courses."""
    row = uow.session.get(DraftLesson, lesson_id)
    if row is None or not may_prepare(actor):
        raise NotFound
    return _lesson(row)


def under_way(uow: UnitOfWork, lesson_id: str, turn: int, *, hold: bool = False) -> DraftLessonFacts | None:
    """Return a lesson whose video a job is to prepare, or None when that is not wanted any more.

    With `hold` nobody uploads another file before the end of the transaction.
    """
    row = uow.session.get(DraftLesson, lesson_id)
    if row is not None and hold:
        _lock(uow, row.draft_id)
        row = uow.session.get(DraftLesson, lesson_id)
    if row is None or VideoState(row.state) is not VideoState.WAITING or row.turn != turn:
        return None
    draft = uow.session.get(CourseDraft, row.draft_id)
    return _lesson(row) if draft is not None and DraftState(draft.state) is DraftState.DRAFT else None


def settled(uow: UnitOfWork, lesson_id: str, turn: int) -> DraftLessonFacts | None:
    """Return a lesson on whose video the work has ended, or None when it goes on or the lesson is gone."""
    row = uow.session.get(DraftLesson, lesson_id)
    if row is None or VideoState(row.state) is VideoState.WAITING or row.turn != turn:
        return None
    return _lesson(row)


def given_up(uow: UnitOfWork) -> list[DraftLessonFacts]:
    """Return lessons whose job has become a dead letter: nobody will finish it by himself."""
    rows = uow.session.scalars(
        select(DraftLesson)
        .join(CourseDraft, CourseDraft.id == DraftLesson.draft_id)
        .where(DraftLesson.state == VideoState.WAITING, CourseDraft.state == DraftState.DRAFT)
    )
    return [_lesson(row) for row in rows if outbox.is_dead(uow.session, f"{VIDEO_JOB}:{row.id}-{row.turn}")]


def _lock(uow: UnitOfWork, draft_id: str) -> None:
    uow.session.execute(select(CourseDraft.id).where(CourseDraft.id == draft_id).with_for_update())
    uow.session.expire_all()  # whoever held it before may have changed what was read


def _facts(uow: UnitOfWork, rows: Sequence[CourseDraft]) -> list[DraftFacts]:
    counted = uow.session.execute(
        select(DraftLesson.draft_id, func.count())
        .where(DraftLesson.draft_id.in_([row.id for row in rows]))
        .group_by(DraftLesson.draft_id)
    )
    counts = {row[0]: row[1] for row in counted}
    return [
        DraftFacts(
            row.id, row.code, row.title, DraftState(row.state), row.copied_from, row.course_id, row.created_at,
            counts.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def _lesson(row: DraftLesson) -> DraftLessonFacts:
    return DraftLessonFacts(
        row.id, row.draft_id, row.position, row.title, row.summary, VideoState(row.state), row.turn, row.upload_key,
        row.upload_name, row.asked_at, row.asked_by, row.started_at, row.progress, row.trouble, row.file_key,
        row.size_bytes, row.duration_ms, row.low_key, row.low_bytes, row.poster_key, row.captions_key,
        read_chapters(row.chapters), row.min_seconds,
    )  # fmt: skip
