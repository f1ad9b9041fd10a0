"""The questions of an exam's page, cast from moulds.

In the minute in which an exam starts hundreds of pages of sixty questions are drawn. Questions of one kind differ only
in their words. So `exam/_question.html` draws each kind once, with a gap for every word, and a question is what lies
between the gaps, joined with its words. They are escaped here, before they are put in, and nothing reads them again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import render_template
from markupsafe import Markup, escape

from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from lms.questions.passages import ShownPicture, passage
from question_bank.grading import WRITTEN_MAX
from question_bank.items import TYPE_NAMES, ItemType, PaperQuestion

MOULDS_KEPT = 1024
"""A paper has a handful of kinds; each way to have answered one is another."""
_GAP = re.compile("\ue000([a-z_]+[0-9]*)\ue001")
_WORDS = ("position", "name", "revision", "mark_revision", "stem", "written")
_OPTION_WORDS = ("id", "label", "text")


@dataclass(frozen=True, slots=True)
class Mould:
    """What was drawn between the gaps, and the names of the gaps, which are one fewer."""

    pieces: Sequence[str]
    gaps: Sequence[str]

    def cast(self, words: Mapping[str, str]) -> str:
        """Join the pieces with words that were escaped before. Raises KeyError for one that is missing."""
        parts = [""] * (2 * len(self.gaps) + 1)
        parts[::2] = self.pieces
        parts[1::2] = [words[name] for name in self.gaps]
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
) -> Markup:
    """Return one question of a paper as its page shows it, with what was saved and marked."""
    chosen = saved.chosen if saved else frozenset()
    kind = Kind(
        language=reader.language,
        count=reader.count,
        type=question.type,
        points=question.points,
        partial_credit=question.partial_credit,
        wants_number=question.wants_number,
        chosen=tuple([option.id in chosen for option in question.options]),
        is_saved=saved is not None,
        is_marked=mark.is_set,
    )
    words: dict[str, str] = {
        "position": str(question.position),
        "name": escape(reader.names[question.position]),
        "revision": str(saved.revision if saved else 0),
        "mark_revision": str(mark.revision),
        "stem": passage(question.stem, pictures),
        "written": escape(saved.written) if saved else "",
    }
    for number, option in enumerate(question.options):
        words[f"id{number}"] = _escaped(option.id)
        words[f"label{number}"] = _escaped(option.label)
        words[f"text{number}"] = passage(option.text, pictures)
    # The pieces come from the template, and each word was escaped above.
    return Markup(_mould(kind).cast(words))  # noqa: S704 - see the line above


def _escaped(word: str) -> str:
    """Return a word as a page shows it: of letters and digits, as ours are, nothing needs to be written otherwise."""
    return word if word.isalnum() else escape(word)


@lru_cache(maxsize=MOULDS_KEPT)
def _mould(kind: Kind) -> Mould:
    words = {name: gap(name) for name in _names(len(kind.chosen))}
    return mould_of(
        render_template(
            "exam/_question.html", kind=kind, words=words, type_names=TYPE_NAMES, written_max=WRITTEN_MAX
        )
    )


def _names(options: int) -> Iterator[str]:
    yield from _WORDS
    for number in range(options):
        yield from (f"{word}{number}" for word in _OPTION_WORDS)
