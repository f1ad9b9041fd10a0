"""The demonstration course: five lessons in Simplified Chinese, one TOML file each (B8, B9).

A lesson file holds `title`, `summary`, `minutes` and its `slides`; a slide has a `heading`, three to
five `lines` and `sources` (requirement ids or sections of the domain notes, for editors, never shown).
The same text serves the videos and, where a page wants it, the written handout beside the player.
Neighbours: `lms.demo.slides` draws it, `lms.demo.lesson_videos` films it.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

REQUIRED_MINUTES = 180  # B1, what a trainee has to study; the course must offer more
SPARE_PERCENT = 5  # a refused minute must never leave a trainee with nothing left to watch
COVER_SECONDS = 20
GLANCE = 12  # weight of looking at any line at all, in characters of reading time


@dataclass(frozen=True, slots=True)
class Slide:
    """One page of a lesson: a heading and its three to five lines."""

    heading: str
    lines: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A still picture and how long it stands, in whole seconds.

    `slide` is None on the cover; otherwise it is the index of the slide, and `line` the line in focus.
    """

    slide: int | None
    line: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson as written. `slug` is the file name without its ending, `digest` the hash of the file."""

    slug: str
    title: str
    summary: str
    minutes: int
    slides: tuple[Slide, ...]
    digest: str

    @property
    def seconds(self) -> int:
        """The planned length in seconds."""
        return self.minutes * 60

    def scenes(self) -> tuple[Scene, ...]:
        """Spread the planned length over the cover and every line, longer lines longer; adds up exactly."""
        places = [(s, n) for s, slide in enumerate(self.slides) for n in range(len(slide.lines))]
        reach = list(accumulate(GLANCE + len(self.slides[s].lines[n]) for s, n in places))
        cover = min(COVER_SECONDS, self.seconds // 2)
        ends = [cover + (self.seconds - cover) * reached // reach[-1] for reached in reach]
        starts = [cover, *ends[:-1]]
        return (
            Scene(None, 0, cover),
            *(Scene(s, n, b - a) for (s, n), a, b in zip(places, starts, ends, strict=True)),
        )


def read_lesson(path: Path) -> Lesson:
    """Read one lesson file. Raises KeyError or tomllib.TOMLDecodeError when it is not a lesson."""
    raw = path.read_bytes()
    data = tomllib.loads(raw.decode())
    slides = tuple(
        Slide(slide["heading"], tuple(slide["lines"]), tuple(slide["sources"])) for slide in data["slides"]
    )
    return Lesson(
        slug=path.stem,
        title=data["title"],
        summary=data["summary"],
        minutes=data["minutes"],
        slides=slides,
        digest=hashlib.sha256(raw).hexdigest(),
    )


def load_course() -> tuple[Lesson, ...]:
    """Return the five lessons in teaching order."""
    return tuple(read_lesson(path) for path in sorted(Path(__file__).parent.glob("*.toml")))
