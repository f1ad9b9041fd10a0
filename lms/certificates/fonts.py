"""The certificate's fonts: two full ones fetched at set-up, and two cut from them once.

A font cut to GB2312 makes a certificate three times as fast and a third as large as the full one
(docs/decisions). Names may hold characters outside GB2312, so the full files stay beside the cut ones.
Run once at set-up: ``python -m lms.certificates.fonts``.
"""

import io
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from lms.core.glyphs import MissingFont
from lms.core.settings import Settings

WEIGHTS = {"Regular": 400, "Bold": 700}
FAMILY = "NotoSerifSC"

# Python's gb2312 codec maps two signs to look-alikes; names use the middle dot, texts the em dash.
_SIGNS = "·—–…“”‘’\u2002\u2003\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class FontFiles:
    """The two files of one weight: cut to GB2312, and full."""

    weight: int
    cut: Path
    full: Path


def font_files(folder: Path) -> tuple[FontFiles, ...]:
    """Return the files of both weights in the font folder; they may be missing still."""
    return tuple(
        FontFiles(weight, folder / f"{FAMILY}-{name}-gb2312.ttf", folder / f"{FAMILY}-{name}.ttf")
        for name, weight in WEIGHTS.items()
    )


def gb2312_characters() -> frozenset[int]:
    """Return the code points of printable ASCII and GB2312, and a few signs that texts use."""
    rows = chain(range(0xA1, 0xAA), range(0xB0, 0xF8))
    points = set(range(0x20, 0x7F)) | {ord(sign) for sign in _SIGNS}
    for high in rows:
        for low in range(0xA1, 0xFF):
            text = bytes((high, low)).decode("gb2312", errors="ignore")
            points.update(map(ord, text))
    return frozenset(points)


def cut(full: Path, target: Path) -> None:
    """Cut a full font to GB2312 and put it into place by one rename. Raises MissingFont."""
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(_subset(full, gb2312_characters()))
    unfinished.replace(target)


def cut_for(full: Path, text: str) -> bytes:
    """Return a full font cut to the characters of a text: a few kilobytes. Raises MissingFont."""
    return _subset(full, frozenset(map(ord, text)))


def _subset(full: Path, points: frozenset[int]) -> bytes:
    if not full.is_file():
        raise MissingFont(f"{full} is missing; script/setup fetches it")
    # Without hints and with new, dense glyph ids, which is what makes the printed file small.
    options = Options(
        layout_features=["kern", "mark", "mkmk"], hinting=False, glyph_names=False, notdef_outline=True,
        drop_tables=["DSIG", "BASE", "STAT", "vhea", "vmtx"],
    )  # fmt: skip
    with TTFont(full, lazy=True, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=points)
        subsetter.subset(font)
        made = io.BytesIO()
        font.save(made)
    return made.getvalue()


def main() -> int:
    """Cut both weights in the settings' font folder; say in one line what was made."""
    for files in font_files(Settings().font_dir):
        cut(files.full, files.cut)
        sys.stdout.write(f"{files.cut.name} {files.cut.stat().st_size // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
