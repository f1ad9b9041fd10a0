"""HTML in stems and options into plain text with formulas and pictures; what gets lost is named.

Nothing of the HTML itself survives: it is read for its words, and only super- and subscripts, formulas,
pictures and line breaks keep their form.
"""

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

from question_bank.formulas import is_formula
from question_bank.importing.xml_tree import Node
from question_bank.passage import formula_mark
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import tidy_text

SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
SUBSCRIPTS = str.maketrans("0123456789+-=()aeox", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓ")

HTML_MAX = 20_000
"""The longest piece of HTML that is looked into; a stem of the bank is much shorter."""

_BLOCKS = frozenset(
    "p div br li tr h1 h2 h3 h4 h5 h6 blockquote pre ul ol table dl dt dd hr section article prompt".split()
)
_FORMATS = frozenset("b strong i em u s del ins strike font big small mark tt cite abbr center label".split())
_CODE = frozenset("script style".split())
_OBSTACLES = {
    "script": N_("含有脚本"),
    "style": N_("含有样式表"),
    **dict.fromkeys(
        "audio video source track iframe object embed applet svg canvas".split(),
        N_("含有音频、视频或嵌入的内容"),
    ),
    **dict.fromkeys("input select option textarea button form".split(), N_("含有表单控件")),
}
_BLANK_RUN = re.compile(r"[ \t\r\n\f]+")
_DISPLAYED = re.compile(r"\$\$(.{1,500}?)\$\$|\\\[(.{1,500}?)\\\]", re.DOTALL)
_TEX = "application/x-tex"

Show = Callable[[str, str], tuple[str, Phrase | None]]
"""Takes the address and the name of a picture; returns its mark for the text, and why it is missing."""


class Hypertext:
    """Writes down what it is told of a marked-up text; `losses` and `obstacles` are in words for the author.

    An obstacle is something without which the question is not the same, so the question is refused.
    """

    def __init__(self, show: Show) -> None:
        self.losses: set[Phrase] = set()
        self.obstacles: list[Phrase] = []
        self.missing: list[Phrase] = []
        self._show = show
        self._out: list[list[str]] = [[]]
        self._preformatted = 0
        self._muted = 0
        self._tex: str | None = None

    @property
    def text(self) -> str:
        """The text so far, tidy."""
        lines = displayed_formulas("".join(self._out[0])).split("\n")
        return tidy_text("\n".join([line for line in lines if line.strip()]))

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take note of an opening tag."""
        if tag in _BLOCKS:
            self._write("\n")
            self._preformatted += tag == "pre"
        elif tag in {"td", "th"}:
            self.losses.add(phrase(N_("表格的版式")))
            self._write(" | " if self._out[-1] and not self._out[-1][-1].endswith("\n") else "")
        elif tag in {"sub", "sup"}:
            self._out.append([])
        elif tag == "img":
            self._picture(attributes)
        elif tag == "math":
            self._muted += 1
            self._tex = ""
        elif tag == "annotation" and self._tex is not None and attributes.get("encoding") == _TEX:
            self._out.append([])
            self._muted -= 1
        elif tag in _OBSTACLES:
            self._muted += tag in _CODE
            self.obstacles.append(phrase(_OBSTACLES[tag]))
        elif tag in _FORMATS or (tag == "span" and attributes.get("style")):
            self.losses.add(phrase(N_("文字格式（加粗、颜色等）")))
        elif tag == "a" and attributes.get("href"):
            self.losses.add(phrase(N_("链接地址")))

    def end(self, tag: str) -> None:
        """Take note of a closing tag."""
        if tag in _BLOCKS and tag != "br":
            self._write("\n")
            self._preformatted = max(0, self._preformatted - (tag == "pre"))
        elif tag in {"sub", "sup"} and len(self._out) > 1:
            inner = "".join(self._out.pop())
            self._write(raised(inner) if tag == "sup" else lowered(inner))
        elif tag == "annotation" and self._tex is not None and self._muted == 0 and len(self._out) > 1:
            self._tex = "".join(self._out.pop())
            self._muted += 1
        elif tag == "math" and self._tex is not None:
            self._muted = max(0, self._muted - 1)
            if self._tex and is_formula(self._tex):
                self._write(formula_mark(self._tex))
            else:
                self.obstacles.append(phrase(N_("含有 MathML 公式，只能读 LaTeX 写的公式")))
            self._tex = None
        elif tag in _CODE:
            self._muted = max(0, self._muted - 1)

    def data(self, text: str) -> None:
        """Take note of a run of text."""
        if not self._muted:
            self._write(text if self._preformatted else _BLANK_RUN.sub(" ", text))

    def _picture(self, attributes: Mapping[str, str]) -> None:
        mark, reason = self._show(attributes.get("src", ""), attributes.get("alt", ""))
        self._write(mark)
        if reason:
            self.missing.append(reason)

    def _write(self, text: str) -> None:
        if text and not self._muted:
            self._out[-1].append(text)


class _Reader(HTMLParser):
    def __init__(self, target: Hypertext) -> None:
        super().__init__(convert_charrefs=True)
        self._target = target

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._target.start(tag, {name: value or "" for name, value in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in {"math", "sub", "sup", *_CODE}:
            self._target.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self._target.end(tag)

    def handle_data(self, data: str) -> None:
        self._target.data(data)


def read_html(html: str, show: Show) -> Hypertext:
    """Read a piece of HTML as mail and learning platforms write it."""
    target = Hypertext(show)
    if len(html) > HTML_MAX:
        target.obstacles.append(phrase(N_("超过 %(most)s 字"), most=HTML_MAX))
        return target
    reader = _Reader(target)
    reader.feed(html)
    reader.close()
    return target


def read_nodes(node: Node, show: Show) -> Hypertext:
    """Read the content of an XML element whose children are XHTML."""
    target = Hypertext(show)
    target.data(node.text)
    for child in node.children:
        _walk(child, target)
    return target


def displayed_formulas(text: str) -> str:
    r"""Return `text` with formulas that are set apart ($$…$$ and \\[…\\]) written as all others are."""
    if "$$" not in text and "\\[" not in text:
        return text
    return _DISPLAYED.sub(lambda match: _formula_or_words(match[0], match[1] or match[2]), text)


def raised(text: str) -> str:
    """Return a superscript as text: in its own signs where there are any, else as a formula."""
    return _shifted(text, SUPERSCRIPTS, "^")


def lowered(text: str) -> str:
    """Return a subscript as text: in its own signs where there are any, else as a formula."""
    return _shifted(text, SUBSCRIPTS, "_")


def _shifted(text: str, signs: Mapping[int, int], mark: str) -> str:
    if all(ord(sign) in signs for sign in text):
        return text.translate(signs)
    latex = f"{{}}{mark}{{\\text{{{text.strip()}}}}}"
    return formula_mark(latex) if text.strip() and is_formula(latex) else text


def _formula_or_words(written: str, latex: str) -> str:
    return formula_mark(latex) if is_formula(latex.strip()) else written


def _walk(node: Node, target: Hypertext) -> None:
    target.start(node.name, node.attributes)
    target.data(node.text)
    for child in node.children:
        _walk(child, target)
    target.end(node.name)
    target.data(node.tail)
