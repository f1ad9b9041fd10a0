"""Formulas: LaTeX in, MathML out, with nothing in it that a formula does not need.

The converter passes text and attributes through as they come, so its tree is written out here: only the
elements and attributes of presentation, every text escaped. Nothing is evaluated.
"""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

LATEX_MAX = 500
_DEPTH_MAX = 60

_ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd "
    "mstyle mpadded mphantom menclose".split()
)
_ATTRIBUTES = frozenset(
    "display stretchy fence form separator lspace rspace width height depth mathvariant linethickness accent "
    "accentunder movablelimits columnalign rowspacing columnspacing displaystyle scriptlevel notation minsize "
    "maxsize largeop symmetric columnlines rowlines".split()
)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_MATHML = "http://www.w3.org/1998/Math/MathML"


class NoFormula(ValueError):
    """The text between the formula marks cannot be shown as a formula."""


def mathml(latex: str) -> str:
    """Return a formula as MathML that is safe to put into a page; raises `NoFormula` when it is none."""
    if len(latex) > LATEX_MAX or latex.count("{") > _DEPTH_MAX or not _is_balanced(latex):
        raise NoFormula(latex)
    try:
        tree = convert_to_element(latex)
    except Exception as error:
        # The converter has a dozen exceptions of its own and lets index errors out for unfinished input.
        raise NoFormula(latex) from error
    return _written(tree, latex)


def is_formula(latex: str) -> bool:
    """Tell whether `mathml` can show it."""
    try:
        mathml(latex)
    except NoFormula:
        return False
    return True


def _is_balanced(latex: str) -> bool:
    depth = 0
    for sign in _ESCAPED.sub("", latex):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def _written(element: Element, latex: str) -> str:
    name = element.tag.rpartition("}")[2]
    text = unescape(element.text or "")
    known = {"xmlns", *_ATTRIBUTES}
    # A backslash is left where a command is unknown.
    if name not in _ELEMENTS or not known.issuperset(element.attrib) or text.startswith("\\"):
        raise NoFormula(latex)
    attributes = "".join(
        f' {key}="{escape(value)}"' for key, value in element.attrib.items() if key != "xmlns"
    )
    if name == "math":
        attributes = f' xmlns="{_MATHML}"{attributes}'
    inner = escape(text, quote=False) + "".join(_written(child, latex) for child in element)
    return f"<{name}{attributes}>{inner}</{name}>"
