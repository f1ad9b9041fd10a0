"""Formulas of Word (OMML) as LaTeX; anything without a sure translation is an obstacle."""

from question_bank.importing.xml_tree import Node


class UnknownFormula(ValueError):
    """The formula holds something that has no translation here."""


_SIGNS = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∮": r"\oint", "⋃": r"\bigcup", "⋂": r"\bigcap"}
_ACCENTS = {
    "\u0302": r"\hat",
    "\u0303": r"\tilde",
    "\u0304": r"\bar",
    "\u0305": r"\overline",
    "\u20d7": r"\vec",
}
_ESCAPED = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "#": r"\#",
    "&": r"\&",
    "_": r"\_",
    "$": r"\$",
}
_PROPERTIES = frozenset(
    "rPr ctrlPr fPr sSupPr sSubPr sSubSupPr radPr dPr naryPr funcPr accPr barPr oMathParaPr".split()
)


def latex_of(node: Node) -> str:
    """Return the LaTeX of an oMath element; raises `UnknownFormula`."""
    return "".join(_latex(child) for child in node.children if child.name not in _PROPERTIES).strip()


def _latex(node: Node) -> str:
    translate = _TRANSLATIONS.get(node.name)
    if translate is None:
        raise UnknownFormula(node.name)
    return translate(node)


def _run(node: Node) -> str:
    text = "".join(part.words for part in node.all("t"))
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _part(node: Node, name: str) -> str:
    part = node.first(name)
    return "{" + (latex_of(part) if part else "") + "}"


def _property(node: Node, properties: str, name: str, default: str) -> str:
    found = node.first(properties)
    value = found.first(name) if found else None
    return value.attributes.get("val", "") if value else default


def _fraction(node: Node) -> str:
    if _property(node, "fPr", "type", "bar") not in {"bar", "skw", "lin"}:
        raise UnknownFormula("fraction without bar")
    return rf"\frac{_part(node, 'num')}{_part(node, 'den')}"


def _radical(node: Node) -> str:
    degree = node.first("deg")
    power = latex_of(degree) if degree else ""
    return (rf"\sqrt[{power}]" if power else r"\sqrt") + _part(node, "e")


def _delimiters(node: Node) -> str:
    opening, closing = _property(node, "dPr", "begChr", "("), _property(node, "dPr", "endChr", ")")
    inner = _property(node, "dPr", "sepChr", "|").join(latex_of(part) for part in node.all("e"))
    return rf"\left{_fence(opening)} {inner} \right{_fence(closing)}"


def _fence(sign: str) -> str:
    if sign not in {"(", ")", "[", "]", "|", "{", "}", ""}:
        raise UnknownFormula(sign)
    return {"{": r"\{", "}": r"\}", "": "."}.get(sign, sign)


def _large(node: Node) -> str:
    sign = _SIGNS.get(_property(node, "naryPr", "chr", "∫"))
    if sign is None:
        raise UnknownFormula("operator")
    lower, upper = _part(node, "sub"), _part(node, "sup")
    return (
        sign
        + (f"_{lower}" if lower != "{}" else "")
        + (f"^{upper}" if upper != "{}" else "")
        + _part(node, "e")
    )


def _accent(node: Node) -> str:
    mark = _ACCENTS.get(_property(node, "accPr", "chr", "\u0302"))
    if mark is None:
        raise UnknownFormula("accent")
    return mark + _part(node, "e")


_TRANSLATIONS = {
    "r": _run,
    "f": _fraction,
    "sSup": lambda node: f"{_part(node, 'e')}^{_part(node, 'sup')}",
    "sSub": lambda node: f"{_part(node, 'e')}_{_part(node, 'sub')}",
    "sSubSup": lambda node: f"{_part(node, 'e')}_{_part(node, 'sub')}^{_part(node, 'sup')}",
    "rad": _radical,
    "d": _delimiters,
    "nary": _large,
    "acc": _accent,
    "bar": lambda node: rf"\overline{_part(node, 'e')}",
    "func": lambda node: rf"{_part(node, 'fName')}{_part(node, 'e')}",
    "oMath": latex_of,
}
