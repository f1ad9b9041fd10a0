"""Minimum times and questions inside a lesson: made at the desk, held to the video, published and copied with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lms.core.unit_of_work import Runtime
from lms.courses import queries
from lms.courses.policy import (
    MAX_EXPLANATION,
    MAX_OPTION,
    MAX_QUESTIONS,
    MAX_STEM,
    AskedQuestion,
    beyond_reasons,
    minimum_reasons,
    question_reasons,
)
from tests.courses.conftest import Desk
from tests.support.site import Site

FilmFile = Callable[..., Path]
GOOD = AskedQuestion(30, "考评小组一般不少于几人？", ("二人", "三人"), 1)
TYPED = {
    "at": "0:02", "stem": "考评小组一般不少于几人？", "option_1": "二人", "option_2": "三人", "option_4": "四人",
    "right": "3", "explanation": "见考评规程。",
}  # fmt: skip


def sent(lesson: str, desk: Desk, **changes: str) -> object:
    """Hand in the form of a new question."""
    return desk.browser.post(f"{lesson}/questions", TYPED | changes)


def with_video(site: Site, desk: Desk, film_file: FilmFile, lesson: str, seconds: int) -> None:
    """Upload a film of some seconds and let it be prepared."""
    made = film_file(f"short-{seconds}.mp4", seconds=seconds, size=(320, 180), bits=80_000)
    desk.send(f"{lesson}/video", "video", made.read_bytes(), "short.mp4")
    site.run_jobs()


def stored(runtime: Runtime, lesson: str) -> list[queries.QuestionFacts]:
    """Return the questions of a lesson of a draft."""
    with runtime.read() as uow:
        return queries.questions_of(uow, draft_lesson_id=lesson.rsplit("/", 1)[-1])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None), ({"at": 0}, "at"), ({"at": 60}, "at"), ({"at": 40}, "at"), ({"stem": ""}, "stem"),
        ({"stem": "问" * (MAX_STEM + 1)}, "stem"), ({"options": ("一",)}, "option_1"),
        ({"options": tuple("一二三四五六")}, "option_1"), ({"options": ("一", "一")}, "option_1"),
        ({"options": ("一", "二" * (MAX_OPTION + 1))}, "option_1"), ({"right": -1}, "right"), ({"right": 2}, "right"),
        ({"explanation": "说" * (MAX_EXPLANATION + 1)}, "explanation"),
    ],
)  # fmt: skip
def test_a_question_has_its_place_its_words_and_one_right_option(
    changes: dict[str, object], field: str | None
) -> None:
    reasons = question_reasons(replace(GOOD, **changes), [40], 60)
    assert [reason.field_name for reason in reasons] == ([field] if field else [])
    assert all(reason.rule and reason.way_out for reason in reasons)


def test_a_lesson_takes_so_many_questions_and_no_more() -> None:
    assert question_reasons(GOOD, range(40, 40 + MAX_QUESTIONS - 1), 600) == []
    assert len(question_reasons(GOOD, range(40, 40 + MAX_QUESTIONS), 600)) == 1


def test_what_no_video_says_yet_is_not_held_against_it() -> None:
    assert (
        question_reasons(GOOD, [], None) == minimum_reasons(3600, None) == beyond_reasons([GOOD], None) == []
    )
    assert minimum_reasons(60, 60) == []
    assert minimum_reasons(61, 60)[0].field_name == "min_seconds"


def test_questions_are_made_changed_and_removed_at_the_desk(desk: Desk, runtime: Runtime) -> None:
    lesson = desk.lesson(desk.draft())
    assert sent(lesson, desk).status_code == 303
    assert sent(lesson, desk, at="0:01", stem="先来的一问").status_code == 303
    first, second = stored(runtime, lesson)
    assert (first.asked.at, second.asked.at) == (1, 2)
    # The option that was left out is none, and the right one is still the right one.
    assert (second.asked.options, second.asked.right) == (("二人", "三人", "四人"), 2)
    page = desk.browser.get(lesson).text
    assert page.index("先来的一问") < page.index("考评小组一般不少于几人")

    address = f"/desk/courses/questions/{second.id}"
    assert "见考评规程。" in desk.browser.get(address).text
    assert desk.browser.post(address, TYPED | {"right": "0"}).status_code == 303
    assert stored(runtime, lesson)[1].asked.right == 0
    refused = desk.browser.post(address, TYPED | {"at": "0:01"})
    assert refused.status_code == 422
    assert "这一时间已有一道问题" in refused.text
    assert desk.browser.post(f"{address}/remove").status_code == 303
    assert [one.id for one in stored(runtime, lesson)] == [first.id]
    assert desk.browser.get(address).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": "soon"}, "写成 180:30"), ({"at": ""}, "请填写"), ({"option_2": ""}, "请填写这一项"),
        ({"right": "2"}, "选中的选项没有内容"), ({"right": "7"}, "请从列表中选择一项"),
        ({"stem": "问" * 301}, "最多 300 个字"), ({"option_2": "二人"}, "有两个选项相同"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_stand_is_refused_at_its_field(
    desk: Desk, runtime: Runtime, changes: dict[str, str], words: str
) -> None:
    lesson = desk.lesson(desk.draft())
    refused = sent(lesson, desk, **changes)
    assert refused.status_code == 422
    assert words in refused.text
    assert stored(runtime, lesson) == []


def test_a_shorter_video_holds_publishing_until_question_and_minimum_fit(
    site: Site, desk: Desk, film_file: FilmFile, runtime: Runtime
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    with_video(site, desk, film_file, lesson, 6)
    words = {"title": "第一课的内容", "summary": ""}
    too_much = desk.browser.post(lesson, words | {"min_seconds": "0:07"})
    assert too_much.status_code == 422
    assert "最短学习时间不能超过视频的长度" in too_much.text
    assert desk.browser.post(lesson, words | {"min_seconds": "0:05"}).status_code == 303
    assert sent(lesson, desk, at="0:06").status_code == 422
    assert sent(lesson, desk, at="0:04").status_code == 303

    with_video(site, desk, film_file, lesson, 3)
    assert "这个视频比原来的短" in desk.browser.get(lesson).text
    page = desk.browser.get(draft).text
    assert "第 1 课有随堂问题超过了视频的长度" in page
    assert "第 1 课的最短学习时间超过了视频的长度" in page
    assert desk.browser.post(f"{draft}/publish").status_code == 409
    question = f"/desk/courses/questions/{stored(runtime, lesson)[0].id}"
    assert desk.browser.post(question, TYPED | {"at": "0:02"}).status_code == 303
    assert desk.browser.post(lesson, words | {"min_seconds": "0:02"}).status_code == 303
    assert desk.browser.post(f"{draft}/publish").status_code == 303


def test_a_published_lesson_keeps_its_questions_and_a_new_edition_begins_with_them(
    site: Site, desk: Desk, film_file: FilmFile, runtime: Runtime
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    with_video(site, desk, film_file, lesson, 6)
    sent(lesson, desk, at="0:04", stem="后面的一问")
    sent(lesson, desk)
    desk.browser.post(lesson, {"title": "第一课的内容", "summary": "", "min_seconds": "0:05"})
    course = desk.browser.post(f"{draft}/publish").location
    with runtime.read() as uow:
        taught = queries.lessons(uow, course.rsplit("/", 1)[-1])[0]
        kept = queries.questions_of(uow, lesson_id=taught.id)
    assert (taught.min_seconds, taught.stop_at, [one.asked.at for one in kept]) == (5, 2, [2, 4])
    assert "后面的一问" in desk.browser.get(course).text

    # What is taught never changes, whoever knows the address of a question.
    for address in (f"/desk/courses/questions/{kept[0].id}", f"/desk/courses/questions/{kept[0].id}/remove"):
        assert desk.browser.post(address, TYPED).status_code == 404
    assert sent(lesson, desk, at="0:05").status_code == 409
    mine = stored(runtime, lesson)[0].id
    assert desk.browser.post(f"/desk/courses/questions/{mine}/remove").status_code == 409

    again = desk.browser.post(f"{course}/copy", {"title": "考评实务（新版）", "code": "practice-2"}).location
    with runtime.read() as uow:
        copied = queries.draft_lessons(uow, again.rsplit("/", 1)[-1])[0]
        questions = queries.questions_of(uow, draft_lesson_id=copied.id)
    assert copied.min_seconds == 5
    assert [one.asked for one in questions] == [one.asked for one in kept]
    assert not {one.id for one in questions} & {one.id for one in kept}


def test_a_lesson_that_is_removed_takes_its_questions_along(desk: Desk, runtime: Runtime) -> None:
    lesson = desk.lesson(desk.draft())
    sent(lesson, desk)
    question_id = stored(runtime, lesson)[0].id
    assert desk.browser.post(f"{lesson}/remove").status_code == 303
    assert desk.browser.get(f"/desk/courses/questions/{question_id}").status_code == 404
