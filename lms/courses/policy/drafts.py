"""How a course is prepared: drafts, the state of each lesson's video, and what publishing asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms.accounts.policy import Role
from lms.core.actors import EVERYWHERE, Actor
from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.courses.policy.course import MAX_LESSONS, MAX_TITLE

COURSE_STAFF = (Role.ADMINISTRATOR, Role.EXAM_ADMIN)
"""Who prepares courses, when the role reaches the whole province; who holds it for less may look."""


class DraftState(StrEnum):
    """What became of a draft. Only a draft can be changed; a published course never is."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class VideoState(StrEnum):
    """Where the video of a lesson of a draft stands."""

    EMPTY = "empty"
    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"


COURSE_DRAFT = StateMachine(
    "course_draft",
    DraftState.DRAFT,
    {
        "publish": Move((DraftState.DRAFT,), DraftState.PUBLISHED),
        "discard": Move((DraftState.DRAFT,), DraftState.DISCARDED),
    },
)
LESSON_VIDEO = StateMachine(
    "lesson_video",
    VideoState.EMPTY,
    {
        "upload": Move(tuple(VideoState), VideoState.WAITING),
        "again": Move((VideoState.REFUSED,), VideoState.WAITING),
        "finish": Move((VideoState.WAITING,), VideoState.READY),
        "refuse": Move((VideoState.WAITING,), VideoState.REFUSED),
        "copy": Move((VideoState.EMPTY,), VideoState.READY),
    },
)


def may_prepare(actor: Actor) -> bool:
    """Tell whether somebody may prepare courses: a course is one for the whole province."""
    return actor.covers(EVERYWHERE, COURSE_STAFF)


def title_reasons(title: str) -> list[Reason]:
    """Say why a lesson cannot be called so."""
    if 1 <= len(title) <= MAX_TITLE:
        return []
    return [
        Reason(
            "lesson.title",
            N_("每课的名称为 1 至 %(most)s 个字"),
            params={"most": MAX_TITLE},
            field_name="title",
        )
    ]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Lessons, by their position, with something that lies beyond the end of a video that came later."""

    chapters: tuple[int, ...] = ()
    questions: tuple[int, ...] = ()
    minima: tuple[int, ...] = ()


_BEYOND_WORDS = {
    "chapters": (
        N_("章节要在视频的长度之内"), N_("第 %(lacking)s 课有章节超过了视频的长度"), N_("请改好这一课的章节"),
    ),
    "questions": (
        N_("随堂问题要在视频结束之前"), N_("第 %(lacking)s 课有随堂问题超过了视频的长度"),
        N_("请改好这一课的随堂问题"),
    ),
    "minima": (
        N_("最短学习时间不能超过视频的长度"), N_("第 %(lacking)s 课的最短学习时间超过了视频的长度"),
        N_("请改好这一课的最短学习时间"),
    ),
}  # fmt: skip


def publish_reasons(videos: Sequence[tuple[int, VideoState]], beyond: Beyond) -> list[Reason]:
    """Say why a draft cannot be published; each lesson is told by its position and the state of its video."""
    if not 1 <= len(videos) <= MAX_LESSONS:
        return [
            Reason(
                "course.lessons", N_("一门课程有 1 至 %(most)s 课"), NN_("现在有 %(count)s 课"),
                N_("请先添加课"), params={"most": MAX_LESSONS, "count": len(videos)},
            )
        ]  # fmt: skip
    reasons = [
        Reason(f"course.{what}", *words, params={"lacking": tuple(map(str, getattr(beyond, what)))})
        for what, words in _BEYOND_WORDS.items()
        if getattr(beyond, what)
    ]
    lacking = tuple(str(position) for position, state in videos if state is not VideoState.READY)
    if reasons or not lacking:
        return reasons
    return [
        Reason(
            "course.videos", N_("每一课都要有处理好的视频，才能发布"), N_("还没有的：第 %(lacking)s 课"),
            N_("请上传视频，等处理完成后再发布"), source="H11", params={"lacking": lacking},
        )
    ]  # fmt: skip
