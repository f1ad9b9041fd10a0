"""Film the demonstration course: real H.264 and AAC in MP4, made on the user's machine at set-up.

One picture a second is enough for slides; a picture stands still for half a minute, so nearly all frames
cost a few bytes. A keyframe each 30 seconds keeps seeking quick. The sound is a soft low tone, there so
that players, sound buttons and codecs are tried for real. PyAV brings its own encoders: no ffmpeg needed.

Run alone: `python -m lms.demo.lesson_videos TARGET_DIR`.
"""

import argparse
import fcntl
import hashlib
import json
import math
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image, ImageDraw, ImageFont

from lms.courses.mp4 import read_video_facts
from lms.demo.course import Lesson, load_course
from lms.demo.slides import (
    AZURITE,
    HEIGHT,
    LINE,
    MALACHITE_FILL,
    PAPER,
    WIDTH,
    SlidePainter,
    SlidePictures,
)

DRAWING = 1
"""Raise it when the drawing or the way of encoding changes, so that old files are made again."""
VIDEO_OPTIONS = {
    "preset": "veryfast",
    "tune": "stillimage",
    "crf": "32",
    "bf": "0",
    "forced-idr": "1",
}
KEYFRAME_SECONDS = 30
SOUND_RATE = 16_000
SOUND_BITS = 6_000
SOUND_BLOCK = 1024  # samples in one AAC frame
TONE_HZ = 250  # 64 samples a wave: every block is the same and no seam can be heard
TONE_VOLUME = 0.05
MANIFEST = "lesson_videos.json"
FONT_DIR = Path(__file__).parents[2] / "var" / "fonts"


@dataclass(frozen=True, slots=True)
class LessonVideo:
    """One finished lesson file. `duration_s` was read back from the file and rounded down."""

    title: str
    summary: str
    path: Path
    duration_s: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Order:
    """All a worker process needs to make one lesson."""

    lesson: Lesson
    number: int
    of: int
    path: Path
    font_regular: Path
    font_bold: Path
    recipe: str


def make_lesson_videos(
    target_dir: Path,
    font_regular: Path,
    font_bold: Path,
    *,
    workers: int = 2,
    progress: Callable[[str], None] | None = None,
    lessons: Iterable[Lesson] | None = None,
) -> list[LessonVideo]:
    """Make every lesson that is missing or out of date in `target_dir`; return all in teaching order.

    A file is kept when its text, fonts, settings and its own bytes are those of the manifest beside it, so
    a second call makes nothing. An interrupted call continues where it stopped; a call beside a running one
    waits for it. `lessons` defaults to the whole course. Raises OSError when a font cannot be read.
    """
    tell = progress or (lambda _: None)
    target_dir.mkdir(parents=True, exist_ok=True)
    course = tuple(load_course() if lessons is None else lessons)
    fonts = _sha256(font_regular) + _sha256(font_bold)
    orders = [
        _Order(
            lesson,
            number,
            len(course),
            target_dir / f"{lesson.slug}.mp4",
            font_regular,
            font_bold,
            _recipe(lesson, number, len(course), fonts),
        )
        for number, lesson in enumerate(course, 1)
    ]
    with _only_one(target_dir):
        manifest = _read_manifest(target_dir)
        missing = [order for order in orders if not _is_current(order, manifest)]
        if len(missing) < len(orders):
            tell(f"{len(orders) - len(missing)} of {len(orders)} lesson videos are already there")
        for order in _make_all(missing, workers):
            manifest[order.path.name] = {"recipe": order.recipe, **_facts_of(order.path)}
            _write_manifest(target_dir, manifest)
            facts = manifest[order.path.name]
            tell(
                f"lesson {order.number} of {order.of}: {order.lesson.title}, "
                f"{facts['duration_s'] // 60} min, {facts['bytes'] / 1e6:.1f} MB"
            )
        return [_video(order, manifest[order.path.name]) for order in orders]


