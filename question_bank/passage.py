r"""What a stem, an option or an explanation is made of: words, formulas and pictures.

Texts stay plain texts, so that they can be compared, searched and shown as they are. Two notations stand
inside them: ``\(x^2\)`` is a formula in LaTeX, and ``![alt](image:KEY)`` a picture, where KEY is the SHA-256
of its bytes (64 hex digits) or ``missing`` when nobody has sent them. Everything else is words, also what
looks like HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

MISSING = "missing"
"""Stands in the place of the key of a picture that is named but was not sent."""

_MARK = re.compile(
    r"\\\((?P<latex>.{1,500}?)\\\)|!\[(?P<alt>[^\]\n]*)\]\(image:(?P<key>[0-9a-f]{64}|missing)\)", re.DOTALL
)
_ALT_SIGNS = re.compile(r"[\[\]\s]+")
ALT_MAX = 60


@dataclass(frozen=True, slots=True)
class Words:
    """A run of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula; `formulas.mathml` shows it."""

    latex: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the key of its bytes, None when they are missing; `alt` is what it says or is called."""

    alt: str
    key: str | None


Piece: TypeAlias = Words | Formula | Picture


def pieces(text: str) -> Iterator[Piece]:
    """Take a text apart, in order; joined again they are the whole text."""
    end = 0
    for match in _MARK.finditer(text):
        if match.start() > end:
            yield Words(text[end : match.start()])
        end = match.end()
        if match["latex"] is not None:
            yield Formula(match["latex"].strip())
        else:
            yield Picture(match["alt"], None if match["key"] == MISSING else match["key"])
    if end < len(text) or not text:
        yield Words(text[end:])


def formulas(text: str) -> list[str]:
    """Return the LaTeX of every formula in a text."""
    return [piece.latex for piece in pieces(text) if isinstance(piece, Formula)] if "\\(" in text else []


def pictures(text: str) -> list[Picture]:
    """Return every picture in a text."""
    return [piece for piece in pieces(text) if isinstance(piece, Picture)] if "](image:" in text else []


def picture_mark(key: str, alt: str) -> str:
    """Write a picture into a text; signs that would end the notation leave its name."""
    return f"![{_ALT_SIGNS.sub(' ', alt).strip()[:ALT_MAX]}](image:{key})"


def excerpt(text: str, most: int) -> str:
    """Cut a text to about `most` signs as a reader counts them: no formula and no picture is cut in two."""
    if len(text) <= most:
        return text
    taken, left = [], most - 1
    for piece in pieces(text):
        match piece:
            case Words(words):
                taken.append(words[:left])
                left -= len(words)
            case Formula(latex):
                taken.append(formula_mark(latex))
                left -= len(latex)
            case Picture(alt, key):
                taken.append(picture_mark(key or MISSING, alt))
                left -= len(alt)
        if left < 0:
            return "".join([*taken, "…"])
    return "".join(taken)


def formula_mark(latex: str) -> str:
    """Write a formula into a text."""
    return f"\\({' '.join(latex.split())}\\)"
