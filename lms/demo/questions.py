"""What the demonstration course asks in the middle of its lessons, and the time its last lesson asks for."""

from collections.abc import Sequence
from dataclasses import replace

from lms.courses.policy import AskedQuestion
from lms.courses.service import StoredLesson

LAST_LESSON_SECONDS = 10 * 60
QUESTIONS = {
    1: (
        AskedQuestion(
            15 * 60,
            "执考之前，考评员首先要核对什么？",
            ("证卡载明的类别和职业是否与本次评价相符", "考场的座位数", "考生的照片是否新近"),
            0,
            "三类评价对考评人员的要求不同，证卡不相符的，不能执考。",
        ),
    ),
    2: (
        AskedQuestion(
            30 * 60,
            "命题时，职业标准里的“权重表”说明什么？",
            ("每道题的难度", "理论知识和技能要求各部分所占的比重", "考试的时长", "合格的分数"),
            1,
            "组卷按权重表分配各部分的题量和分数。",
        ),
    ),
}
"""By the number of the lesson. The second comes soon after the place where the trainee of the tour goes on."""


def with_questions(stored: Sequence[StoredLesson]) -> list[StoredLesson]:
    """Return the lessons with their questions; the last one asks for a minimum."""
    return [
        replace(
            lesson,
            questions=QUESTIONS.get(number, ()),
            min_seconds=LAST_LESSON_SECONDS if number == len(stored) else 0,
        )
        for number, lesson in enumerate(stored, start=1)
    ]