def make_test_clip(path: Path, seconds: int) -> None:
    """Write a small playable clip of `seconds` with a bar that moves each second; needs no font file."""
    font = ImageFont.load_default(96)

    def pictures() -> Iterator[tuple[Image.Image, int, bool]]:
        for second in range(seconds):
            image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
            draw = ImageDraw.Draw(image)
            draw.rectangle((0, 0, WIDTH, 10), fill=AZURITE)
            draw.text((WIDTH / 2, HEIGHT / 2), f"{second} s", font=font, fill=AZURITE, anchor="mm")
            draw.rectangle((0, HEIGHT - 20, WIDTH, HEIGHT), fill=LINE)
            draw.rectangle((0, HEIGHT - 20, WIDTH * (second + 1) // seconds, HEIGHT), fill=MALACHITE_FILL)
            yield image, 1, False

    _encode(path, pictures())


def _make_all(orders: list[_Order], workers: int) -> Iterator[_Order]:
    """Make the orders, the longest first, and yield each as it is finished."""
    queue = sorted(orders, key=lambda order: -order.lesson.seconds)
    if workers <= 1 or len(queue) <= 1:
        for order in queue:
            _make(order)
            yield order
        return
    # A fork would copy the locks of a threaded caller; a spawned worker starts clean.
    with ProcessPoolExecutor(min(workers, len(queue)), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_make, order): order for order in queue}
        for done in as_completed(running):
            done.result()
            yield running[done]


def _make(order: _Order) -> None:
    _encode(order.path, _pictures(order))


def _pictures(order: _Order) -> Iterator[tuple[Image.Image, int, bool]]:
    """Yield each still picture with its seconds and whether a new page begins with it."""
    painter = SlidePainter(order.font_regular, order.font_bold)
    lesson = order.lesson
    pages: SlidePictures | None = None
    shown = 0
    for scene in lesson.scenes():
        shown += scene.seconds
        if scene.slide is None:
            yield painter.cover(lesson, order.number, order.of), scene.seconds, True
            continue
        if pages is None or scene.line == 0:
            pages = painter.slide(lesson, order.number, scene.slide)
        yield pages.focused(scene.line, shown / lesson.seconds), scene.seconds, scene.line == 0


def _encode(path: Path, pictures: Iterable[tuple[Image.Image, int, bool]]) -> None:
    """Write the pictures, one frame a second, with the tone under them; the file appears whole or not."""
    part = path.with_name(f".{path.name}.part")
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=1, options=dict(VIDEO_OPTIONS))
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # Two processes share the cores already, and one thread gives the same bytes each time.
        video.codec_context.thread_count = 1
        video.codec_context.gop_size = KEYFRAME_SECONDS
        # Players take HD pictures for BT.709; saying so keeps the pigments true.
        video.codec_context.colorspace = Colorspace.ITU709
        video.codec_context.color_primaries = ColorPrimaries.BT709
        video.codec_context.color_trc = ColorTrc.BT709
        video.codec_context.color_range = ColorRange.MPEG
        sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        sound.bit_rate = SOUND_BITS
        block = _tone_block()
        second = blocks = 0
        # Typed in one only of the two releases that the lock file allows.
        from_image: Any = av.VideoFrame.from_image
        for image, seconds, new_page in pictures:
            frame = from_image(image).reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.time_base = Fraction(1)
            for step in range(seconds):
                frame.pts = second
                frame.pict_type = PictureType.I if new_page and step == 0 else PictureType.NONE
                container.mux(video.encode(frame))
                second += 1
                # Whole blocks only, so the sound ends with the last picture and never after it.
                while (blocks + 1) * SOUND_BLOCK <= second * SOUND_RATE:
                    block.pts = blocks * SOUND_BLOCK
                    container.mux(sound.encode(block))
                    blocks += 1
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    _publish(part, path)


def _tone_block() -> av.AudioFrame:
    wave = (math.sin(2 * math.pi * TONE_HZ * n / SOUND_RATE) for n in range(SOUND_BLOCK))
    block = av.AudioFrame(format="fltp", layout="mono", samples=SOUND_BLOCK)
    block.sample_rate = SOUND_RATE
    block.time_base = Fraction(1, SOUND_RATE)
    block.planes[0].update(array("f", (TONE_VOLUME * height for height in wave)).tobytes())
    return block


def _recipe(lesson: Lesson, number: int, of: int, fonts: str) -> str:
    """The hash of all that decides how a lesson file looks."""
    settings = [DRAWING, VIDEO_OPTIONS, KEYFRAME_SECONDS, SOUND_RATE, SOUND_BITS, TONE_HZ, TONE_VOLUME]
    parts = [lesson.digest, lesson.slug, lesson.minutes, len(lesson.slides), number, of, fonts, settings]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _is_current(order: _Order, manifest: dict[str, dict[str, Any]]) -> bool:
    entry = manifest.get(order.path.name, {})
    return (
        entry.get("recipe") == order.recipe
        and isinstance(entry.get("duration_s"), int)
        and order.path.is_file()
        and order.path.stat().st_size == entry.get("bytes")
        and _sha256(order.path) == entry.get("sha256")
    )


def _facts_of(path: Path) -> dict[str, Any]:
    return {
        "duration_s": read_video_facts(path).duration_ms // 1000,
        "bytes": path.stat().st_size,
        "sha256": _sha256(path),
    }


def _video(order: _Order, entry: dict[str, Any]) -> LessonVideo:
    return LessonVideo(
        order.lesson.title,
        order.lesson.summary,
        order.path,
        entry["duration_s"],
        entry["bytes"],
        entry["sha256"],
    )


def _read_manifest(target_dir: Path) -> dict[str, dict[str, Any]]:
    """The manifest, or an empty one when it is missing or unreadable: then everything is made again."""
    try:
        found = json.loads((target_dir / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: entry for name, entry in found.items() if isinstance(entry, dict)}


def _write_manifest(target_dir: Path, manifest: dict[str, dict[str, Any]]) -> None:
    part = target_dir / f".{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _publish(part, target_dir / MANIFEST)


def _publish(part: Path, path: Path) -> None:
    """Make a finished file durable, then let it appear under its name."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _only_one(target_dir: Path) -> Iterator[None]:
    """Wait until no other process makes lessons in the same folder."""
    with (target_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main() -> None:
    """Make the course from the command line and print what was made as JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m lms.demo.lesson_videos", description=main.__doc__)
    parser.add_argument("target_dir", type=Path)
    parser.add_argument("--fonts", type=Path, default=FONT_DIR, help="folder with NotoSerifSC-*.ttf")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    videos = make_lesson_videos(
        given.target_dir,
        given.fonts / "NotoSerifSC-Regular.ttf",
        given.fonts / "NotoSerifSC-Bold.ttf",
        workers=given.workers,
        progress=_say,
    )
    for video in videos:
        _say(json.dumps(asdict(video), default=str, ensure_ascii=False))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command prints is its result


if __name__ == "__main__":
    main()
