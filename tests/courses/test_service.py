"""Courses: the length comes from the file, the same course twice is one, and a taught video is never exchanged."""

from pathlib import Path

import pytest

from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid
from lms.core.unit_of_work import Runtime
from lms.courses import queries
from lms.courses.mp4 import read_video_facts
from lms.courses.preparing import NotALessonVideo, prepare_lessons
from lms.courses.service import StoredLesson, add_course

OPERATOR = Actor.system("operator")
CLIP = Path(__file__).parents[1] / "data" / "clip.mp4"


def stored(key: str = "a" * 64, duration_ms: int = 60_999) -> StoredLesson:
    return StoredLesson("第一课", "简介", duration_ms, key, 10)


def test_a_course_is_registered_from_its_files_with_their_real_length(runtime: Runtime) -> None:
    clips = prepare_lessons(runtime.storage, [("一", "", CLIP), ("二", "", CLIP)], runtime.root / "videos")
    with runtime.write() as uow:
        course = add_course(uow, OPERATOR, "clip", "样片", clips)
    with runtime.read() as uow:
        taught = queries.lessons(uow, course.id)
        assert [lesson.position for lesson in taught] == [1, 2]
        assert {lesson.duration_ms for lesson in taught} == {read_video_facts(CLIP).duration_ms}
        assert runtime.storage.size(taught[0].file_key) == taught[0].size_bytes
        assert runtime.storage.get(taught[0].poster_key or "").startswith(b"\xff\xd8")
        assert queries.course_facts(uow, course.id) == course == queries.courses(uow)[0]


def test_only_whole_seconds_of_a_lesson_can_be_counted(runtime: Runtime) -> None:
    with runtime.write() as uow:
        course = add_course(uow, OPERATOR, "c", "课程", [stored(duration_ms=60_999), stored("b" * 64, 1_000)])
    assert (course.total_seconds, course.lesson_count) == (61, 2)


def test_registering_the_same_course_again_changes_nothing(runtime: Runtime) -> None:
    with runtime.write() as uow:
        first = add_course(uow, OPERATOR, "c", "课程", [stored()])
    with runtime.write() as uow:
        assert add_course(uow, OPERATOR, "c", "课程", [stored()]) == first
        assert len(queries.courses(uow)) == 1


def test_the_videos_of_a_course_are_never_exchanged(runtime: Runtime) -> None:
    with runtime.write() as uow:
        add_course(uow, OPERATOR, "c", "课程", [stored()])
    with pytest.raises(Conflict), runtime.write() as uow:
        add_course(uow, OPERATOR, "c", "课程", [stored("b" * 64)])


@pytest.mark.parametrize(
    ("code", "title", "lessons", "reason"),
    [
        ("", "课程", [stored()], "course.code"),
        ("课", "课程", [stored()], "course.code"),
        ("c" * 41, "课程", [stored()], "course.code"),
        ("c", "", [stored()], "course.title"),
        ("c", "课程", [], "course.lessons"),
        ("c", "课程", [StoredLesson("", "", 1000, "a" * 64, 1)], "lesson.title"),
    ],
)
def test_what_cannot_be_a_course_is_refused_with_its_reason(
    runtime: Runtime, code, title, lessons, reason
) -> None:
    with pytest.raises(Invalid) as refused, runtime.write() as uow:
        add_course(uow, OPERATOR, code, title, lessons)
    assert reason in [one.code for one in refused.value.reasons]
    with runtime.read() as uow:
        assert queries.courses(uow) == []


def test_a_file_that_is_no_video_makes_no_course(runtime: Runtime, tmp_path: Path) -> None:
    fake = tmp_path / "film.mp4"
    fake.write_bytes(b"not a film")
    with pytest.raises(NotALessonVideo):
        prepare_lessons(runtime.storage, [("一", "", fake)], runtime.root / "videos")
    assert list((runtime.root / "videos").iterdir()) == []
    with runtime.read() as uow:
        assert queries.courses(uow) == []
