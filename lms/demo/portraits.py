"""Draw ID photos of people who do not exist: flat, calm portraits on a plain ground.

A portrait is drawn four times too large and scaled down, so that edges are smooth. Units are pixels of
the finished photo; the same serial number gives the same face each time.
"""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 358, 441  # the second-generation ID card's photo
_SCALE = 4
_MIDDLE = WIDTH / 2
_QUALITY = 92

Point = tuple[float, float]
Colour = str

GROUNDS: tuple[Colour, ...] = ("#bfd5e6", "#cddde9", "#b5cee1", "#d8e4ec")
SKINS: tuple[tuple[Colour, Colour], ...] = (
    ("#f3d3b8", "#e3b795"),
    ("#efc9a8", "#dcae86"),
    ("#f6dcc6", "#e6c0a2"),
    ("#e6bd99", "#cfa17a"),
)
"""Each skin with its shade."""
HAIRS: tuple[tuple[Colour, Colour], ...] = (
    ("#23262b", "#363b42"),
    ("#2e2723", "#443a34"),
    ("#3a2c24", "#523f34"),
)
GREY_TURN = 4
"""Which of nine is grey."""
GREY_HAIR: tuple[Colour, Colour] = ("#6d7278", "#868c92")
"""Each hair with its lighter strand."""
COATS: tuple[Colour, ...] = ("#34506b", "#41566a", "#2f4f4f", "#54606c", "#4a4f6a", "#3d5a80", "#5b5368")
SHIRTS: tuple[Colour, ...] = ("#f5f7f9", "#e9f0f6", "#f4efe6", "#dfe9e4")
TIES: tuple[Colour, ...] = ("#1f5f9f", "#23705a", "#6b5a8c", "#4b5b6b")
INK: Colour = "#2a2524"

SHORT_CUTS = ("parted", "swept", "cropped", "fringe", "quiff")
LONG_CUTS = ("long", "bob", "bun", "ponytail", "shoulder")
DRESSES = ("suit", "tie", "collar", "crew")


@dataclass(frozen=True, slots=True)
class Look:
    """All that tells one portrait from another."""

    ground: Colour
    skin: tuple[Colour, Colour]
    hair: tuple[Colour, Colour]
    cut: str
    dress: str
    coat: Colour
    shirt: Colour
    tie: Colour
    jaw: float
    """How wide the jaw is: 0.9 to 1.08 of the usual."""
    brow: float
    """How strong the brows are: 2.6 to 4.6 pixels."""
    smile: float
    """How far the corners of the mouth rise: 3 to 7 pixels."""
    glasses: bool


def look_of(serial: int, *, woman: bool) -> Look:
    """Choose a look for a serial number; neighbours differ in what the eye sees first."""
    chance = random.Random(serial)  # noqa: S311 - a face, not a secret
    cuts = LONG_CUTS if woman else SHORT_CUTS
    grey = serial % 9 == GREY_TURN
    return Look(
        ground=GROUNDS[serial % len(GROUNDS)],
        skin=chance.choice(SKINS),
        hair=GREY_HAIR if grey else chance.choice(HAIRS),
        cut=cuts[serial % len(cuts)],
        dress=chance.choice(("suit", "collar", "crew") if woman else DRESSES),
        coat=COATS[serial * 3 % len(COATS)],
        shirt=chance.choice(SHIRTS),
        tie=chance.choice(TIES),
        jaw=chance.uniform(0.9, 0.98) if woman else chance.uniform(0.98, 1.08),
        brow=chance.uniform(2.6, 3.4) if woman else chance.uniform(3.6, 4.6),
        smile=chance.uniform(3, 7),
        glasses=grey or chance.random() < 0.3,  # noqa: PLR2004 - three in ten wear glasses
    )


def draw_portrait(serial: int, *, woman: bool) -> bytes:
    """Draw the portrait of a serial number and return it as a JPEG."""
    out = io.BytesIO()
    _Painter(look_of(serial, woman=woman)).paint().save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def mirrored(right: Sequence[Point]) -> list[Point]:
    """Close the right half of an outline, given from top to bottom as (from the middle, down), to a whole one."""
    left = [(-x, y) for x, y in reversed(right) if x]
    return [(_MIDDLE + x, y) for x, y in (*right, *left)]


