"""Item analysis against numpy and scipy to nine places, and what happens at its edges."""

import importlib
from collections.abc import Sequence
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.items import Item, ItemType
from question_bank.statistics import (
    ENOUGH_ANSWERS,
    SUSPICION_NAMES,
    ItemFigures,
    Response,
    Sheet,
    Suspicion,
    drift,
    item_figures,
    reliability,
    suspicions,
)
from tests.factories.questions import multiple, single, true_false

NEAR = 1e-9
NOBODY = float("nan")
"""A cell of a matrix whose examinee did not have the question."""


@pytest.fixture(scope="module")
def stats() -> ModuleType:
    """What the figures are held against. It loads for two seconds, and every process of a run collects this file."""
    return importlib.import_module("scipy.stats")


def near(value: float) -> object:
    return pytest.approx(value, abs=NEAR)


def sheets_of(scores: np.ndarray, worth: Sequence[int] | None = None) -> list[Sheet]:
    """Turn a matrix (examinee x question) of earned shares into sheets; NaN means not on that paper."""
    worth = worth or [100] * scores.shape[1]
    return [
        Sheet(
            tuple(
                Response(
                    number,
                    f"v{number}",
                    round(share * worth[number]),
                    worth[number],
                    frozenset(),
                    answered=True,
                )
                for number, share in enumerate(row)
                if not np.isnan(share)
            )
        )
        for row in scores
    ]


def a_class(examinees: int, questions: int, seed: int) -> np.ndarray:
    """Answers of people of different ability to questions of different difficulty, right or wrong."""
    dice = np.random.default_rng(seed)
    ability = dice.normal(size=(examinees, 1))
    hardness = dice.normal(size=(1, questions))
    return (dice.random((examinees, questions)) < 1 / (1 + np.exp(hardness - ability))).astype(float)


def on_other_papers(scores: np.ndarray, per_paper: int, seed: int) -> np.ndarray:
    """Leave each examinee a draw of his own."""
    dice = np.random.default_rng(seed)
    mixed = np.full_like(scores, NOBODY)
    for row in range(scores.shape[0]):
        drawn = dice.choice(scores.shape[1], per_paper, replace=False)
        mixed[row, drawn] = scores[row, drawn]
    return mixed


def numpy_alpha(points: np.ndarray) -> float:
    """Cronbach's alpha as textbooks write it; on zeros and ones it is KR-20."""
    k = points.shape[1]
    return float(k / (k - 1) * (1 - points.var(axis=0, ddof=1).sum() / points.sum(axis=1).var(ddof=1)))


# -- against the reference ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_difficulty_and_discrimination_are_those_of_scipy(seed: int, stats: ModuleType) -> None:
    scores = a_class(80, 25, seed)
    figures = item_figures(sheets_of(scores), {})
    for number in range(25):
        rest = scores.sum(axis=1) - scores[:, number]
        found = figures[f"v{number}"]
        assert found.difficulty == near(scores[:, number].mean())
        assert found.discrimination == near(stats.pointbiserialr(scores[:, number], rest).statistic)
        assert (found.shown, found.right) == (80, near(scores[:, number].mean()))


def test_partial_points_and_unequal_worth_are_those_of_numpy() -> None:
    worth = [200, 400, 200, 1000, 400, 200]
    dice = np.random.default_rng(7)
    shares = dice.choice([0.0, 0.25, 0.5, 1.0], size=(60, 6))
    points = shares * worth
    figures = item_figures(sheets_of(shares, worth), {})
    for number in range(6):
        rest = points.sum(axis=1) - points[:, number]
        assert figures[f"v{number}"].discrimination == near(np.corrcoef(points[:, number], rest)[0, 1])
        assert figures[f"v{number}"].right == near((shares[:, number] == 1).mean())


