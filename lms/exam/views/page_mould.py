"""The page of a running sitting, cast from a mould.

In the minute in which an exam starts, hundreds of pages are drawn that differ in nothing but a few words and the
questions. `exam/runner.html` is drawn once for each kind of page, with a gap for everything that belongs to one
sitting; a page is what lies between the gaps, joined with the words of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import render_template, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from lms.core.formats import office_name
from lms.core.web import page_address
from lms.exam.views.moulds import Mould, gap, mould_of

KINDS_KEPT = 64
"""Two languages, a few lengths of papers, with something saved or without."""
_WORDS = (
    "id", "title", "line", "lease", "remaining", "remaining_ms", "end", "first_revision", "answered", "sections",
    "numbers", "switches", "here", "save", "mark", "submit", "clock", "hand_in", "result",
)  # fmt: skip
_BACK, _CSRF = "back", "csrf"
"""What the shell of every page puts in by itself: the way back from the other language, and the mark of a form."""


@dataclass(frozen=True, slots=True)
class PageKind:
    """All that decides how the page is drawn, but for its words."""

    language: str
    count: int
    """How many questions the paper has."""
    is_rehearsal: bool
    is_saved: bool


def is_plain_request() -> bool:
    """Tell whether the shell of this page has nothing to add: no notice of what was done before, no form answered."""
    return request.method == "GET" and not session.get("_flashes")


def cast_page(kind: PageKind, words: Mapping[str, str]) -> str:
    """Return the page of a kind with its words; what is no markup is escaped here."""
    own = {name: escape(value) for name, value in words.items()}
    own |= {"line": office_name(words["line"]), _BACK: escape(page_address()), _CSRF: escape(generate_csrf())}
    return _page_mould(kind).cast(own)


@lru_cache(maxsize=KINDS_KEPT)
def _page_mould(kind: PageKind) -> Mould:
    drawn = render_template(
        "exam/runner.html", kind=kind, words={name: gap(name) for name in _WORDS}, told=(), left_ms=None
    )
    # The shell wrote these two of whoever came first; nobody else is to find them in his page.
    for value, name in ((page_address(), _BACK), (generate_csrf(), _CSRF)):
        drawn = drawn.replace(escape(value), gap(name))
    return mould_of(drawn)
