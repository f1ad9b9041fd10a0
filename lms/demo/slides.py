"""Draw the slides of a lesson: 1280 x 720, Chinese, azurite and malachite on light paper.

The painter is slow only once per slide: each row of text is turned into a mask, and the scenes of the
slide (one line in focus at a time) are then just pastes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lms.demo.course import Lesson, Slide

WIDTH, HEIGHT = 1280, 720
MARGIN = 88
BODY_TOP, BODY_BOTTOM = 196, 620
TEXT_LEFT = MARGIN + 44
TEXT_WIDTH = WIDTH - TEXT_LEFT - MARGIN
BODY_SIZES = (34, 32, 30, 28)
"""Largest first; the first size at which the whole slide fits is taken."""
ROW_PITCH = 1.5
LINE_GAP, WIDE_GAP = 26, 44
"""Space between lines: at least the first, up to the second where the slide has room."""

# The theme's own pigments (static/theme.css), light mode.
PAPER = "#f3f6f8"
INK, INK_3, LINE = "#13222e", "#566875", "#d5dfe5"
AZURITE, AZURITE_FILL, AZURITE_WASH = "#174c80", "#1f5f9f", "#e6eff8"
MALACHITE, MALACHITE_FILL = "#0e6249", "#23906f"

NEVER_FIRST = frozenset("，。、；：？！）”》〕】％%·—")
NEVER_LAST = frozenset("（“《〔【")
SHORTEST_LAST_ROW = 4


class SlideOverflow(ValueError):
    """A slide holds more text than fits at the smallest size."""


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break a line into rows no wider than `width` pixels.

    Digits and Latin words stay whole, no row begins with a closing or ends with an opening mark, and the
    last row is not left with a character or two where a slightly narrower break avoids it.
    """
    rows = _fill(text, font, width)
    if len(rows) > 1 and len(rows[-1]) < SHORTEST_LAST_ROW:
        narrower = _fill(text, font, width - round(SHORTEST_LAST_ROW * font.size))
        if len(narrower) == len(rows):
            return narrower
    return rows