@pytest.mark.parametrize("seed", range(5))
def test_kr20_and_alpha_are_the_textbooks_when_all_have_the_same_paper(seed: int) -> None:
    scores, worth = a_class(70, 30, seed), [200, 400] * 15
    found = reliability(sheets_of(scores, worth))
    assert found is not None
    p = scores.mean(axis=0)
    k = scores.shape[1]
    kr20 = k / (k - 1) * (1 - (p * (1 - p)).sum() / scores.sum(axis=1).var(ddof=0))
    points = scores * np.array(worth) / 100
    assert found.kr20 == near(kr20) == near(numpy_alpha(scores))
    assert found.alpha == near(numpy_alpha(points))
    totals = points.sum(axis=1)
    assert (found.mean, found.spread) == (near(totals.mean()), near(totals.std(ddof=1)))
    assert found.error == near(totals.std(ddof=1) * np.sqrt(1 - numpy_alpha(points)))
    assert found.hardest == near(found.easiest) == near(totals.mean()), "one paper is as hard as itself"


@pytest.mark.parametrize("seed", range(5))
def test_everything_holds_when_each_examinee_has_a_paper_of_his_own(seed: int) -> None:
    scores = on_other_papers(a_class(200, 40, seed), 16, seed)
    sheets = sheets_of(scores)
    figures = item_figures(sheets, {})
    sums, counts = np.nansum(scores, axis=1), (~np.isnan(scores)).sum(axis=1)
    for number in range(40):
        had = ~np.isnan(scores[:, number])
        item = scores[had, number]
        rest = (sums[had] - item) / (counts[had] - 1)
        found = figures[f"v{number}"]
        assert found.shown == had.sum()
        assert found.difficulty == near(item.mean())
        assert found.discrimination == near(np.corrcoef(item, rest)[0, 1])

    centred = np.nansum(scores - np.nanmean(scores, axis=0), axis=1)
    errors = np.where(np.isnan(scores), 0, np.nanvar(scores, axis=0, ddof=1)).sum(axis=1)
    kr20 = 16 / 15 * (1 - errors.mean() / centred.var(ddof=1))
    found_all = reliability(sheets)
    assert found_all is not None
    assert found_all.kr20 == near(kr20)
    expected = np.where(np.isnan(scores), 0, np.nanmean(scores, axis=0)).sum(axis=1)
    assert (found_all.hardest, found_all.easiest) == (near(expected.min()), near(expected.max()))


