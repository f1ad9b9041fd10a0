"""Texts with formulas and pictures, as other systems can show them."""

from html import escape

from question_bank.exporting.losses import Fate, Losses
from question_bank.items import Item
from question_bank.passage import Formula, Picture, Words, formula_mark, formulas, pictures, pieces
from question_bank.phrases import N_, phrase


def without_pictures(text: str) -> str:
    """Return a text with the names of its pictures in their places; formulas stay in LaTeX."""
    return "".join(_plain(piece) for piece in pieces(text)) if pictures(text) else text


def as_html(text: str) -> str:
    """Return a text as HTML: words escaped, lines broken, formulas in the LaTeX that MathJax shows."""
    return "<br>".join(escape(line, quote=False) for line in without_pictures(text).split("\n"))


def has_formula(text: str) -> bool:
    """Tell whether a text must be marked up to show its formulas."""
    return bool(formulas(text))


def name_pictures(item: Item, losses: Losses) -> None:
    """Note that the pictures of an item are not in the file: the bank's texts hold only their keys."""
    if any(pictures(text) for text in texts_of(item)):
        losses.add("pictures", Fate.LOST, phrase(N_("图片没有写出，只留下名称")))


def texts_of(item: Item) -> tuple[str, ...]:
    """Return every text of an item that may hold formulas and pictures."""
    return (item.stem, item.explanation, *(option.text for option in item.options))


def _plain(piece: Words | Formula | Picture) -> str:
    if isinstance(piece, Picture):
        return f"〔图：{piece.alt}〕" if piece.alt else "〔图〕"
    return formula_mark(piece.latex) if isinstance(piece, Formula) else piece.text
