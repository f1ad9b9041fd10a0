"""Grading after corrections: exact against fractions, the same in whatever order the corrections came."""

import random
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.correcting import (
    Amendment,
    CorrectionKind,
    Ruling,
    grade_amended,
    passed_in_proportion,
    rulings_on,
)
from question_bank.grading import grade
from question_bank.items import (
    Blank,
    ItemType,
    KeyEntry,
    Number,
    Option,
    PaperKey,
    PaperOption,
    PaperQuestion,
    Score,
)
from tests.factories.questions import fill_in, multiple

IDS = "abcdefgh"
MANY = 10_000
FEW = 300
VOID, ALSO = CorrectionKind.VOID, CorrectionKind.ALSO
INSTEAD, CREDIT = CorrectionKind.INSTEAD, CorrectionKind.CREDIT


def entry(correct: str, points: int = 400, *, partial: bool = False, position: int = 1) -> KeyEntry:
    return KeyEntry(position, position, "f", frozenset(correct), frozenset(IDS[:4]), points, partial)


def earned(chosen: str, key: KeyEntry, *rulings: Ruling) -> tuple[int, int]:
    score = grade_amended(PaperKey((key,)), {1: frozenset(chosen)}, {1: rulings})
    return score.points, score.full_points


def says(kind: CorrectionKind, correct: str = "") -> Ruling:
    return Ruling(kind, frozenset(correct))


@pytest.mark.parametrize(
    ("chosen", "rulings", "result"),
    [
        ("a", [], (400, 400)),
        ("b", [says(ALSO, "b")], (400, 400)),
        ("a", [says(ALSO, "b")], (400, 400)),
        ("c", [says(ALSO, "b")], (0, 400)),
        ("a", [says(INSTEAD, "b")], (0, 400)),
        ("b", [says(INSTEAD, "b")], (400, 400)),
        ("c", [says(INSTEAD, "b"), says(ALSO, "c")], (400, 400)),
        ("", [says(CREDIT)], (400, 400)),
        ("d", [says(CREDIT)], (400, 400)),
        ("a", [says(VOID)], (0, 0)),
        ("a", [says(CREDIT), says(VOID)], (0, 0)),
        ("d", [says(INSTEAD, "b"), says(CREDIT)], (400, 400)),
    ],
)
def test_each_kind_says_what_counts(chosen: str, rulings: list[Ruling], result: tuple[int, int]) -> None:
    assert earned(chosen, entry("a"), *rulings) == result
    assert earned(chosen, entry("a"), *reversed(rulings)) == result, "the order says nothing"


def test_partial_credit_is_counted_by_the_key_that_gives_most() -> None:
    key = entry("abc", partial=True)
    assert earned("ab", key) == (266, 400)
    assert earned("ab", key, says(ALSO, "abcd")) == (266, 400), "two of three are more than two of four"
    assert earned("abd", key, says(ALSO, "abcd")) == (300, 400)
    assert earned("ab", key, says(INSTEAD, "abcd")) == (200, 400)


def test_the_pass_mark_shrinks_with_what_is_void_and_nothing_is_rounded() -> None:
    # 90 of 100 is 88.2 of 98.
    assert passed_in_proportion(Score(8820, 9800, ()), 10000, 9000)
    assert not passed_in_proportion(Score(8819, 9800, ()), 10000, 9000)
    assert not passed_in_proportion(Score(0, 0, ()), 10000, 9000), "nothing is left to pass"


def test_letters_are_led_to_the_options_of_one_paper_by_their_texts() -> None:
    item = multiple()
    shown = ["师徒", "初次见面", "亲属", "师生"]
    question = PaperQuestion(
        1, ItemType.MULTIPLE, item.stem,
        tuple(PaperOption(f"id{n}", IDS[n], text) for n, text in enumerate(shown)), 400, partial_credit=False,
    )  # fmt: skip
    key = PaperKey((entry("a"),))
    found = rulings_on(key, (question,), {"f": [Amendment(ALSO, ("B", "C"))]}, {"f": item})
    assert found == {1: (Ruling(ALSO, frozenset({"id3", "id0"})),)}
    assert rulings_on(key, (question,), {"other": [Amendment(VOID)]}, {}) == {}


@pytest.mark.parametrize(
    ("blank", "accepted", "written", "points"),
    [
        (Blank(("三",)), ("四",), "四", 400),
        (Blank(("三",)), ("四",), "三", 400),
        (Blank(("三",)), ("四",), "五", 0),
        (Blank((), (Number(3),)), ("3.5",), "3.50", 400),
        (Blank((), (Number(3),)), ("3.5",), "3.6", 0),
        (Blank(("kV",), (), case_matters=True), ("KV",), "kv", 0),
    ],
)
def test_another_text_or_number_fills_a_gap(
    blank: Blank, accepted: tuple[str, ...], written: str, points: int
) -> None:
    key = PaperKey((KeyEntry(1, 1, "f", frozenset(), frozenset(), 400, partial_credit=False, blank=blank),))
    question = PaperQuestion(1, ItemType.FILL_IN, "…", (), 400, partial_credit=False)
    rulings = rulings_on(key, (question,), {"f": [Amendment(ALSO, accepted)]}, {"f": fill_in()})
    assert grade_amended(key, {1: frozenset({written})}, rulings).points == points


