"""What may be registered as a course, and how a second of video is counted."""

from collections.abc import Sequence

from lms.core.errors import N_, NN_, Reason

MAX_LESSONS = 60
MAX_CODE = 40
MAX_COURSE_TITLE = 60
MAX_TITLE = 80
MAX_SUMMARY = 300
MIN_LESSON_MS = 1000
RANGE_BYTES = 1 << 20
"""A reply with video is at most this long and sent at once: a stalled viewer must not hold a thread."""


def whole_seconds(duration_ms: int) -> int:
    """Return how many whole seconds of a lesson can be counted: a last, broken second cannot (H11)."""
    return duration_ms // 1000


def course_reasons(code: str, title: str, lesson_titles: Sequence[str]) -> list[Reason]:
    """Say why a course cannot be registered."""
    reasons = []
    if not code or len(code) > MAX_CODE or not code.replace("-", "").isalnum() or not code.isascii():
        reasons.append(
            Reason(
                "course.code", N_("课程代码为 1 至 40 个英文字母、数字或短横线"),
                way_out=N_("请换一个代码"), field_name="code",
            )
        )  # fmt: skip
    if not 1 <= len(title) <= MAX_COURSE_TITLE:
        reasons.append(Reason("course.title", N_("课程名称为 1 至 60 个字"), field_name="title"))
    if not 1 <= len(lesson_titles) <= MAX_LESSONS:
        reasons.append(
            Reason(
                "course.lessons", N_("一门课程有 1 至 %(most)s 课"), NN_("现在有 %(count)s 课"),
                params={"most": MAX_LESSONS, "count": len(lesson_titles)}, field_name="lessons",
            )
        )  # fmt: skip
    for position, name in enumerate(lesson_titles, start=1):
        if not 1 <= len(name) <= MAX_TITLE:
            reasons.append(
                Reason(
                    "lesson.title", N_("每课的名称为 1 至 %(most)s 个字"), N_("第 %(position)s 课不符合"),
                    params={"most": MAX_TITLE, "position": position}, field_name="lessons",
                )
            )  # fmt: skip
    return reasons
