"""An administrator makes a course in the browser: drafts, uploads, the video job, publishing (H11)."""

import errno
import signal
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from lms.accounts.policy import Role
from lms.app import uploads
from lms.core import outbox
from lms.core.actors import EVERYWHERE, Actor, Grant
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.courses import queries, service
from lms.courses.jobs import sweep_videos
from lms.courses.mp4 import read_video_facts
from lms.courses.preparing import ProcessDied
from tests.courses.conftest import PDF, Desk
from tests.support.browser import Browser
from tests.support.nursery import fork
from tests.support.people import KnownPerson, People
from tests.support.site import Site
from tests.support.statements import statements

FilmFile = Callable[..., Path]


def test_a_course_from_an_empty_list_to_a_published_one(site: Site, desk: Desk, film_file: FilmFile) -> None:
    draft = desk.draft()
    first, second = desk.lesson(draft, "开场"), desk.lesson(draft, "收尾")
    page = desk.browser.get(draft).text
    assert page.index("开场") < page.index("收尾")
    assert "还没有的：第 1、2 课" in page

    for address, name in ((first, "one.mov"), (second, "two.mkv")):
        options = (
            {"video": "mpeg4", "seconds": 3} if name.endswith("mov") else {"seconds": 2, "size": (320, 240)}
        )
        sent = desk.send(f"{address}/video", "video", film_file(name, **options).read_bytes(), name)
        assert (sent.status_code, sent.location) == (303, address)
        assert 'data-live-url="' in desk.browser.get(address).text
    assert desk.browser.post(f"{draft}/publish").status_code == 409
    site.run_jobs()
    assert "视频可用" in desk.browser.get(first).text
    poster = desk.browser.get(f"{first}/media/poster")
    assert (poster.mimetype, poster.data[:2]) == ("image/jpeg", b"\xff\xd8")

    assert desk.browser.post(f"{second.replace(draft, '')}/move", {"to": "up"}).status_code == 303
    published = desk.browser.post(f"{draft}/publish")
    assert published.status_code == 303
    page = desk.browser.get(published.location).text
    assert page.index("收尾") < page.index("开场")
    with site.runtime.read() as uow:
        course = queries.courses(uow)[0]
        lessons = queries.lessons(uow, course.id)
    assert (course.title, course.total_seconds, course.lesson_count) == ("考评实务", 5, 2)
    for lesson in lessons:
        path = site.runtime.root / "copy.mp4"
        path.write_bytes(site.runtime.storage.get(lesson.file_key))
        facts = read_video_facts(path)
        assert (facts.video_codec, facts.audio_codec, facts.faststart) == ("h264", "aac", True)
        assert facts.duration_ms >= lesson.duration_ms

    assert desk.browser.post(f"{draft}/lessons", {"lesson_title": "迟到的一课"}).status_code == 409
    assert desk.browser.post(f"{first}/remove").status_code == 409
    assert "正在准备" not in desk.browser.get("/desk/courses/").text


