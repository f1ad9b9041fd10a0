"""The video of a lesson: uploaded, prepared by a job, ready or refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, require
from lms.core.unit_of_work import UnitOfWork
from lms.courses import queries
from lms.courses.events import VideoSettled, VideoUploaded
from lms.courses.models import DraftLesson
from lms.courses.policy import LESSON_VIDEO, VideoState, again_reasons
from lms.courses.queries import DraftLessonFacts

NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class PreparedVideo:
    """What a job made of an uploaded file; everything is in the store."""

    file_key: str
    size_bytes: int
    duration_ms: int
    low_key: str | None
    low_bytes: int | None
    poster_key: str | None


def take_video(uow: UnitOfWork, actor: Actor, lesson_id: str, filename: str, file_key: str) -> None:
    """Name a file that is stored already as a lesson's new video, and ask for its preparation."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    changes = {"upload_key": file_key, "upload_name": filename[:NAME_MAX]}
    _ask(uow, actor, "upload", lesson, changes)


def work_again(uow: UnitOfWork, actor: Actor, lesson_id: str) -> None:
    """Ask for another try of the same file. Raises Invalid when that is no use."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    if lesson.state is VideoState.REFUSED:
        require(again_reasons(lesson.trouble), Invalid)
    _ask(uow, actor, "again", lesson, {})


def begin_work(uow: UnitOfWork, lesson_id: str, turn: int) -> None:
    """Write down that a worker has taken a video up, for the page that waits."""
    _note(uow, lesson_id, turn, started_at=uow.now, progress=0)


def get_on(uow: UnitOfWork, lesson_id: str, turn: int, progress: int) -> bool:
    """Write down how many thousandths are done; return whether the work is still wanted."""
    if queries.under_way(uow, lesson_id, turn) is None:
        return False
    _note(uow, lesson_id, turn, progress=min(1000, max(0, progress)))
    return True


def finish_video(uow: UnitOfWork, actor: Actor, lesson_id: str, turn: int, made: PreparedVideo) -> None:
    """Name what was made. When another file was uploaded meanwhile, or another worker was faster, do nothing."""
    lesson = queries.under_way(uow, lesson_id, turn, hold=True)
    if lesson is None:
        return
    audit.move(
        uow, actor, LESSON_VIDEO, "finish", DraftLesson.state, lesson_id, lesson.state,
        changes={
            "file_key": made.file_key, "size_bytes": made.size_bytes, "duration_ms": made.duration_ms,
            "low_key": made.low_key, "low_bytes": made.low_bytes, "poster_key": made.poster_key, "progress": 1000,
        },
        draft_id=lesson.draft_id, seconds=made.duration_ms // 1000,
    )  # fmt: skip
    uow.record(VideoSettled(lesson_id, turn))


def refuse_video(uow: UnitOfWork, actor: Actor, lesson_id: str, turn: int, code: str) -> None:
    """Write down why a file is no video of a lesson. When that is not wanted any more, do nothing."""
    lesson = queries.under_way(uow, lesson_id, turn, hold=True)
    if lesson is None:
        return
    audit.move(
        uow, actor, LESSON_VIDEO, "refuse", DraftLesson.state, lesson_id, lesson.state, changes={"trouble": code},
        draft_id=lesson.draft_id, code=code,
    )  # fmt: skip
    uow.record(VideoSettled(lesson_id, turn))


def _ask(
    uow: UnitOfWork, actor: Actor, verb: str, lesson: DraftLessonFacts, changes: Mapping[str, object]
) -> None:
    turn = lesson.turn + 1
    audit.move(
        uow, actor, LESSON_VIDEO, verb, DraftLesson.state, lesson.id, lesson.state,
        changes={
            **changes, "turn": turn, "asked_at": uow.now, "asked_by": actor.person_id, "started_at": None,
            "progress": 0, "trouble": "",
        },
        draft_id=lesson.draft_id,
    )  # fmt: skip
    uow.record(VideoUploaded(lesson.id, turn))


def _note(uow: UnitOfWork, lesson_id: str, turn: int, **values: object) -> None:
    uow.session.execute(
        update(DraftLesson)
        .where(DraftLesson.id == lesson_id, DraftLesson.turn == turn, DraftLesson.state == VideoState.WAITING)
        .values(**values)
    )
