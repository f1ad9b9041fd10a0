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
            "刚才讲到：申报高级考评员，要实际从事考评工作满多久？",
            ("半年", "1 年", "3 年"),
            1,
            "已取得考评员资格、实际从事考评工作满 1 年、在本职业具有高级技师等级或高级职称，三项同时具备。",
        ),
    ),
    2: (
        AskedQuestion(
            30 * 60,
            "刚才讲到审题流程：命题人可以审自己出的题吗？",
            ("可以，另有一人复核就行", "不可以，命题与审题分开", "题量少的时候可以", "由命题人自己决定"),
            1,
            "命题与审题分开，命题人不审自己的题。",
        ),
    ),
}
"""By the number of the lesson, each about the slide before it.

The second comes soon after the place where the trainee of the tour goes on.
"""


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