def test_a_new_edition_begins_with_what_the_old_one_teaches(
    site: Site, desk: Desk, film_file: FilmFile
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    desk.send(
        f"{lesson}/video", "video", film_file("one.mov", video="mpeg4", seconds=3).read_bytes(), "one.mov"
    )
    site.run_jobs()
    old = desk.browser.post(f"{draft}/publish").location
    assert desk.browser.post(f"{old}/copy", {"title": "考评实务", "code": "practice-1"}).status_code == 422
    again = desk.browser.post(f"{old}/copy", {"title": "考评实务（新版）", "code": "practice-2"}).location
    page = desk.browser.get(again).text
    assert "第一课的内容" in page
    assert "视频可用" in page
    assert desk.browser.post(f"{again}/publish").status_code == 303
    with site.runtime.read() as uow:
        one, two = (queries.lessons(uow, course.id)[0] for course in queries.courses(uow))
    assert one.id != two.id
    assert one.file_key == two.file_key


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("text.mp4", None, "文件内容不是 MP4、MOV 或 MKV"),
        ("sound.mp4", {"video": None}, "文件里没有画面"),
        ("blink.mp4", {"seconds": 0.4, "sound": None}, "画面不到 1 秒"),
        ("half.mkv", {"seconds": 8}, "文件不完整或已损坏"),
    ],
)
def test_what_is_no_video_is_refused_at_its_lesson(
    site: Site, desk: Desk, film_file: FilmFile, name: str, options: dict[str, object] | None, words: str
) -> None:
    data = b"this is a letter, not a film" if options is None else film_file(name, **options).read_bytes()
    if name == "half.mkv":
        data = data[: len(data) // 3]
    lesson = desk.lesson(desk.draft())
    desk.send(f"{lesson}/video", "video", data, name)
    site.run_jobs()
    page = desk.browser.get(lesson).text
    assert words in page
    assert "怎么办" in page
    assert "重新处理这个文件" not in page, "reading it again would find the same"
    again = desk.browser.post(f"{lesson}/again")
    assert again.status_code == 422
    assert "请上传另一个文件" in again.text
    assert desk.browser.get(f"{lesson}/media/video").status_code == 404


def test_only_the_newest_of_two_uploads_counts_and_a_job_may_run_twice(
    site: Site, desk: Desk, film_file: FilmFile, runtime: Runtime
) -> None:
    lesson = desk.lesson(desk.draft())
    for name, seconds in (("first.mp4", 2), ("second.mp4", 4)):
        film_bytes = film_file(name, seconds=seconds, size=(320, 180), bits=80_000).read_bytes()
        desk.send(f"{lesson}/video", "video", film_bytes, name)
    site.run_jobs()
    lesson_id = lesson.rsplit("/", 1)[-1]
    with runtime.read() as uow:
        row = uow.session.execute(outbox.select(outbox.OutboxJob.id, outbox.OutboxJob.name)).all()
    assert all(outbox.is_long(job_id) for job_id, name in row if name == "courses.prepare_video")
    with runtime.write() as uow:
        uow.session.execute(outbox.update(outbox.OutboxJob).values(done_at=None, tries=0))
    site.run_jobs()
    assert "4 秒" in desk.browser.get(f"/desk/courses/lessons/{lesson_id}").text
    assert list((runtime.root / "videos").iterdir()) == []


def test_a_lesson_removed_while_its_video_is_prepared_takes_its_job_along(
    site: Site, desk: Desk, film_file: FilmFile
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    other = desk.lesson(draft, "留下的课")
    desk.send(
        f"{lesson}/video", "video", film_file("blink.mp4", seconds=0.4, sound=None).read_bytes(), "a.mp4"
    )
    assert desk.browser.post(f"{lesson}/remove").status_code == 303
    assert site.run_jobs() >= 1
    assert desk.browser.get(lesson).status_code == 404
    assert "第 1 课" in desk.browser.get(other).text


def test_who_holds_the_role_for_less_than_the_province_looks_and_changes_nothing(
    people: People, signed_in: Callable[[KnownPerson], Browser], desk: Desk
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    city = signed_in(people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id))
    assert "考评实务" not in city.get("/desk/courses/").text
    for address in (draft, lesson, "/desk/courses/new"):
        assert city.get(address).status_code == 404
    for address in (
        f"{draft}/lessons",
        f"{draft}/publish",
        f"{draft}/discard",
        f"{lesson}/remove",
        f"{lesson}/move",
    ):
        assert city.post(address, {"lesson_title": "夹带"}).status_code == 404
    assert desk.browser.get(draft).text.count("第一课的内容") >= 1


def test_a_video_over_the_limit_is_turned_down_and_nobody_else_may_send_one(
    site: Site, people: People, signed_in: Callable[[KnownPerson], Browser], desk: Desk
) -> None:
    lesson = desk.lesson(desk.draft())
    site.settings.video_max_mb = 1
    too_long = b"\0\0\0\x18ftypisom" + bytes(1_100_000)
    refused = desk.send(f"{lesson}/video", "video", too_long, "big.mp4")
    assert refused.status_code == 422
    assert "一个视频文件最大 1 MB" in refused.text
    far_too_long = desk.send(f"{lesson}/video", "video", bytes(3_000_000), "big.mp4")
    assert far_too_long.status_code == 413
    site.settings.video_max_mb = 100
    assert desk.send(f"{lesson}/video", "video", bytes(13_000_000), "big.mp4").status_code == 303
    trainee = Desk(signed_in(people.trainee()))
    assert trainee.send(f"{lesson}/video", "video", bytes(13_000_000), "big.mp4").status_code == 403


@pytest.mark.parametrize("at", ["reading", "storing"])
def test_a_full_disk_is_said_and_nothing_is_kept(
    site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    lesson = desk.lesson(desk.draft())

    def full(_stream: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        if at == "storing":
            patched.setattr(site.runtime.storage, "put_stream", full)
        else:
            patched.setattr(uploads, "SpooledTemporaryFile", lambda **_: FileIO("/dev/full", "wb"))
        answer = desk.send(f"{lesson}/video", "video", b"\0\0\0\x18ftypisom" + bytes(1_000_000), "a.mp4")
    assert answer.status_code == 507
    assert "服务器的磁盘没有空间了，这个文件没有保存" in answer.text
    assert "还没有视频" in desk.browser.get(lesson).text
    assert list(site.runtime.storage.keys()) == []


def test_a_job_that_dies_is_tried_again_and_given_up_in_words(
    site: Site, desk: Desk, film_file: FilmFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = desk.lesson(desk.draft())
    source = film_file("one.mov", video="mpeg4", seconds=3).read_bytes()
    desk.send(f"{lesson}/video", "video", source, "one.mov")

    def die(*_: object) -> None:
        raise ProcessDied("status -9")

    with monkeypatch.context() as patched:
        patched.setattr("lms.courses.jobs.prepare_stored", die)
        for _ in range(outbox.MAX_TRIES):
            site.run_jobs()
            sweep_videos(site.runtime)
            site.clock.advance(400)
    site.run_jobs()
    desk.come_back()
    page = desk.browser.get(lesson)
    assert "服务器试了多次，都没有处理完这个文件" in page.text
    assert "重新处理这个文件" in page.text
    assert desk.browser.post(f"{lesson}/again").status_code == 303
    site.run_jobs()
    assert "视频可用" in desk.browser.get(lesson).text


def test_chapters_that_lie_beyond_a_later_video_hold_publishing(
    site: Site, desk: Desk, film_file: FilmFile
) -> None:
    draft = desk.draft()
    lesson = desk.lesson(draft)
    assert desk.browser.post(f"{lesson}/chapters", {"chapters": "0:00 开场\n0:03 收尾"}).status_code == 303
    desk.send(
        f"{lesson}/video", "video", film_file("one.mov", video="mpeg4", seconds=3).read_bytes(), "one.mov"
    )
    site.run_jobs()
    assert "第 1 课有章节超过了视频的长度" in desk.browser.get(draft).text
    assert desk.browser.post(f"{draft}/publish").status_code == 409
    assert desk.browser.post(f"{lesson}/chapters", {"chapters": "0:00 开场\n0:02 收尾"}).status_code == 303
    assert desk.browser.post(f"{draft}/publish").status_code == 303


@pytest.mark.parametrize(
    "site", ["sqlite"], indirect=True
)  # what a claim is worth, both databases are asked elsewhere
def test_a_worker_killed_anywhere_leaves_a_lesson_that_the_next_one_finishes(
    site: Site, desk: Desk, film_file: FilmFile
) -> None:
    lesson = desk.lesson(desk.draft())
    source = film_file("steady.mov", video="mpeg4", seconds=10)
    desk.send(f"{lesson}/video", "video", source.read_bytes(), "steady.mov")
    with site.runtime.read() as uow:
        job_id = outbox.unfinished(uow.session)[0]
    for point in ("working", "stored", "finished"):
        assert kill_worker(site, job_id, point) == -signal.SIGKILL
        left = list((site.runtime.root / "videos").iterdir())
        assert len(left) == (point == "working"), (
            "only a process that is killed at its work leaves its folder"
        )
        for folder in left:
            nobody_works_in(folder)
        sweep_videos(site.runtime)
        assert list((site.runtime.root / "videos").iterdir()) == []
        waiting = "视频可用" not in desk.browser.get(lesson).text
        assert waiting is (point != "finished")
        with site.runtime.write() as uow:
            assert outbox.claim(uow.session, job_id, uow.now) is None, "its claim has not run out"
        site.clock.advance(outbox.CLAIM_SECONDS + 1)
    assert site.run_jobs() >= 1
    assert "10 秒" in desk.browser.get(lesson).text


def test_an_upload_while_the_old_video_is_prepared_ends_that_work_and_wins(
    site: Site, desk: Desk, film_file: FilmFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = desk.lesson(desk.draft())
    old = film_file("steady.mov", video="mpeg4", seconds=10)
    new = film_file("two.mkv", seconds=2)
    desk.send(f"{lesson}/video", "video", old.read_bytes(), "old.mov")
    really, ends = service.get_on, []
    actor = Actor(desk.person.id, "exam", (Grant(Role.EXAM_ADMIN, EVERYWHERE),))

    def upload_meanwhile(uow: UnitOfWork, lesson_id: str, turn: int, done: int) -> bool:
        if turn == 1:
            service.take_video(uow, actor, lesson_id, "new.mkv", site.runtime.storage.put_file(new))
        is_wanted = really(uow, lesson_id, turn, done)
        ends.append(is_wanted)
        return is_wanted

    monkeypatch.setattr(service, "get_on", upload_meanwhile)
    site.run_jobs()
    assert ends[0] is False
    page = desk.browser.get(lesson).text
    assert "2 秒" in page
    assert "new.mkv" in page


def test_two_drafts_of_one_code_become_one_course(site: Site, desk: Desk, film_file: FilmFile) -> None:
    drafts = [desk.draft(), desk.draft()]
    for draft in drafts:
        lesson = desk.lesson(draft)
        desk.send(f"{lesson}/video", "video", film_file("two.mkv", seconds=2).read_bytes(), "two.mkv")
    site.run_jobs()
    assert desk.browser.post(f"{drafts[0]}/publish").status_code == 303
    refused = desk.browser.post(f"{drafts[1]}/publish")
    assert refused.status_code == 409
    assert "这个代码已有一门课程在用" in refused.text


def test_the_page_of_a_course_costs_the_same_whatever_it_holds(
    site: Site, desk: Desk, film_file: FilmFile
) -> None:
    video = film_file("two.mkv", seconds=2).read_bytes()
    counts = []
    for number in (1, 4):
        draft = desk.draft(code=f"course-{number}")
        for _ in range(number):
            lesson = desk.lesson(draft)
            desk.send(f"{lesson}/video", "video", video, "two.mkv")
            desk.send(f"{lesson}/handouts", "handout", PDF, "要点.pdf")
        site.run_jobs()
        course = desk.browser.post(f"{draft}/publish").location
        for address in (course, draft, "/desk/courses/"):
            with statements(site.runtime) as seen:
                assert desk.browser.get(address).status_code == 200
            counts.append(len(seen))
    assert counts[:3] == counts[3:]


def kill_worker(site: Site, job_id: str, point: str) -> int:
    """Have a worker of its own take up a job and die on its way."""
    settings = site.settings
    environment = {
        "LMS_ENV": "test", "LMS_INSTANCE_DIR": str(settings.instance_dir), "LMS_REDIS_URL": settings.redis_url,
        "LMS_SECRET_KEY": settings.secret_key.get_secret_value(), "LMS_DATABASE_URL": settings.database_url,
        "LMS_FIELD_KEY": settings.field_key.get_secret_value(),
        "LMS_INDEX_KEY": settings.index_key.get_secret_value(),
        "LMS_CLOCK_OFFSET_FILE": str(settings.clock_offset_file),
    }  # fmt: skip
    log = settings.instance_dir / "mortal.log"
    return fork("tests.courses.mortal_worker", [job_id, point], environment, log).wait()


def nobody_works_in(folder: Path) -> None:
    """Wait until the process whose worker was killed has noticed it: nobody reads what it says."""
    end = time.monotonic() + 10
    while any(works_in(path, folder) for path in Path("/proc").glob("[0-9]*/cmdline")):
        assert time.monotonic() < end, "the process goes on for nobody"
        time.sleep(0.1)


def works_in(command_line: Path, folder: Path) -> bool:
    try:
        return str(folder) in command_line.read_text(errors="replace")
    except OSError:  # it has just ended
        return False


def test_whoever_sends_a_file_keeps_no_page_from_being_worked_at(
    site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = desk.lesson(desk.draft())
    held = []

    def taking(**how: Any) -> Any:
        held.append(site.runtime.pages.is_held)
        return SpooledTemporaryFile(**how)

    monkeypatch.setattr(uploads, "SpooledTemporaryFile", taking)
    desk.send(f"{lesson}/video", "video", b"\0\0\0\x18ftypisom" + bytes(1000), "a.mp4")
    assert held == [False]
