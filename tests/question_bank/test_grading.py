"""Grading: exact at the pass mark, all or nothing unless the section says otherwise, never below zero."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.grading import answer_faults, answers_by_position, grade, passed
from question_bank.items import (
    POINT,
    Answer,
    Blueprint,
    BlueprintSection,
    ItemType,
    KeyEntry,
    PaperKey,
    Score,
)
from question_bank.sampling import draw_paper
from tests.factories.questions import multiple, single

PASS_MARK = 90 * POINT
IDS = [f"o{number}" for number in range(8)]


def entry(correct: str, points: int = 400, *, partial: bool = False, position: int = 1) -> KeyEntry:
    return KeyEntry(position, position, "", frozenset(correct), frozenset("abcd"), points, partial)


def points(chosen: str, key: KeyEntry) -> int:
    return grade(PaperKey((key,)), {1: frozenset(chosen)}).points


@pytest.mark.parametrize(("chosen", "earned"), [("abc", 400), ("ab", 0), ("abcd", 0), ("d", 0), ("", 0)])
def test_multiple_choice_is_all_or_nothing(chosen: str, earned: int) -> None:
    assert points(chosen, entry("abc")) == earned


@pytest.mark.parametrize(
    ("chosen", "earned"), [("abc", 400), ("ab", 266), ("a", 133), ("ad", 0), ("abcd", 0), ("", 0), ("ax", 0)]
)
def test_partial_credit_is_floored_and_lost_with_one_wrong_option(chosen: str, earned: int) -> None:
    assert points(chosen, entry("abc", partial=True)) == earned


def test_a_question_whose_key_was_lost_gives_nothing_to_an_empty_answer() -> None:
    assert points("", entry("")) == 0


@pytest.mark.parametrize(
    ("hundredths", "outcome"), [(9000, True), (8999, False), (8950, False), (10000, True), (0, False)]
)
def test_the_pass_mark_itself_passes_and_a_hundredth_less_fails(hundredths: int, outcome: bool) -> None:
    assert passed(Score(hundredths, 10000, ()), PASS_MARK) is outcome


def test_positions_and_options_that_are_not_on_the_paper_earn_nothing() -> None:
    score = grade(PaperKey((entry("a"),)), {1: frozenset({"nowhere"}), 99: frozenset("a")})
    assert (score.points, score.full_points, len(score.per_question)) == (0, 400, 1)


def test_a_later_answer_replaces_an_earlier_one() -> None:
    answers = [Answer(1, frozenset("a")), Answer(2, frozenset("b")), Answer(1, frozenset("c"))]
    assert answers_by_position(answers) == {1: frozenset("c"), 2: frozenset("b")}


questions = st.lists(
    st.tuples(
        st.sets(st.sampled_from(IDS), min_size=1),
        st.integers(1, 5000),
        st.booleans(),
        st.sets(st.sampled_from([*IDS, "elsewhere"])) | st.none(),
    ),
    min_size=1,
    max_size=40,
)


@given(questions)
@settings(max_examples=400)
def test_grading_agrees_with_exact_fractions(
    drawn: list[tuple[set[str], int, bool, set[str] | None]],
) -> None:
    entries, answers, expected = [], {}, []
    for position, (correct, worth, partial, chosen) in enumerate(drawn, start=1):
        entries.append(KeyEntry(position, position, "", frozenset(correct), frozenset(IDS), worth, partial))
        share = Fraction(0)
        if chosen is not None:
            answers[position] = frozenset(chosen)
            if chosen == correct:
                share = Fraction(1)
            elif partial and not chosen - correct:
                share = Fraction(len(chosen), len(correct))
        expected.append(floor(share * worth))
    score = grade(PaperKey(tuple(entries)), answers)
    assert [question.points for question in score.per_question] == expected
    assert score.points == sum(expected)
    assert all(0 <= question.points <= question.full_points for question in score.per_question)
    assert type(score.points) is int


def test_a_drawn_paper_graded_with_its_own_key_earns_the_full_mark() -> None:
    blueprint = Blueprint(
        (
            BlueprintSection(ItemType.SINGLE, None, None, 1, 4000),
            BlueprintSection(ItemType.MULTIPLE, None, None, 1, 6000),
        )
    )
    paper = draw_paper(blueprint, [(1, single()), (2, multiple())], "seed")
    right = {entry.position: entry.correct for entry in paper.key.entries}
    assert grade(paper, right).points == 10000
    assert grade(paper, {1: right[1]}).points == 4000


def test_the_saving_edge_hears_why_an_answer_cannot_be_one() -> None:
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 1, 100),))
    [question] = draw_paper(blueprint, [(1, single())], "seed").questions
    ids = [option.id for option in question.options]
    assert answer_faults(question, frozenset()) == []
    assert answer_faults(question, frozenset(ids[:1])) == []
    assert [fault.code for fault in answer_faults(question, frozenset(ids[:2]))] == ["answer_not_single"]
    assert [fault.code for fault in answer_faults(question, frozenset({"x"}))] == ["answer_unknown_option"]