def smooth(corners: Sequence[Point], steps: int = 12) -> list[Point]:
    """Return a closed smooth line through the corners (Catmull-Rom)."""
    count = len(corners)
    line: list[Point] = []
    for index in range(count):
        before, start, end, after = (corners[(index + shift) % count] for shift in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            line.append(
                (_between(before[0], start[0], end[0], after[0], t),
                 _between(before[1], start[1], end[1], after[1], t))
            )  # fmt: skip
    return line


def _between(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


class _Painter:
    """Paints one look, from the back to the front."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), look.ground)
        self.draw = ImageDraw.Draw(self.image)

    def paint(self) -> Image.Image:
        self._back_hair()
        self._body()
        self._neck()
        self._dress()
        self._head()
        self._face()
        self._front_hair()
        if self.look.glasses:
            self._glasses()
        return self.image.reduce(_SCALE)

    # ---- shapes ------------------------------------------------------------------------------

    def fill(self, corners: Sequence[Point], colour: Colour) -> None:
        self.draw.polygon([(x * _SCALE, y * _SCALE) for x, y in corners], fill=colour)

    def blob(self, right: Sequence[Point], colour: Colour) -> None:
        self.fill(smooth(mirrored(right)), colour)

    def oval(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """An ellipse around a point; x counts from the middle."""
        left, right = _MIDDLE + x - wide, _MIDDLE + x + wide
        self.draw.ellipse(
            (left * _SCALE, (y - high) * _SCALE, right * _SCALE, (y + high) * _SCALE), fill=colour
        )

    def stroke(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round ends; x counts from the middle."""
        line = [((_MIDDLE + x) * _SCALE, y * _SCALE) for x, y in points]
        self.draw.line(line, fill=colour, width=round(width * _SCALE), joint="curve")
        radius = width * _SCALE / 2
        for x, y in (line[0], line[-1]):
            self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def arc(self, x: float, y: float, wide: float, rise: float, width: float, colour: Colour) -> None:
        """A shallow bow around a point: the ends rise by `rise`, or fall when it is negative."""
        steps = 16
        points = [
            (x + wide * (2 * step / steps - 1), y - rise * (2 * step / steps - 1) ** 2)
            for step in range(steps + 1)
        ]
        for a, b in pairwise(points):
            self.stroke((a, b), width, colour)

    # ---- parts -------------------------------------------------------------------------------

    def _back_hair(self) -> None:
        dark, _ = self.look.hair
        match self.look.cut:
            case "long":
                self.blob([(0, 58), (60, 72), (90, 130), (94, 210), (100, 300), (92, 360), (40, 372)], dark)
            case "shoulder":
                self.blob([(0, 58), (60, 72), (89, 130), (92, 210), (96, 290), (78, 326), (30, 330)], dark)
            case "bob":
                self.blob([(0, 58), (62, 72), (90, 130), (94, 200), (92, 258), (70, 282), (30, 280)], dark)
            case "bun":
                self.oval(0, 62, 31, 26, dark)
                self.blob([(0, 66), (56, 78), (82, 130), (83, 186), (58, 216), (20, 222)], dark)
            case "ponytail":
                self.fill(smooth([(_MIDDLE + x, y) for x, y in
                                  ((40, 90), (96, 120), (108, 200), (98, 290), (74, 318), (72, 250), (66, 180))]),
                          dark)  # fmt: skip
                self.blob([(0, 62), (58, 76), (84, 130), (84, 186), (58, 216), (20, 222)], dark)
            case _:
                self.blob([(0, 66), (56, 78), (80, 126), (79, 172), (56, 204), (20, 210)], dark)

    def _body(self) -> None:
        self.fill(
            smooth(
                mirrored([(0, 316), (44, 318), (82, 336), (132, 356), (160, 396), (172, 450), (172, 520)])
            ),
            self.look.coat if self.look.dress != "collar" else self.look.shirt,
        )

    def _neck(self) -> None:
        skin, shade = self.look.skin
        self.blob([(0, 240), (34, 246), (35, 296), (44, 322), (30, 344), (0, 352)], skin)
        self.blob([(0, 276), (33, 270), (34, 292), (18, 312), (0, 316)], shade)

    def _dress(self) -> None:
        getattr(self, f"_{self.look.dress}")()

    def _suit(self) -> None:
        look = self.look
        self._opening(look.shirt)
        self._lapels()

    def _tie(self) -> None:
        look = self.look
        self._opening(look.shirt)
        knot = [(-11, 346), (11, 346), (7, 366), (-7, 366)]
        blade = [(-7, 366), (7, 366), (15, 441), (-15, 441)]
        self.fill([(_MIDDLE + x, y) for x, y in blade], look.tie)
        self.fill([(_MIDDLE + x, y) for x, y in knot], _darker(look.tie))
        self._wings(look.shirt)
        self._lapels()

    def _collar(self) -> None:
        look = self.look
        self._wings(look.shirt, edge=_darker(look.shirt))
        self.stroke(((0, 362), (0, 441)), 2, _darker(look.shirt))
        for y in (388, 420):
            self.oval(0, y, 3, 3, _darker(look.shirt, 0.8))

    def _crew(self) -> None:
        _, shade = self.look.skin
        self.arc(0, 352, 47, 26, 9, _darker(self.look.coat))
        self.arc(0, 345, 40, 22, 1.5, shade)

    def _opening(self, shirt: Colour) -> None:
        """The shirt in the opening of a coat, with its collar."""
        self.fill([(_MIDDLE + x, y) for x, y in ((-46, 320), (-30, 336), (0, 346), (30, 336), (46, 320),
                                                 (52, 360), (22, 441), (-22, 441), (-52, 360))], shirt)  # fmt: skip
        self._wings(shirt)

    def _wings(self, shirt: Colour, edge: Colour | None = None) -> None:
        """The two points of a collar."""
        for side in (-1, 1):
            wing = [(side * 37, 310), (side * 47, 322), (side * 34, 366), (0, 350), (side * 16, 338)]
            self.fill([(_MIDDLE + x, y) for x, y in wing], _lighter(shirt))
            self.stroke(((side * 47, 322), (side * 34, 366), (0, 350)), 1.6, edge or _darker(shirt, 0.86))

    def _lapels(self) -> None:
        coat = self.look.coat
        for side in (-1, 1):
            lapel = [(side * 45, 318), (side * 74, 340), (side * 66, 378), (side * 78, 384), (side * 16, 452)]
            inner = [(side * 47, 330), (side * 40, 372)]
            self.fill([(_MIDDLE + x, y) for x, y in (*lapel, *reversed(inner))], _lighter(coat, 0.1))
            self.stroke(((side * 74, 340), (side * 66, 378), (side * 78, 384), (side * 16, 452)), 1.6,
                        _darker(coat))  # fmt: skip

    def _head(self) -> None:
        skin, shade = self.look.skin
        jaw = self.look.jaw
        for side in (-1, 1):
            self.oval(side * 75, 196, 11, 19, skin)
            self.oval(side * 77, 197, 5, 11, shade)
        self.blob(
            [(0, 84), (44, 92), (69, 124), (75, 176), (72 * jaw, 222), (56 * jaw, 258), (30 * jaw, 284), (0, 292)],
            skin,
        )  # fmt: skip

    def _face(self) -> None:
        look = self.look
        skin, shade = look.skin
        for side in (-1, 1):
            self.oval(side * 44, 232, 15, 10, _mix(skin, "#e58f7b", 0.22))
            self.arc(side * 33, 166, 17, -4.5, look.brow, _mix(look.hair[0], skin, 0.12))
            self.oval(side * 33, 192, 10.5, 6.6, "#fbfaf8")
            self.oval(side * 33, 192, 6.2, 6.4, INK)
            self.oval(side * 33 + 2, 189.5, 1.8, 1.8, "#ffffff")
            self.arc(side * 33, 185.4, 12.5, -4.2, 2.6, INK)
        self.arc(0, 233, 8, 4, 2.6, shade)
        self.stroke(((-1, 205), (-5, 226)), 1.6, _mix(skin, shade, 0.7))
        lips = "#c4705f" if look.cut in LONG_CUTS else "#b4705e"
        self.arc(0, 260, 19, look.smile, 3.6, lips)
        self.arc(0, 269, 8, 1.4, 2, _mix(skin, shade, 0.8))

    def _front_hair(self) -> None:
        dark, light = self.look.hair
        shapes: dict[str, list[Point]] = {
            "parted": [(-78, 178), (-82, 120), (-52, 74), (6, 62), (58, 76), (82, 122), (78, 176), (70, 140),
                       (44, 114), (6, 112), (-24, 98), (-46, 118), (-68, 142)],
            "swept": [(-77, 176), (-84, 118), (-44, 66), (24, 58), (66, 80), (83, 124), (78, 172), (70, 146),
                      (58, 116), (10, 124), (-30, 118), (-56, 126), (-70, 146)],
            "cropped": [(-76, 172), (-79, 120), (-50, 80), (0, 70), (50, 80), (79, 120), (76, 172), (71, 142),
                        (60, 112), (30, 101), (0, 99), (-30, 101), (-60, 112), (-71, 142)],
            "fringe": [(-77, 180), (-83, 122), (-52, 72), (0, 60), (52, 72), (83, 122), (77, 180), (71, 150),
                       (58, 132), (36, 138), (18, 128), (-4, 139), (-26, 129), (-44, 138), (-62, 132), (-71, 150)],
            "quiff": [(-76, 176), (-80, 122), (-58, 84), (-20, 54), (34, 52), (66, 78), (81, 122), (76, 176),
                      (71, 142), (56, 108), (20, 102), (-18, 108), (-52, 108), (-70, 142)],
            "long": [(-86, 240), (-90, 140), (-58, 74), (0, 58), (58, 74), (90, 140), (86, 240), (74, 180),
                     (60, 128), (14, 98), (-2, 96), (-40, 120), (-68, 160), (-76, 196)],
            "shoulder": [(-86, 250), (-89, 140), (-58, 72), (0, 57), (58, 72), (89, 140), (86, 250), (76, 190),
                         (66, 140), (44, 122), (0, 100), (-24, 98), (-52, 124), (-70, 160), (-77, 200)],
            "bob": [(-88, 252), (-91, 140), (-58, 70), (0, 57), (58, 70), (91, 140), (88, 252), (74, 238),
                    (75, 180), (66, 142), (36, 138), (0, 141), (-36, 138), (-66, 142), (-75, 180), (-74, 238)],
            "bun": [(-76, 190), (-84, 124), (-54, 78), (0, 66), (54, 78), (84, 124), (76, 190), (70, 150),
                    (52, 116), (18, 98), (0, 104), (-18, 98), (-52, 116), (-70, 150)],
            "ponytail": [(-77, 196), (-86, 124), (-54, 74), (0, 61), (54, 74), (86, 124), (77, 196), (70, 150),
                         (60, 124), (20, 116), (-22, 100), (-44, 120), (-62, 142), (-72, 168)],
        }  # fmt: skip
        outline = [(_MIDDLE + x, y) for x, y in shapes[self.look.cut]]
        self.fill(smooth(outline), dark)
        for side, top in ((-1, 84), (1, 80)):
            self.arc(side * 34, top + 6, 20, -7, 2.4, light)

    def _glasses(self) -> None:
        frame = "#3b3f46"
        for side in (-1, 1):
            x = (_MIDDLE + side * 34) * _SCALE
            box = (x - 25 * _SCALE, 176 * _SCALE, x + 25 * _SCALE, 212 * _SCALE)
            self.draw.rounded_rectangle(box, 14 * _SCALE, outline=frame, width=round(2.8 * _SCALE))
            self.stroke(((side * 59, 188), (side * 74, 186)), 2.4, frame)
        self.arc(0, 186, 9, -3, 2.6, frame)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend `share` of the other colour into the first."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _darker(colour: Colour, to: float = 0.78) -> Colour:
    return _mix(colour, "#000000", 1 - to)


def _lighter(colour: Colour, share: float = 0.25) -> Colour:
    return _mix(colour, "#ffffff", share)
