"""A question cast from a mould is the question its template draws, letter by letter."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask, render_template
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from lms.exam.views.moulds import Kind, Reader, cast
from lms.questions.passages import passage
from question_bank.grading import WRITTEN_MAX
from question_bank.items import TYPE_NAMES, ItemType, PaperOption, PaperQuestion
from tests.support.site import Site

# Words that would break a page, a template or a gap if they were ever read as such.
HOSTILE = st.sampled_from(
    (
        "<script>",
        '"',
        "'",
        "&amp;",
        "{{ 1 }}",
        "%s",
        "\ue000stem\ue001",
        "\ue000",
        "\\(x<y\\)",
        "![图](image:abc)",
        "\n",
    )
)
WORDS = st.lists(st.one_of(HOSTILE, st.text(max_size=8)), max_size=4).map("".join)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: object) -> Iterator[Flask]:
    house = Site(tmp_path_factory.mktemp("moulds"), f"sqlite:///{sqlite_template}")
    yield house.app()
    house.close()


@st.composite
def questions(draw: st.DrawFn) -> tuple[PaperQuestion, SavedAnswer | None, Mark]:
    kind = draw(st.sampled_from(list(ItemType)))
    texts = () if kind == ItemType.FILL_IN else draw(st.lists(WORDS, min_size=2, max_size=8))
    options = tuple(PaperOption(f"o{n}", "ABCDEFGH"[n], text) for n, text in enumerate(texts))
    question = PaperQuestion(
        draw(st.integers(1, 60)), kind, draw(WORDS), options, draw(st.sampled_from((50, 100, 200))),
        draw(st.booleans()), draw(st.booleans()) and kind == ItemType.FILL_IN,
    )  # fmt: skip
    if options:
        chosen = draw(st.frozensets(st.sampled_from([one.id for one in options])))
    else:
        chosen = frozenset([written]) if (written := draw(WORDS)) else frozenset()
    saved = (
        SavedAnswer(question.position, draw(st.integers(1, 900)), chosen, NOW)
        if draw(st.booleans())
        else None
    )
    return question, saved, Mark(draw(st.integers(0, 9)), draw(st.booleans()))


def drawn(reader: Reader, question: PaperQuestion, saved: SavedAnswer | None, mark: Mark) -> str:
    """The template with the words in place of the gaps."""
    chosen = saved.chosen if saved else frozenset()
    kind = Kind(
        reader.language, reader.count, question.type, question.points, question.partial_credit, question.wants_number,
        tuple(one.id in chosen for one in question.options), saved is not None, mark.is_set,
    )  # fmt: skip
    words = {
        "position": question.position, "name": reader.names[question.position], "stem": passage(question.stem),
        "revision": saved.revision if saved else 0, "mark_revision": mark.revision,
        "written": saved.written if saved else "",
    }  # fmt: skip
    for number, option in enumerate(question.options):
        words |= {
            f"id{number}": option.id, f"label{number}": option.label, f"text{number}": passage(option.text)
        }  # fmt: skip
    return render_template(
        "exam/_question.html", kind=kind, words=words, type_names=TYPE_NAMES, written_max=WRITTEN_MAX
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions(), language=st.sampled_from(("zh_Hans_CN", "en")))
def test_a_cast_question_is_the_drawn_one(
    app: Flask, asked: tuple[PaperQuestion, SavedAnswer | None, Mark], language: str
) -> None:
    question, saved, mark = asked
    with app.test_request_context(), force_locale(language):
        reader = Reader(language, ["", *(f"<{n}>" for n in range(1, 61))], 60)
        assert cast(reader, question, saved, mark, {}) == drawn(reader, question, saved, mark)


def test_a_mould_is_not_lent_to_another_language(app: Flask) -> None:
    question = PaperQuestion(
        1, ItemType.TRUE_FALSE, "题", (PaperOption("a", "A", "对"), PaperOption("b", "B", "错")), 100, False
    )
    pages = []
    for language in ("zh_Hans_CN", "en", "zh_Hans_CN"):
        with app.test_request_context(), force_locale(language):
            pages.append(cast(Reader(language, ["", "one"], 1), question, None, Mark(0, False), {}))
    assert pages[0] == pages[2] != pages[1]
    assert "标记复查" in pages[0]
    assert str(escape("标记复查")) not in pages[1]