def _fill(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    rows: list[str] = []
    row = ""
    for piece in _pieces(text):
        if row and font.getlength(row + piece.rstrip()) > width:
            rows.append(row.rstrip())
            row = piece.lstrip()
        else:
            row += piece
    return [*rows, row.rstrip()]


def _pieces(text: str) -> Iterator[str]:
    """Cut a line into the parts that must not be broken inside."""
    piece = ""
    for char in text:
        joined = piece and (
            char in NEVER_FIRST
            or piece[-1] in NEVER_LAST
            or (char.isascii() and char != " " and piece[-1].isascii() and piece[-1] != " ")
        )
        if piece and not joined:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of body text, ready to be pasted in any colour."""

    line: int
    top: int
    mask: Image.Image


class SlidePainter:
    """Paints covers and slides with one pair of fonts."""

    def __init__(self, regular: Path, bold: Path) -> None:
        self._regular = {size: ImageFont.truetype(regular, size) for size in (20, 24, *BODY_SIZES)}
        self._heading = ImageFont.truetype(bold, 46)
        self._title = ImageFont.truetype(bold, 60)
        self._tag = ImageFont.truetype(bold, 26)

    def cover(self, lesson: Lesson, number: int, of: int) -> Image.Image:
        """The title slide of lesson `number` of `of`."""
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, 18, HEIGHT), fill=AZURITE)
        draw.rectangle((18, 0, 26, HEIGHT), fill=MALACHITE_FILL)
        draw.text((MARGIN + 20, 150), f"第 {number} 课 · 共 {of} 课", font=self._tag, fill=MALACHITE)
        top = 214
        for row in wrap(lesson.title, self._title, WIDTH - 2 * MARGIN - 20):
            draw.text((MARGIN + 20, top), row, font=self._title, fill=AZURITE)
            top += 84
        draw.line((MARGIN + 20, top + 22, MARGIN + 220, top + 22), fill=MALACHITE_FILL, width=4)
        top += 54
        for row in wrap(lesson.summary, self._regular[30], WIDTH - 2 * MARGIN - 60):
            draw.text((MARGIN + 20, top), row, font=self._regular[30], fill=INK)
            top += 48
        draw.text(
            (MARGIN + 20, 640),
            f"考评员线上培训 · 本课 {lesson.minutes} 分钟",
            font=self._regular[24],
            fill=INK_3,
        )
        return image

    def slide(self, lesson: Lesson, number: int, index: int) -> "SlidePictures":
        """Prepare slide `index` (from 0) of lesson `number`. Raises SlideOverflow."""
        slide = lesson.slides[index]
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, WIDTH, 10), fill=AZURITE)
        draw.rectangle((MARGIN, 88, MARGIN + 8, 144), fill=MALACHITE_FILL)
        draw.text((MARGIN + 28, 84), slide.heading, font=self._heading, fill=AZURITE)
        if self._heading.getlength(slide.heading) > WIDTH - 2 * MARGIN - 28:
            raise SlideOverflow(f"{lesson.slug}, slide {index + 1}: heading")
        foot = f"第 {number} 课 · {lesson.title}"
        page = f"第 {index + 1} 页，共 {len(lesson.slides)} 页"
        draw.text((MARGIN, 650), foot, font=self._regular[20], fill=INK_3)
        draw.text((WIDTH - MARGIN, 650), page, font=self._regular[20], fill=INK_3, anchor="ra")
        draw.rectangle((0, HEIGHT - 10, WIDTH, HEIGHT), fill=LINE)
        return SlidePictures(image, self._rows(lesson, slide, index))

    def _rows(self, lesson: Lesson, slide: Slide, index: int) -> tuple[_Row, ...]:
        for size in BODY_SIZES:
            font = self._regular[size]
            pitch = round(size * ROW_PITCH)
            broken = [wrap(line, font, TEXT_WIDTH) for line in slide.lines]
            room = BODY_BOTTOM - BODY_TOP - sum(len(rows) * pitch for rows in broken)
            gap = min(WIDE_GAP, room // max(1, len(broken) - 1))
            if gap >= LINE_GAP:
                break
        else:
            raise SlideOverflow(f"{lesson.slug}, slide {index + 1}: {slide.heading}")
        rows: list[_Row] = []
        top = BODY_TOP
        for line, texts in enumerate(broken):
            for text in texts:
                mask = Image.new("L", (TEXT_WIDTH + size, pitch), 0)
                ImageDraw.Draw(mask).text((0, pitch // 2), text, font=font, fill=255, anchor="lm")
                rows.append(_Row(line, top, mask))
                top += pitch
            top += gap
        return tuple(rows)


class SlidePictures:
    """The pictures of one slide: the same page with each line in focus in turn."""

    def __init__(self, page: Image.Image, rows: tuple[_Row, ...]) -> None:
        self._page = page
        self._rows = rows

    def focused(self, line: int, progress: float) -> Image.Image:
        """The page while `line` is spoken of, the lesson's bar filled to `progress` (0 to 1).

        Every line can be read at any time; the one in focus is marked by a bar and a wash as well as
        by its colour.
        """
        image = self._page.copy()
        draw = ImageDraw.Draw(image)
        for row in self._rows:
            if row.line == line:
                bottom = row.top + row.mask.height
                draw.rectangle((MARGIN, row.top - 8, WIDTH - MARGIN, bottom + 8), fill=AZURITE_WASH)
                draw.rectangle((MARGIN, row.top - 8, MARGIN + 5, bottom + 8), fill=AZURITE_FILL)
        first: set[int] = set()
        for row in self._rows:
            colour = INK if row.line <= line else INK_3
            if row.line not in first:
                first.add(row.line)
                middle = row.top + row.mask.height // 2
                dot = AZURITE_FILL if row.line == line else MALACHITE_FILL
                draw.ellipse((TEXT_LEFT - 24, middle - 5, TEXT_LEFT - 14, middle + 5), fill=dot)
            image.paste(colour, (TEXT_LEFT, row.top), row.mask)
        draw.rectangle((0, HEIGHT - 10, round(WIDTH * progress), HEIGHT), fill=MALACHITE_FILL)
        return image
