"""Which characters the certificate's fonts can show. Light to read in: only the table of a font's characters is read.

Names may hold characters beyond the font (GB 18030-2022 has some that few fonts draw yet). An operator puts a font
that draws them beside it, into the folder `supplement`; what no file shows is never printed as an empty box.
"""

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

FULL_FONT = "NotoSerifSC-Regular.ttf"
SUPPLEMENT = "supplement"
FONT_SUFFIXES = frozenset({".ttf", ".otf"})


class MissingFont(RuntimeError):
    """A font file that set-up should have put in place is not there."""


def supplements(folder: Path) -> tuple[Path, ...]:
    """Return the files that the operator has put beside the fonts of a folder, in the order of their names."""
    found = (folder / SUPPLEMENT).glob("*") if (folder / SUPPLEMENT).is_dir() else ()
    return tuple(sorted(one for one in found if one.suffix.lower() in FONT_SUFFIXES))


def uncovered(text: str, folder: Path) -> str:
    """Return the characters of a text that no font of a folder can show, in order, each once. Raises MissingFont.

    The full font is read only for what lies outside GB2312, which it holds wholly.
    """
    rare = "".join(sign for sign in dict.fromkeys(text) if not _is_usual(sign))
    if not rare:
        return ""
    for font in (folder / FULL_FONT, *supplements(folder)):
        rare = "".join(unprintable(rare, font))
    return rare


def unprintable(text: str, font: Path) -> tuple[str, ...]:
    """Return the characters of a text that a font cannot show, in order, each once. Raises MissingFont.

    Without this check a missing glyph is printed as an empty box and nobody is told.
    """
    known = characters_of(font)
    return tuple(sign for sign in dict.fromkeys(text) if ord(sign) not in known)


def characters_of(font: Path) -> frozenset[int]:
    """Return the code points a font file can show. Raises MissingFont."""
    try:
        return _characters_of(font, font.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise MissingFont(f"{font} is missing; run python -m lms.certificates.fonts") from error


@lru_cache(maxsize=16)
def _characters_of(font: Path, _changed: int) -> frozenset[int]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _is_usual(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
