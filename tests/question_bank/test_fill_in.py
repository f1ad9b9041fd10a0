"""Fill-in items: which answers fill a blank, when the item is sound, and that its key stays a secret."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.errors import PaperFormatError
from question_bank.grading import answer_faults, grade
from question_bank.items import (
    Blank,
    Blueprint,
    BlueprintSection,
    Item,
    ItemType,
    Number,
    Paper,
    blank_from_json,
    fingerprint,
    paper_content_hash,
    read_decimal,
    right_texts,
)
from question_bank.paper_json import key_from_json, questions_from_json
from question_bank.sampling import draw_paper
from question_bank.validation import validate_item
from tests.factories.questions import fill_in, single


def number(value: str, tolerance: str = "0") -> Number:
    return Number(Decimal(value), Decimal(tolerance))


def paper_of(item: Item) -> Paper:
    blueprint = Blueprint((BlueprintSection(ItemType.FILL_IN, None, None, 1, 200),))
    return draw_paper(blueprint, [(1, item)], "seed")


def points(item: Item, *written: str) -> int:
    return grade(paper_of(item), {1: frozenset(written)}).points


@pytest.mark.parametrize("written", ["三", " 三 ", "3", "３"])
def test_any_of_the_alternatives_earns_all_points(written: str) -> None:
    assert points(fill_in(), written) == 200


@pytest.mark.parametrize("written", ["", " ", "四", "三人", "33", "三|3"])
def test_anything_else_earns_nothing(written: str) -> None:
    assert points(fill_in(), written) == 0


def test_capitals_count_only_where_the_author_says_so() -> None:
    item = fill_in(texts=("kV",))
    assert points(item, "KV") == 200
    assert points(replace(item, blank=Blank(("kV",), (), case_matters=True)), "KV") == 0


@pytest.mark.parametrize(
    ("written", "earned"),
    [
        ("3.14", 200),
        ("3.13", 200),
        ("3.15", 200),
        ("３．１４", 200),
        ("+3.140", 200),
        ("3.1299999999999999", 0),
        ("3.16", 0),
        ("3.14米", 0),
        ("", 0),
    ],
)
def test_a_number_is_right_up_to_and_including_its_tolerance(written: str, earned: int) -> None:
    assert points(fill_in(numbers=(number("3.14", "0.01"),)), written) == earned


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,200", "1200"), ("−3", "-3"), (".5", "0.5"), ("007", "7"), ("12.50", "12.5")],
)
def test_numbers_are_read_as_people_write_them(written: str, value: str) -> None:
    assert read_decimal(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "-", ".", "1,2", "1e9", "NaN", "三", "1.2.3", "9" * 21, "0" * 999])
def test_what_is_no_number_is_not_made_one(written: str) -> None:
    assert read_decimal(written) is None


decimals = st.decimals(-(10**6), 10**6, places=6)


@given(decimals, st.decimals(0, 10, places=6), decimals)
def test_the_comparison_is_exact(value: Decimal, tolerance: Decimal, written: Decimal) -> None:
    near = abs(Fraction(written) - Fraction(value)) <= Fraction(tolerance)
    assert Number(value, tolerance).accepts(written) is near


def test_two_texts_for_one_answer_are_a_fault_of_the_client() -> None:
    assert points(fill_in(), "三", "四") == 0
    [question] = paper_of(fill_in()).questions
    assert [fault.code for fault in answer_faults(question, frozenset({"三", "四"}))] == ["answer_not_single"]
    assert [fault.code for fault in answer_faults(question, frozenset({"三" * 201}))] == ["answer_too_long"]
    assert answer_faults(question, frozenset({"三"})) == []
    assert answer_faults(question, frozenset()) == []


def test_an_answer_of_blanks_counts_as_unanswered() -> None:
    [score] = grade(paper_of(fill_in()), {1: frozenset({" "})}).per_question
    assert not score.answered


def test_the_key_survives_json_and_the_candidate_sees_nothing_of_it() -> None:
    paper = paper_of(fill_in(texts=("回避制度",)))
    public = json.loads(json.dumps(paper.public_view()))
    key = json.loads(json.dumps(paper.key.to_json()))
    assert questions_from_json(public) == paper.questions
    assert key_from_json(key) == paper.key
    assert paper_content_hash(public, key) == paper.content_hash
    assert "回避制度" not in json.dumps(public, ensure_ascii=False)


@pytest.mark.parametrize(
    "damage", ["text", {}, {"texts": ["三"], "numbers": [["x", "0"]], "case_matters": False}]
)
def test_a_damaged_blank_is_refused_by_field(damage: object) -> None:
    key = json.loads(json.dumps(paper_of(fill_in()).key.to_json()))
    key["entries"][0]["blank"] = damage
    with pytest.raises(PaperFormatError) as caught:
        key_from_json(key)
    assert caught.value.field == "blank"


@pytest.mark.parametrize(
    "item", [fill_in(), fill_in(numbers=(number("1822", "5"),)), fill_in(texts=("=1+1", "-2"))]
)
def test_sound_blanks_have_no_fault_and_come_back_from_json(item: Item) -> None:
    assert validate_item(item) == []
    assert item.blank is not None
    assert blank_from_json(json.loads(json.dumps(item.blank.to_json()))) == item.blank


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (replace(fill_in(), blank=None), "answer_missing"),
        (fill_in(texts=()), "answer_missing"),
        (fill_in(texts=("三", " ")), "answer_missing"),
        (fill_in(texts=("三", "３", "3")), "blank_repeated"),
        (fill_in(texts=("三|四",)), "blank_sign"),
        (fill_in(texts=("3±1",)), "blank_sign"),
        (fill_in(texts=("三" * 101,)), "text_too_long"),
        (fill_in(texts=tuple(map(str, range(21)))), "blank_too_many"),
        (fill_in(numbers=(number("3", "-1"),)), "blank_tolerance"),
        (replace(fill_in(), blank=Blank(("三",), (number("3"),))), "blank_mixed"),
        (replace(fill_in(), options=single().options), "fill_in_options"),
        (replace(fill_in(), answer=frozenset("A")), "fill_in_options"),
        (replace(single(), blank=Blank(("三",))), "blank_not_wanted"),
    ],
)
def test_each_unsound_blank_is_named(item: Item, code: str) -> None:
    assert code in {fault.code for fault in validate_item(item)}


def test_the_fingerprint_covers_the_blank_and_leaves_other_items_as_they_were() -> None:
    assert fingerprint(fill_in(texts=("三",))) != fingerprint(fill_in(texts=("四",)))
    assert fingerprint(single()) == "5b6c8d0374ae1bd352b928a9aecdbbef4c4174931719c56e7e08e196631cea0c"
    equal = fill_in(numbers=(number("3.0"),)), fill_in(numbers=(number("3"),))
    assert fingerprint(equal[0]) == fingerprint(equal[1])


def test_what_is_right_is_told_in_words_for_every_type() -> None:
    assert right_texts(fill_in()) == {"三", "3"}
    assert right_texts(fill_in(numbers=(number("3.14", "0.010"),))) == {"3.14±0.01"}
    assert right_texts(single()) == {"三人"}
