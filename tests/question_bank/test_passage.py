"""Formulas and pictures inside texts: taken apart, put together, and nothing in them that can hurt."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formulas import NoFormula, is_formula, mathml
from question_bank.passage import (
    Formula,
    Picture,
    Words,
    excerpt,
    formula_mark,
    formulas,
    picture_mark,
    pictures,
    pieces,
)

KEY = hashlib.sha256(b"picture").hexdigest()


def test_a_text_is_taken_apart_in_order() -> None:
    text = f"图中{picture_mark(KEY, '接线[图]')}的电阻 {formula_mark('R = U / I')} 是多少？"
    assert list(pieces(text)) == [
        Words("图中"),
        Picture("接线 图", KEY),
        Words("的电阻 "),
        Formula("R = U / I"),
        Words(" 是多少？"),
    ]
    assert formulas(text) == ["R = U / I"]
    assert [picture.key for picture in pictures(text)] == [KEY]


def test_a_picture_that_nobody_sent_has_a_name_and_no_key() -> None:
    assert pictures(picture_mark("missing", "images/8.jpg")) == [Picture("images/8.jpg", None)]


@pytest.mark.parametrize("text", ["", "无", "a\\(b", "![x](image:zz)", "![x](http://a.test/b.png)", "<b>"])
def test_everything_else_is_words(text: str) -> None:
    assert list(pieces(text)) == [Words(text)]


written = st.lists(
    st.one_of(
        st.text("甲乙 a1。", min_size=1).map(Words),
        st.text("xyz+2", min_size=1).map(Formula),
        st.sampled_from([Picture("图", KEY), Picture("", None)]),
    ),
    max_size=6,
)


@given(written)
def test_what_is_put_together_is_taken_apart_again(parts: list[Words | Formula | Picture]) -> None:
    text = ""
    for part in parts:
        if isinstance(part, Words):
            text += part.text
        elif isinstance(part, Formula):
            text += formula_mark(part.latex)
        else:
            text += picture_mark(part.key or "missing", part.alt)
    found = list(pieces(text))
    assert [part for part in found if not isinstance(part, Words)] == [
        part for part in parts if not isinstance(part, Words)
    ]
    words = "".join(part.text for part in found if isinstance(part, Words))
    assert words == "".join(part.text for part in parts if isinstance(part, Words))


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\frac{1}{2}", "<mfrac>"),
        (r"\sqrt{2}", "<msqrt>"),
        (r"{}_{\text{相}}", "<mtext>相</mtext>"),
        ("a<b", "<mo>&lt;</mo>"),
        (r"\text{<script>alert(1)</script>}", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (r"\{a\}", "<mo"),
    ],
)
def test_formulas_become_mathml_with_every_text_escaped(latex: str, part: str) -> None:
    shown = mathml(latex)
    assert part in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    "latex",
    [
        "^",
        r"\frac{a}{b",
        "a}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//x.test)}{y}",
        r"\class{x}{y}",
        r"\unknown{x}",
        "x" * 501,
        "{" * 100 + "}" * 100,
    ],
)
def test_what_is_no_formula_or_more_than_one_is_refused(latex: str) -> None:
    assert not is_formula(latex)
    with pytest.raises(NoFormula):
        mathml(latex)


@given(st.text("\\{}^_&<>\"'abftexrc12 相", max_size=40))
def test_no_latex_whatever_fails_or_leaves_the_formula(latex: str) -> None:
    if is_formula(latex):
        inner = mathml(latex).replace("</", "<")
        for name in inner.split("<")[1:]:
            assert name.split(">")[0].split(" ")[0][0] == "m"


def test_an_excerpt_cuts_words_and_never_a_formula_or_a_picture() -> None:
    mark = picture_mark("a" * 64, "接线图")
    assert excerpt("一" * 10, 10) == "一" * 10
    assert excerpt("一" * 11, 10) == "一" * 9 + "…"
    assert excerpt(f"看图{mark}", 20) == f"看图{mark}", "a reader sees five signs"
    assert excerpt(f"{'一' * 8}{mark}后面", 10) == f"{'一' * 8}{mark}…"
    long = formula_mark("+".join("x" * 30))
    assert excerpt(f"若{long}，则", 10) == f"若{long}…"