# -- against fractions ---------------------------------------------------------------------------------

subsets = st.sets(st.sampled_from(IDS[:5]), max_size=5).map(frozenset)
keys = st.sets(st.sampled_from(IDS[:5]), min_size=1, max_size=4).map(frozenset)
ruled = st.one_of(
    st.sampled_from([Ruling(VOID), Ruling(CREDIT)]), st.builds(Ruling, st.sampled_from([ALSO, INSTEAD]), keys)
)


@st.composite
def sittings(draw: st.DrawFn) -> tuple[PaperKey, dict[int, frozenset[str]], dict[int, list[Ruling]], int]:
    """A paper of a few questions, what somebody chose, what corrections say, and a pass mark."""
    count = draw(st.integers(1, 6))
    entries = tuple(
        KeyEntry(
            n, n, f"f{n}", draw(keys), frozenset(IDS[:5]), draw(st.integers(1, 700)), draw(st.booleans())
        )
        for n in range(1, count + 1)
    )
    chosen = {n: draw(subsets) for n in range(1, count + 1) if draw(st.booleans())}
    rulings = {n: draw(st.lists(ruled, max_size=3)) for n in range(1, count + 1) if draw(st.booleans())}
    return PaperKey(entries), chosen, rulings, draw(st.integers(0, sum(one.points for one in entries)))


def oracle(
    key: PaperKey, chosen: dict[int, frozenset[str]], rulings: dict[int, list[Ruling]]
) -> tuple[Fraction, Fraction]:
    """Add up what was earned and what could be, with fractions and straight from the words of the rules."""
    total = whole = Fraction(0)
    for one in key.entries:
        kinds = [ruling.kind for ruling in rulings.get(one.position, [])]
        if VOID in kinds:
            continue
        whole += Fraction(one.points, 100)
        given_ = chosen.get(one.position, frozenset())
        right = [ruling.correct for ruling in rulings.get(one.position, []) if ruling.kind in (ALSO, INSTEAD)]
        right += [] if INSTEAD in kinds else [one.correct]
        shares = [Fraction(0)]
        for wanted in right:
            if given_ and given_ == wanted:
                shares.append(Fraction(1))
            elif given_ and one.partial_credit and given_ < wanted:
                shares.append(Fraction(len(given_), len(wanted)))
        share = Fraction(1) if CREDIT in kinds else max(shares)
        total += Fraction(floor(share * one.points), 100)
    return total, whole


Sitting = tuple[PaperKey, dict[int, frozenset[str]], dict[int, list[Ruling]], int]


@settings(max_examples=FEW, deadline=None)
@given(sittings())
def test_grading_again_is_what_fractions_give(sitting: Sitting) -> None:
    assert_as_fractions_give(sitting)


def test_ten_thousand_papers_are_graded_again_as_fractions_give() -> None:
    chance = random.Random(20261122)
    for _ in range(MANY):
        assert_as_fractions_give(by_chance(chance))


def assert_as_fractions_give(sitting: Sitting) -> None:
    key, chosen, rulings, mark = sitting
    score = grade_amended(key, chosen, rulings)
    total, whole = oracle(key, chosen, rulings)
    assert (Fraction(score.points, 100), Fraction(score.full_points, 100)) == (total, whole)
    assert grade_amended(key, chosen, {n: some[::-1] for n, some in rulings.items()}) == score
    if not rulings:
        assert score == grade(key, chosen)
    share = Fraction(mark, key.total_points)
    assert passed_in_proportion(score, key.total_points, mark) is (whole > 0 and total >= share * whole)


def by_chance(chance: random.Random) -> Sitting:
    """The same as `sittings`, without the search for the smallest example: many of them in a second."""

    def some(least: int, most: int) -> frozenset[str]:
        return frozenset(chance.sample(IDS[:5], chance.randint(least, most)))

    def ruling() -> Ruling:
        kind = chance.choice(list(CorrectionKind))
        return Ruling(kind, some(1, 4) if kind in (ALSO, INSTEAD) else frozenset())

    entries = tuple(
        KeyEntry(
            n,
            n,
            f"f{n}",
            some(1, 4),
            frozenset(IDS[:5]),
            chance.randint(1, 700),
            partial_credit=chance.random() < 0.5,
        )
        for n in range(1, chance.randint(2, 12))
    )
    positions = [one.position for one in entries]
    chosen = {n: some(0, 5) for n in positions if chance.random() < 0.8}
    rulings = {n: [ruling() for _ in range(chance.randint(0, 3))] for n in positions if chance.random() < 0.4}
    return PaperKey(entries), chosen, rulings, chance.randint(0, sum(one.points for one in entries))


def test_an_option_that_is_gone_from_the_wording_accepts_nobody() -> None:
    item = multiple()
    assert Option("Z", "x") not in item.options
    question = PaperQuestion(
        1, ItemType.MULTIPLE, item.stem, (PaperOption("id0", "A", "亲属"),), 400, partial_credit=False
    )
    found = rulings_on(PaperKey((entry("a"),)), (question,), {"f": [Amendment(INSTEAD, ("Z",))]}, {"f": item})
    assert earned("a", entry("a"), *found[1]) == (0, 400)
