"""Texts of cells that were never meant for us: with tags and entities of web pages, with formulas in dollars (Q52)."""

import re
from dataclasses import dataclass, field

from question_bank.formulas import is_formula
from question_bank.importing.hypertext import displayed_formulas, lowered, raised, read_html
from question_bank.importing.pictures import not_fetched
from question_bank.passage import MISSING, formula_mark, picture_mark
from question_bank.phrases import Phrase
from question_bank.validation import EXPLANATION_MAX, tidy_text

LOOKED_AT_MAX = 2 * EXPLANATION_MAX
"""No text of the bank is longer, so longer ones are refused as they are."""

_SHIFTED = re.compile(r"<(su[bp])>([^<>]{1,60})</\1>", re.IGNORECASE)
# Only what nobody writes by accident or as the subject of a question: layout tags in pairs, and entities.
_TAGS = "p|b|strong|i|em|u|span|div|font|sub|sup"
_OPENING = re.compile(rf"<({_TAGS})(?:\s[^<>]{{0,300}})?>", re.IGNORECASE)
_CLOSING = re.compile(rf"</({_TAGS})>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<br ?/?>|<img\s|"
    r"&(?:nbsp|lt|gt|amp|quot|ldquo|rdquo|lsquo|rsquo|times|divide|deg|mdash|hellip|middot|#\d{1,6}|#x[0-9a-f]{1,5});",
    re.IGNORECASE,
)
_DOLLARS = re.compile(r"(?<!\$)\$(?![\s$])([^$\n]{1,200}?)(?<!\s)\$(?![\d$])")
_FORMULA_SIGNS = re.compile(r"[\\^_]")


@dataclass(frozen=True, slots=True)
class FieldText:
    """A text as the bank keeps it; `changed` when tags were taken out of it, `obstacles` when it cannot be kept."""

    text: str
    changed: bool = False
    obstacles: list[Phrase] = field(default_factory=list)


def needs_reading(text: str) -> bool:
    """Tell quickly whether a text may hold anything but words."""
    return "<" in text or "&" in text or "$" in text or "\\[" in text


def field_text(text: str) -> FieldText:
    """Read the text of a cell: sub- and superscripts and formulas keep their form, other layout is taken out."""
    if not needs_reading(text) or len(text) > LOOKED_AT_MAX:
        return FieldText(text)
    text = _SHIFTED.sub(lambda match: (lowered if match[1].lower() == "sub" else raised)(match[2]), text)
    changed, obstacles = False, list[Phrase]()
    if _has_markup(text):
        html = read_html(text.replace("\n", "<br>"), _not_fetched)
        text, changed = html.text, True
        obstacles = [*html.obstacles, *html.missing]
    text = displayed_formulas(_DOLLARS.sub(_formula, text))
    return FieldText(tidy_text(text), changed, obstacles)


def _has_markup(text: str) -> bool:
    if _MARKUP.search(text):
        return True
    closed = {name.lower() for name in _CLOSING.findall(text)}
    return bool(closed) and any(name.lower() in closed for name in _OPENING.findall(text))


def _formula(match: "re.Match[str]") -> str:
    # Dollars are also money: only what has signs of a formula in it is one.
    latex = match[1]
    return formula_mark(latex) if _FORMULA_SIGNS.search(latex) and is_formula(latex) else match[0]


def _not_fetched(address: str, alt: str) -> tuple[str, Phrase | None]:
    return picture_mark(MISSING, alt or address), not_fetched(alt or address)