def test_a_draw_of_ones_own_gives_nearly_the_reliability_of_a_common_paper() -> None:
    ability = a_class(1500, 60, 3)
    common = reliability(sheets_of(ability[:, :20]))
    own = reliability(sheets_of(on_other_papers(ability, 20, 3)))
    assert common is not None
    assert own is not None
    assert own.kr20 == pytest.approx(common.kr20, abs=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_options_are_those_of_scipy(seed: int, stats: ModuleType) -> None:
    dice = np.random.default_rng(seed)
    letters = dice.choice(list("ABCD"), size=120, p=[0.2, 0.5, 0.2, 0.1])
    others = a_class(120, 10, seed)
    item = single()
    rest = others.sum(axis=1)
    sheets = [
        Sheet(
            (
                Response("x", "x", 100 * (letter in item.answer), 100, frozenset(letter), answered=True),
                *sheet.responses,
            )
        )
        for letter, sheet in zip(letters, sheets_of(others), strict=True)
    ]
    found = item_figures(sheets, {"x": item})["x"]
    assert [option.key for option in found.options] == list("ABCD")
    for option in found.options:
        chose = letters == option.key
        assert (option.count, option.share) == (chose.sum(), near(chose.mean()))
        assert option.discrimination == near(stats.pointbiserialr(chose, rest).statistic)
        assert option.rest_score == near(rest[chose].mean() / 10)
        assert option.is_right is (option.key == "B")


def test_drift_is_welchs_t(stats: ModuleType) -> None:
    dice = np.random.default_rng(5)
    before, after = (dice.random(140) < 0.8).astype(float), dice.choice([0, 0.5, 1.0], 90)
    found = drift(answers(before), answers(after))
    assert found is not None
    assert found.t == near(stats.ttest_ind(after, before, equal_var=False).statistic)
    assert found.change == near(after.mean() - before.mean())


def answers(shares: np.ndarray) -> list[Response]:
    return [Response(2, "w", round(100 * one), 100, frozenset(), answered=True) for one in shares]


matrices = st.integers(2, 12).flatmap(
    lambda rows: st.integers(2, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.sampled_from([0.0, 1.0, 1.0, NOBODY]), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@given(matrices)
@settings(max_examples=150, deadline=None)
def test_no_matrix_whatever_breaks_a_figure_or_leaves_its_bounds(rows: list[list[float]]) -> None:
    scores = np.array(rows)
    sheets = [sheet for sheet in sheets_of(scores) if sheet.responses]
    for version, found in item_figures(sheets, {}).items():
        number = int(version[1:])
        had = ~np.isnan(scores[:, number])
        assert (found.shown, found.difficulty) == (had.sum(), near(scores[had, number].mean()))
        assert found.discrimination is None or -1 <= found.discrimination <= 1
    found_all = reliability(sheets)
    assert (found_all is None) is not bool(sheets)
    if found_all is not None and found_all.kr20 is not None:
        assert found_all.kr20 <= 2, "never above one but for two questions, where k / (k - 1) doubles"


# -- the edges ------------------------------------------------------------------------------------------------


def test_nothing_comes_of_nothing() -> None:
    assert item_figures([], {}) == {}
    assert reliability([]) is None
    assert drift([], answers(np.ones(3))) is None


def test_one_examinee_has_a_difficulty_and_no_more() -> None:
    [sheet] = sheets_of(np.array([[1.0, 0.0, 1.0]]))
    found = item_figures([sheet], {})
    assert [found[f"v{n}"].difficulty for n in range(3)] == [1, 0, 1]
    assert {one.discrimination for one in found.values()} == {None}
    alone = reliability([sheet])
    assert alone is not None
    assert (alone.papers, alone.mean, alone.spread, alone.kr20, alone.alpha, alone.error) == (
        1,
        2,
        None,
        None,
        None,
        None,
    )
    assert (alone.hardest, alone.easiest) == (None, None)


def test_a_question_that_all_have_right_tells_nobody_apart() -> None:
    scores = a_class(50, 8, 1)
    scores[:, 3] = 1
    found = item_figures(sheets_of(scores), {})
    assert (found["v3"].difficulty, found["v3"].discrimination) == (1, None)
    whole = reliability(sheets_of(scores))
    assert whole is not None
    assert whole.kr20 == near(numpy_alpha(scores)), "it has no variance, and counts as a question"


def test_the_only_question_of_a_paper_has_no_rest() -> None:
    sheets = sheets_of(np.array([[1.0], [0.0], [1.0]]))
    assert item_figures(sheets, {})["v0"].discrimination is None
    single_question = reliability(sheets)
    assert single_question is not None
    assert single_question.kr20 is None


def test_equal_totals_leave_reliability_undefined() -> None:
    found = reliability(sheets_of(np.array([[1.0, 0.0], [0.0, 1.0]] * 5)))
    assert found is not None
    assert (found.spread, found.kr20, found.alpha) == (0, None, None)


def test_a_question_that_only_one_examinee_had_does_not_count() -> None:
    scores = a_class(40, 6, 2)
    stray = np.column_stack([scores, np.full(40, NOBODY)])
    stray[0, 6] = 1
    with_stray, without = reliability(sheets_of(stray)), reliability(sheets_of(scores))
    assert with_stray is not None
    assert without is not None
    assert with_stray.kr20 == near(without.kr20 or 0)


def test_an_unanswered_question_earned_nothing_and_is_counted() -> None:
    blank = Response(1, "v", 0, 100, frozenset(), answered=False)
    right = Response(1, "v", 100, 100, frozenset("A"), answered=True)
    [other] = answers(np.ones(1))
    sheets = [Sheet((blank, other)), Sheet((right, other))]
    found = item_figures(sheets, {})["v"]
    assert (found.shown, found.answered, found.difficulty) == (2, 1, 0.5)


# -- look at this one --------------------------------------------------------------------------------------------


def judged(item: Item, chosen: Sequence[str], others: np.ndarray) -> ItemFigures:
    """Figures of an item whose examinees, the weakest first, chose these letters."""
    order = others[np.argsort(others.sum(axis=1), kind="stable")]
    sheets = [
        Sheet(
            (
                Response(
                    "x",
                    "x",
                    100 * (frozenset(letters) == item.answer),
                    100,
                    frozenset(letters),
                    answered=True,
                ),
                *sheet.responses,
            )
        )
        for letters, sheet in zip(chosen, sheets_of(order), strict=True)
    ]
    return item_figures(sheets, {"x": item})["x"]


OTHERS = a_class(120, 20, 11)
UP = ["A"] * 20 + ["C"] * 20 + ["D"] * 20 + ["B"] * 60
"""The key is B: the weaker half guesses, the better half knows."""


def test_a_sound_question_is_left_alone() -> None:
    assert suspicions(judged(single(), UP, OTHERS), ItemType.SINGLE) == []


def test_a_wrong_key_is_suspected_when_the_better_half_chooses_against_it() -> None:
    wrong = judged(single(answer="C"), UP, OTHERS)
    assert suspicions(wrong, ItemType.SINGLE)[:2] == [Suspicion.KEY, Suspicion.NEGATIVE]


def test_a_wrong_key_of_a_true_false_question_is_suspected() -> None:
    found = judged(true_false(answer="A"), ["A"] * 60 + ["B"] * 60, OTHERS)
    assert Suspicion.KEY in suspicions(found, ItemType.TRUE_FALSE)


def test_a_missing_letter_in_the_key_of_a_multiple_choice_is_suspected() -> None:
    chosen = ["A"] * 30 + ["AB"] * 30 + ["ABCD"] * 60
    found = judged(multiple(answer="ABC"), chosen, OTHERS)
    assert suspicions(found, ItemType.MULTIPLE)[0] is Suspicion.KEY
    sound = judged(multiple(answer="ABCD"), chosen, OTHERS)
    assert Suspicion.KEY not in suspicions(sound, ItemType.MULTIPLE)


def test_few_answers_accuse_nobody() -> None:
    few = judged(
        single(answer="C"),
        UP[:: 120 // (ENOUGH_ANSWERS - 1)][: ENOUGH_ANSWERS - 1],
        OTHERS[: ENOUGH_ANSWERS - 1],
    )
    assert suspicions(few, ItemType.SINGLE) == []


def test_the_lesser_suspicions_have_their_limits() -> None:
    easy = judged(single(), ["A"] * 2 + ["B"] * 118, OTHERS)
    assert {Suspicion.EASY, Suspicion.UNUSED} <= set(suspicions(easy, ItemType.SINGLE))
    hard = judged(single(), ["A", "C", "D"] * 33 + ["A"] * 6 + ["B"] * 15, OTHERS)
    assert suspicions(hard, ItemType.SINGLE) == [Suspicion.HARD]
    drifted = drift(answers(np.repeat([1.0, 0.0], [90, 10])), answers(np.repeat([1.0, 0.0], [60, 40])))
    assert suspicions(judged(single(), UP, OTHERS), ItemType.SINGLE, drifted) == [Suspicion.DRIFT]
    slight = drift(answers(np.repeat([1.0, 0.0], [90, 10])), answers(np.repeat([1.0, 0.0], [85, 15])))
    assert suspicions(judged(single(), UP, OTHERS), ItemType.SINGLE, slight) == []


def test_the_gravest_suspicion_comes_first_and_each_has_a_name() -> None:
    assert list(SUSPICION_NAMES) == list(Suspicion)
    found = suspicions(judged(single(answer="C"), UP, OTHERS), ItemType.SINGLE)
    order = list(Suspicion)
    assert all(order.index(one) < order.index(two) for one, two in pairwise(found))
