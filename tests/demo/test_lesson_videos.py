"""The five-lesson course: complete on paper, and real files when filmed (B1, B9)."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest
from fontTools.ttLib import TTFont
from PIL import ImageFont

from lms.courses.mp4 import VideoFacts, read_video_facts
from lms.demo import lesson_videos
from lms.demo.course import REQUIRED_MINUTES, SPARE_PERCENT, Lesson, Slide, load_course
from lms.demo.lesson_videos import (
    FONT_DIR,
    KEYFRAME_SECONDS,
    MANIFEST,
    LessonVideo,
    make_lesson_videos,
    make_test_clip,
)
from lms.demo.slides import (
    BODY_SIZES,
    NEVER_FIRST,
    NEVER_LAST,
    TEXT_WIDTH,
    SlideOverflow,
    SlidePainter,
    wrap,
)

COURSE = load_course()
REGULAR = FONT_DIR / "NotoSerifSC-Regular.ttf"
BOLD = FONT_DIR / "NotoSerifSC-Bold.ttf"


def short_lesson(slug: str = "short", **changes: object) -> Lesson:
    slides = (
        Slide("第一页", ("甲", "乙", "丙"), ("B1",)),
        Slide("第二页", ("丁", "戊", "己"), ("B2",)),
    )
    lesson = Lesson(slug, "短课", "只有一分钟的课。", 1, slides, digest="0" * 64)
    return replace(lesson, **changes)  # type: ignore[arg-type]  # the names are checked at run time


def film(folder: Path, *lessons: Lesson, workers: int = 1) -> tuple[list[LessonVideo], list[str]]:
    told: list[str] = []
    made = make_lesson_videos(
        folder, REGULAR, BOLD, workers=workers, progress=told.append, lessons=lessons or [short_lesson()]
    )
    return made, told


# ---- on paper ---------------------------------------------------------------------------------


def test_the_course_has_the_five_lessons_of_the_syllabus_in_order() -> None:
    assert [lesson.title for lesson in COURSE] == [
        "技能人才评价政策法规",
        "职业标准解读与命（审）题技术",
        "考评技术与方法",
        "考务管理",
        "考评员工作流程标准",
    ]


def test_the_course_is_longer_than_the_required_study_time_by_the_spare() -> None:
    planned = sum(lesson.minutes for lesson in COURSE)
    assert planned >= 190
    assert planned * 100 >= REQUIRED_MINUTES * (100 + SPARE_PERCENT)


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.slug)
def test_a_lesson_is_complete(lesson: Lesson) -> None:
    assert lesson.summary
    assert len(lesson.slides) >= 12
    headings = [slide.heading for slide in lesson.slides]
    assert len(set(headings)) >= 12
    for slide in lesson.slides:
        assert slide.heading
        assert slide.sources
        assert 3 <= len(slide.lines) <= 5
        assert all(len(line) >= 6 for line in slide.lines)
        assert len(set(slide.lines)) == len(slide.lines)


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.slug)
def test_every_slide_names_its_source_and_never_shows_it(lesson: Lesson) -> None:
    source = re.compile(r"[A-H]\d{1,2}|N[0-4]|domain \d(\.\d)?|design 3|craft")
    for slide in lesson.slides:
        assert all(source.fullmatch(name) for name in slide.sources), slide.heading
        shown = slide.heading + "".join(slide.lines)
        assert not re.search(r"\b[A-HN]\d{1,2}\b|craft|domain", shown), slide.heading


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.slug)
def test_the_scenes_of_a_lesson_add_up_to_its_length_and_none_is_a_flash(lesson: Lesson) -> None:
    scenes = lesson.scenes()
    assert sum(scene.seconds for scene in scenes) == lesson.minutes * 60
    assert min(scene.seconds for scene in scenes) >= 10
    assert len(scenes) == 1 + sum(len(slide.lines) for slide in lesson.slides)


@pytest.mark.parametrize("number", range(1, 6))
def test_every_slide_fits_on_the_screen(number: int) -> None:
    painter = SlidePainter(REGULAR, BOLD)
    lesson = COURSE[number - 1]
    assert painter.cover(lesson, number, 5).size == (1280, 720)
    for index in range(len(lesson.slides)):
        assert painter.slide(lesson, number, index).focused(0, 0.5).size == (1280, 720)


def test_a_slide_with_too_much_text_is_refused_instead_of_being_cut() -> None:
    crowded = short_lesson(slides=(Slide("满页", ("字" * 200,) * 5, ("B1",)),))
    with pytest.raises(SlideOverflow, match="满页"):
        SlidePainter(REGULAR, BOLD).slide(crowded, 1, 0)


def test_the_fonts_have_a_shape_for_every_character_that_is_drawn() -> None:
    regular, bold = (set(TTFont(path, lazy=True).getBestCmap()) for path in (REGULAR, BOLD))
    for lesson in COURSE:
        plain = lesson.title + lesson.summary + "".join("".join(slide.lines) for slide in lesson.slides)
        heavy = lesson.title + "".join(slide.heading for slide in lesson.slides)
        assert not {char for char in plain if ord(char) not in regular}
        assert not {char for char in heavy if ord(char) not in bold}


def test_rows_break_where_chinese_allows_it_and_lose_nothing() -> None:
    font = ImageFont.truetype(REGULAR, BODY_SIZES[0])
    for lesson in COURSE:
        for line in (line for slide in lesson.slides for line in slide.lines):
            for width in (TEXT_WIDTH, 400):
                rows = wrap(line, font, width)
                assert "".join(rows).replace(" ", "") == line.replace(" ", "")
                assert all(font.getlength(row) <= width for row in rows)
                assert not any(row[0] in NEVER_FIRST for row in rows)
                assert not any(row[-1] in NEVER_LAST for row in rows)


def test_a_number_stays_in_one_row() -> None:
    font = ImageFont.truetype(REGULAR, 30)
    for width in range(90, 400, 7):
        rows = wrap("编码 4-10-01-02 在这里", font, max(width, round(font.getlength("4-10-01-02"))))
        assert any("4-10-01-02" in row for row in rows)


# ---- on film ----------------------------------------------------------------------------------


def test_a_short_lesson_becomes_a_real_video_whose_length_is_read_back(tmp_path: Path) -> None:
    [video], told = film(tmp_path)
    assert read_video_facts(video.path) == VideoFacts(60_000, 1280, 720, "h264", "aac", faststart=True)
    assert (video.title, video.summary, video.duration_s) == ("短课", "只有一分钟的课。", 60)
    assert video.bytes == video.path.stat().st_size < 400_000
    [line] = told
    assert "短课" in line
    with av.open(str(video.path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == 60


def test_a_player_never_has_far_to_the_next_keyframe(tmp_path: Path) -> None:
    [video], _ = film(tmp_path, short_lesson(minutes=3))
    with av.open(str(video.path)) as container:
        stream = container.streams.video[0]
        keys = [float(p.pts * p.time_base) for p in container.demux(stream) if p.is_keyframe and p.size]
    starts = [*keys, 180.0]
    assert keys[0] == 0
    assert max(b - a for a, b in pairwise(starts)) <= KEYFRAME_SECONDS


def test_the_sound_is_soft_but_there(tmp_path: Path) -> None:
    [video], _ = film(tmp_path)
    with av.open(str(video.path)) as container:
        sound = container.decode(audio=0)
        peaks = []
        for frame, _ in zip(sound, range(200), strict=False):
            peaks.append(max(memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]))
    assert 0.02 < max(peaks) < 0.1


def test_a_second_call_makes_nothing(tmp_path: Path) -> None:
    [first], _ = film(tmp_path)
    before = first.path.stat()
    [second], told = film(tmp_path)
    after = second.path.stat()
    assert second == first
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert told == ["1 of 1 lesson videos are already there"]


def test_only_what_is_missing_changed_or_damaged_is_made_again(tmp_path: Path) -> None:
    lessons = [short_lesson(slug) for slug in ("gone", "changed", "damaged", "kept")]
    made, _ = film(tmp_path, *lessons)
    gone, _, damaged, _ = made
    gone.path.unlink()
    lessons[1] = short_lesson("changed", digest="1" * 64)
    damaged.path.write_bytes(damaged.path.read_bytes()[:-1] + b"!")
    inodes = {video.path.name: video.path.stat().st_ino for video in made[2:]}
    _, told = film(tmp_path, *lessons)
    assert [line.split(":")[0] for line in told[1:]] == [f"lesson {n} of 4" for n in (1, 2, 3)]
    assert (tmp_path / "kept.mp4").stat().st_ino == inodes["kept.mp4"]
    assert (tmp_path / "damaged.mp4").stat().st_ino != inodes["damaged.mp4"]


def test_an_unreadable_manifest_means_making_the_lessons_again(tmp_path: Path) -> None:
    film(tmp_path)
    for spoiled in ("{not json", "[]", "null"):
        (tmp_path / MANIFEST).write_text(spoiled)
        _, told = film(tmp_path)
        assert told[0].startswith("lesson 1 of 1")
    assert json.loads((tmp_path / MANIFEST).read_text())["short.mp4"]["duration_s"] == 60


def test_a_call_that_was_killed_half_way_leaves_no_half_file_under_a_real_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled_plug(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lesson_videos, "_publish", pulled_plug)
        with pytest.raises(KeyboardInterrupt):
            film(tmp_path)
    assert not list(tmp_path.glob("*.mp4"))
    [video], _ = film(tmp_path)
    assert video.duration_s == 60
    assert not list(tmp_path.glob(".*.part"))


def test_two_workers_make_the_same_files_as_one(tmp_path: Path) -> None:
    lessons = [short_lesson("one"), short_lesson("two", minutes=2)]
    together, _ = film(tmp_path / "together", *lessons, workers=2)
    alone, _ = film(tmp_path / "alone", *lessons)
    assert [video.duration_s for video in together] == [60, 120]
    assert [video.sha256 for video in together] == [video.sha256 for video in alone]


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        make_lesson_videos(tmp_path, tmp_path / "nowhere.ttf", BOLD, lessons=[short_lesson()])


def test_the_command_line_reports_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lesson_videos, "load_course", lambda: (short_lesson(),))
    monkeypatch.setattr("sys.argv", ["lesson_videos", str(tmp_path), "--workers", "1"])
    lesson_videos.main()
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["title"], report["duration_s"]) == ("短课", 60)


@pytest.mark.parametrize("seconds", [1, 10, 31])
def test_a_test_clip_lasts_as_long_as_asked(tmp_path: Path, seconds: int) -> None:
    make_test_clip(tmp_path / "clip.mp4", seconds)
    assert read_video_facts(tmp_path / "clip.mp4").duration_ms == seconds * 1000
