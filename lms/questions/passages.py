"""Stems, options and explanations as pages show them: words escaped, formulas as MathML, pictures by their address.

Everything that comes out was either escaped here or written by `question_bank.formulas`, which knows only the
elements of presentation: nothing an author types becomes a tag, an address or a script.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from markupsafe import Markup, escape

from lms.questions.queries import PictureFacts
from question_bank.formulas import NoFormula, mathml
from question_bank.passage import Formula, Picture, Piece, Words, pieces

FORMULAS_KEPT = 4096
"""How many formulas stay written out in a process; a paper is shown to many, and converting costs a millisecond."""
LONG_LATEX = 40
"""A formula written longer than this may be wider than a phone and gets a strip of its own to be pushed along."""
NO_PICTURES: Mapping[str, "ShownPicture"] = {}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """Where a picture is fetched, and its size: the page keeps its place before it has come."""

    url: str
    width: int
    height: int


def passage(text: str, shown: Mapping[str, ShownPicture] = NO_PICTURES) -> Markup:
    """Write a text for a page; a picture that is not `shown` is named by its words."""
    if _is_plain(text):
        # Most texts are, and a paper has hundreds.
        return escape(text)
    return Markup("").join(_piece(piece, shown) for piece in pieces(text))


def plain_passage(text: str) -> str:
    """Write a text on one line without any formatting, for lists and titles."""
    if _is_plain(text):
        return text
    return "".join(_plain(piece) for piece in pieces(text))


def _is_plain(text: str) -> bool:
    return "\\(" not in text and "](image:" not in text


def _piece(piece: Piece, shown: Mapping[str, ShownPicture]) -> Markup:
    match piece:
        case Words(text):
            return escape(text)
        case Formula(latex):
            return _formula(latex)
        case Picture(alt, key):
            return _picture(alt, shown.get(key or ""))


def shown_pictures(
    found: Mapping[str, PictureFacts], address: Callable[[str], str]
) -> Mapping[str, ShownPicture]:
    """Return pictures as `passage` takes them; `address` says where a key is fetched."""
    return {key: ShownPicture(address(key), one.width, one.height) for key, one in found.items()}


@lru_cache(maxsize=FORMULAS_KEPT)
def _formula(latex: str) -> Markup:
    try:
        # Escaped element by element where it is written.
        written = Markup(mathml(latex))  # noqa: S704 - see the line above
    except NoFormula:
        return Markup("<code>{}</code>").format(latex)
    if len(latex) <= LONG_LATEX:
        return written
    return Markup('<span class="formula-long">{}</span>').format(written)


def _picture(alt: str, picture: ShownPicture | None) -> Markup:
    if picture is None:
        return Markup('<span class="meta">{}</span>').format(_named(alt))
    return Markup(
        '<img class="picture" src="{}" alt="{}" width="{}" height="{}" loading="lazy" decoding="async">'
    ).format(picture.url, alt or _("图"), picture.width, picture.height)


def _plain(piece: Piece) -> str:
    match piece:
        case Words(text):
            return text
        case Formula(latex):
            return latex
        case Picture(alt, _key):
            return _named(alt)


def _named(alt: str) -> str:
    return str(_("［图：%(name)s］", name=alt) if alt else _("［图］"))
