"""The questions of an exam's page, cast from moulds.

In the minute in which an exam starts hundreds of pages of sixty questions are drawn. Questions of one kind differ only
in their words. So `exam/_question.html` draws each kind once, with a gap for every word, and a question is what lies
between the gaps, joined with its words. They are escaped here, before they are put in, and nothing reads them again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from lms.questions.passages import ShownPicture, passage
from question_bank.grading import WRITTEN_MAX
from question_bank.items import TYPE_NAMES, ItemType, PaperQuestion
from question_bank.validation import OPTIONS_MAX

MOULDS_KEPT = 1024
"""A paper has a handful of kinds; each way to have answered one is another."""
_GAP = re.compile("\ue000([a-z_]+[0-9]*)\ue001")
_WORDS = ("position", "name", "revision", "mark_revision", "stem", "written")
_OPTION_WORDS = [(f"id{number}", f"label{number}", f"text{number}") for number in range(OPTIONS_MAX)]
_TELLING = re.compile(r"""[&<>"']|\\\(|\]\(image:""")
"""What HTML reads as its own, and what begins a formula or names a picture."""


class Mould:
    """What was drawn between some gaps, and which words belong into them."""

    def __init__(self, pieces: Sequence[str], gaps: Sequence[str]) -> None:
        """Take the pieces, and the names of the gaps between them, which are two or more."""
        self._parts = [""] * (len(pieces) + len(gaps))
        self._parts[::2] = pieces
        self._pick = itemgetter(*gaps)

    def cast(self, words: Mapping[str, str]) -> str:
        """Join the pieces with words that were escaped before. Raises KeyError for one that is missing."""
        parts = self._parts.copy()
        parts[1::2] = self._pick(words)
        return "".join(parts)


def gap(name: str) -> Markup:
    """Return what stands in a template for a word that is put in later."""
    return Markup("\ue000{}\ue001").format(name)


def mould_of(drawn: str) -> Mould:
    """Cut what was drawn with gaps into a mould."""
    parts = _GAP.split(drawn)
    return Mould(parts[::2], parts[1::2])


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a paper is drawn: the language, what the questions are called in it by position, how many there are."""

    language: str
    names: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class Kind:
    """All that decides how a question is drawn, but for its words."""

    language: str
    count: int
    """How many questions the paper has."""
    type: ItemType
    points: int
    partial_credit: bool
    wants_number: bool
    chosen: tuple[bool, ...]
    """Of each option, whether it is chosen."""
    is_saved: bool
    is_marked: bool


def cast(
    reader: Reader,
    question: PaperQuestion,
    saved: SavedAnswer | None,
    mark: Mark,
    pictures: Mapping[str, ShownPicture],
) -> str:
    """Return one question of a paper as its page shows it, with what was saved and marked: safe to be put in."""
    options = question.options
    chosen = (False,) * len(options)
    revision, written = "0", ""
    if saved is not None:
        chosen = tuple([option.id in saved.chosen for option in options])
        revision, written = str(saved.revision), _safe(saved.written)
    words = {
        "position": str(question.position),
        "name": _safe(reader.names[question.position]),
        "revision": revision,
        "mark_revision": str(mark.revision),
        "stem": _safe(question.stem, pictures),
        "written": written,
    }
    for (own, label, shown), option in zip(_OPTION_WORDS, options, strict=False):
        words[own] = _safe(option.id)
        words[label] = _safe(option.label)
        words[shown] = _safe(option.text, pictures)
    mould = _mould(
        reader.language, reader.count, question.type, question.points, question.partial_credit,
        question.wants_number, chosen, saved is not None, mark.is_set,
    )  # fmt: skip
    return mould.cast(words)


def _safe(text: str, pictures: Mapping[str, ShownPicture] | None = None) -> str:
    """Return a text as a page shows it; most hold nothing that would have to be written in another way.

    Only a text that comes with pictures may hold formulas and pictures.
    """
    if _TELLING.search(text) is None:
        return text
    return escape(text) if pictures is None else passage(text, pictures)


@lru_cache(maxsize=MOULDS_KEPT)
def _mould(*kind: Any) -> Mould:
    """Draw a kind; its parts come in the order of `Kind`, which takes longer to make than to look up."""
    drawn = Kind(*kind)
    words = {name: gap(name) for name in _names(len(drawn.chosen))}
    return mould_of(
        render_template(
            "exam/_question.html", kind=drawn, words=words, type_names=TYPE_NAMES, written_max=WRITTEN_MAX
        )
    )


def _names(options: int) -> Iterator[str]:
    yield from _WORDS
    for names in _OPTION_WORDS[:options]:
        yield from names
