"""What is written in any format and style comes back equal: every question, every key, nothing made up."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.importing import ImportReport, read_questions
from question_bank.items import Difficulty, Item, ItemType
from tests.factories import written
from tests.factories.banks import banks, plain_texts, tricky_texts
from tests.factories.sheets import csv, xls, xlsx

CHOICES = (ItemType.SINGLE, ItemType.MULTIPLE)
orders = st.integers(0, 999)
styles = st.tuples(
    st.sampled_from(written.OPTION_STYLES),
    st.integers(0, 2),
    st.integers(0, 4),
    st.sampled_from(written.SEPARATORS),
    orders,
)


def read(data: bytes | str) -> ImportReport:
    return read_questions(data.encode() if isinstance(data, str) else data, "题库", default_area="policy")


def found(data: bytes | str) -> list[Item]:
    report = read(data)
    assert report.faults == ()
    return [located.item for located in report.items]


def by_stem(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.stem)


def judged_only(bank: list[Item], style: str) -> list[Item]:
    """Flags say nothing about a blank, so such a sheet has none."""
    return [item for item in bank if item.blank is None] if style == "flags" else bank


@given(banks(), styles)
@settings(max_examples=40, deadline=None)
def test_text_tables(bank: list[Item], style: tuple[str, int, int, str, int]) -> None:
    kept = judged_only(bank, style[0])
    rows = written.table(kept, *style)
    if kept:
        assert found(csv(*rows, separator=";" if style[1] else "\t")) == kept
        assert found(csv(*rows).encode("gb18030")) == kept


@given(banks(), styles)
@settings(max_examples=25, deadline=None)
def test_workbooks_new_and_old(bank: list[Item], style: tuple[str, int, int, str, int]) -> None:
    kept = judged_only(bank, style[0])
    rows = written.table(kept, *style)
    if kept:
        assert found(xlsx((), *rows)) == kept
        assert found(xls(*rows)) == kept


@given(banks(types=CHOICES), st.sampled_from([".", ")"]))
@settings(max_examples=30, deadline=None)
def test_aiken(bank: list[Item], mark: str) -> None:
    carried = [
        replace(item, explanation="", source="", area="policy", difficulty=Difficulty.MEDIUM) for item in bank
    ]
    assert found(written.aiken(bank, mark)) == carried


@given(banks(tricky_texts))
@settings(max_examples=60, deadline=None)
def test_gift(bank: list[Item]) -> None:
    assert found(written.gift(bank)) == bank


@given(banks(tricky_texts), st.sampled_from(["html", "plain_text"]))
@settings(max_examples=50, deadline=None)
def test_moodle_xml(bank: list[Item], format_: str) -> None:
    assert found(written.moodle(bank, format_)) == bank


@given(banks(tricky_texts), st.sampled_from([2, 3]))
@settings(max_examples=50, deadline=None)
def test_qti_packages(bank: list[Item], version: int) -> None:
    def shown(item: Item) -> Item:
        return replace(item, stem=f"{item.stem}\n____") if item.blank else item

    assert found(written.qti(bank, version)) == [shown(item) for item in bank]


@given(banks(plain_texts), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_typed_questions(bank: list[Item], style: int) -> None:
    def shown(item: Item) -> Item:
        return replace(item, stem=f"{item.stem}____") if item.blank else item

    wanted = by_stem([shown(item) for item in bank])
    assert by_stem(found("\n".join(written.document_lines(bank, style)))) == wanted


@given(banks(plain_texts), st.integers(0, 2))
@settings(max_examples=8, deadline=None)
def test_word_documents(bank: list[Item], style: int) -> None:
    def shown(item: Item) -> Item:
        return replace(item, stem=f"{item.stem}____") if item.blank else item

    assert by_stem(found(written.document(bank, style))) == by_stem([shown(item) for item in bank])
