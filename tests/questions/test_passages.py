"""What an author types, as a page shows it: words stay words, formulas become MathML, and nothing becomes a script."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.questions import service
from lms.questions.passages import ShownPicture, passage, plain_passage
from question_bank.exporting.xlsx import write_items
from question_bank.passage import picture_mark
from tests.factories.illustrated import drawing, illustrated
from tests.factories.questions import single
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
KEY = "a" * 64
SHOWN = {KEY: ShownPicture("/exam/picture", 640, 360)}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    r"\(\text{<script>alert(1)</script>}\)",
    r"\(\href{javascript:alert(1)}{x}\)",
    r"\(x\)<svg onload=alert(1)>\(y\)",
    r"\(<img src=x onerror=alert(1)>\)",
    r"\(\style{background:url(javascript:alert(1))}{x}\)",
    r"\(\mathrm{\" onmouseover=\"alert(1)}\)",
    r"\(\unicode{x3c}script\unicode{x3e}\)",
    r"\(\text{&lt;script&gt;alert(1)&lt;/script&gt;}\)",
    r"\(\class{x\" onclick=\"alert(1)}{y}\)",
    f'![" onerror="alert(1)](image:{KEY})',
    "![<script>alert(1)</script>](image:missing)",
    "![x](javascript:alert(1))",
    "![x](image:" + "A" * 64 + ")",
]
TAGS = frozenset(
    "img span code math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover "
    "mtable mtr mtd mstyle mpadded mphantom menclose".split()
)


class Tags(HTMLParser):
    """Gathers what a browser would take for tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_becomes_a_tag_a_handler_or_an_address(text: str) -> None:
    tags = Tags()
    tags.feed(str(passage(text, SHOWN)))
    for name, attributes in tags.found:
        assert name in TAGS, name
        assert not [one for one in attributes if one.startswith("on") or one in {"href", "style"}]
        assert "javascript" not in (attributes.get("src") or "")
        assert attributes.get("src") in {None, "/exam/picture"}


def test_a_formula_stands_among_its_words() -> None:
    shown = str(passage(r"若 \(x^2 \le 4\)，则 a<b"))
    assert shown.startswith("若 <math ")
    assert "<msup>" in shown
    assert shown.endswith("，则 a&lt;b")
    assert plain_passage(r"若 \(x^2\)，则") == "若 x^2，则"


def test_what_is_no_formula_is_shown_as_it_was_typed() -> None:
    assert str(passage(r"\(\frac{1}{\)")) == r"<code>\frac{1}{</code>"


def test_a_long_formula_can_be_pushed_along_on_a_phone() -> None:
    long = "+".join(f"x_{{{n}}}" for n in range(12))
    assert str(passage(rf"\({long}\)")).startswith('<span class="formula-long"><math')


def test_a_picture_keeps_its_place_on_the_page_before_it_has_come() -> None:
    shown = str(passage(f"看图{picture_mark(KEY, '接线图')}。", SHOWN))
    assert re.search(r'<img class="picture" src="/exam/picture" alt="接线图" width="640" height="360"', shown)


def test_a_picture_that_is_not_there_is_named_by_its_words() -> None:
    text = f"看图{picture_mark('missing', '接线图')}"
    assert str(passage(text, SHOWN)) == '看图<span class="meta">［图：接线图］</span>'
    assert plain_passage(text) == "看图［图：接线图］"


def test_the_report_of_an_import_shows_formulas_and_names_pictures(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    operator, stem = Actor.system("test"), r"若 \(\frac{1}{2}\) <b>，则（ ）？"
    with runtime.write() as uow:
        service.import_questions(uow, operator, "题.xlsx", write_items([single(stem)]))
        service.import_questions(uow, operator, "图.xml", illustrated(("看" * 130, drawing())))
    keeper = signed_in(people.staff(Role.QUESTION_ADMIN))
    for name, data in (
        ("题.xlsx", write_items([single(stem)])),
        ("图.xml", illustrated(("看" * 130, drawing()))),
    ):
        report = service.read_file(name, data)
        with runtime.write() as uow:
            batch_id, _ = service.check_at_once(uow, operator, name, data, report)
        page = keeper.get(f"/questions/imports/{batch_id}").text
        assert "image:" not in page
        if name == "题.xlsx":
            assert "<mfrac>" in page
            assert "&lt;b&gt;" in page
