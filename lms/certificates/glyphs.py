"""Which characters a font can show. Light to read in: no more than the table of a font's characters is looked at."""

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont


class MissingFont(RuntimeError):
    """A font file that set-up should have put in place is not there."""


@lru_cache(maxsize=8)
def characters_of(font: Path) -> frozenset[int]:
    """Return the code points a font file can show. Raises MissingFont."""
    if not font.is_file():
        raise MissingFont(f"{font} is missing; run python -m lms.certificates.fonts")
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def unprintable(text: str, font: Path) -> tuple[str, ...]:
    """Return the characters of a text that a font cannot show, in order, each once.

    Without this check a missing glyph is printed as an empty box and nobody is told.
    """
    known = characters_of(font)
    return tuple(sign for sign in dict.fromkeys(text) if ord(sign) not in known)
