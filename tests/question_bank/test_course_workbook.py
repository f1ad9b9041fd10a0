"""The examiner course's own questions: enough of them, each explained, none twice, none to be guessed."""

import re
from collections import Counter
from itertools import combinations

import pytest

from question_bank.data.blueprints import (
    EXAMINER_COURSE_BLUEPRINT,
    EXAMINER_COURSE_WORKBOOK,
)
from question_bank.importing import ImportReport, read_questions
from question_bank.items import AREAS, FULL_MARK, Difficulty, Item, ItemType
from question_bank.sampling import draw_paper
from question_bank.validation import feasibility, validate_blueprint

NEAR_ALIKE = 0.70
"""The share of letter pairs two stems have in common above which a reader takes them for one question."""

_NUMBERS = re.compile("[0-9零一二两三四五六七八九十百千万]+")


@pytest.fixture(scope="module")
def report() -> ImportReport:
    return read_questions(EXAMINER_COURSE_WORKBOOK.read_bytes(), EXAMINER_COURSE_WORKBOOK.name)


@pytest.fixture(scope="module")
def items(report: ImportReport) -> list[Item]:
    return [located.item for located in report.items]


def bare(text: str) -> str:
    """Return the letters and digits of `text` alone, so that punctuation and blanks hide no double."""
    return re.sub(r"[\W_]+", "", text)


def letter_pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters in `text`."""
    letters = bare(text)
    return frozenset(letters[start : start + 2] for start in range(len(letters) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return Dice's measure of two sets: 0 nothing in common, 1 the same."""
    return 2 * len(one & other) / (len(one) + len(other))


def test_the_workbook_imports_without_a_fault_or_a_warning(report: ImportReport) -> None:
    assert (report.faults, report.warnings) == ((), ())


def test_there_are_enough_questions_of_each_kind(items: list[Item]) -> None:
    assert len(items) >= 310
    areas = Counter(item.area for item in items)
    difficulties = Counter(item.difficulty for item in items)
    kinds = Counter((item.area, item.type) for item in items)
    for area in AREAS:
        assert areas[area] >= 50
        assert kinds[area, ItemType.SINGLE] >= 30
        assert kinds[area, ItemType.MULTIPLE] >= 14
        assert kinds[area, ItemType.TRUE_FALSE] >= 14
    for difficulty in Difficulty:
        assert difficulties[difficulty] >= 60


def test_every_question_is_explained_and_rests_on_a_rule(items: list[Item]) -> None:
    for item in items:
        assert len(item.explanation) >= 10, item.stem
        assert item.source, item.stem
    assert len({item.explanation for item in items}) == len(items)


def test_no_question_comes_twice_in_other_clothes(items: list[Item]) -> None:
    stems = Counter(bare(item.stem) for item in items)
    assert [stem for stem, times in stems.items() if times > 1] == []
    masked = Counter(_NUMBERS.sub("#", bare(item.stem)) for item in items)
    assert [stem for stem, times in masked.items() if times > 1] == [], "only a number differs"
    pairs = [(letter_pairs(item.stem), item.stem) for item in items]
    alike = [
        (stem, other)
        for (one, stem), (two, other) in combinations(pairs, 2)
        if likeness(one, two) >= NEAR_ALIKE
    ]
    assert alike == []


def test_the_right_letter_cannot_be_guessed(items: list[Item]) -> None:
    singles = Counter("".join(item.answer) for item in items if item.type is ItemType.SINGLE)
    for letter in "ABCD":
        assert 0.20 <= singles[letter] / singles.total() <= 0.30
    sizes = Counter(len(item.answer) for item in items if item.type is ItemType.MULTIPLE)
    assert len(sizes) >= 3
    assert max(sizes.values()) <= 0.65 * sizes.total()
    judged = Counter("".join(item.answer) for item in items if item.type is ItemType.TRUE_FALSE)
    assert 0.35 <= judged["A"] / judged.total() <= 0.65


def test_the_length_of_an_option_gives_nothing_away(items: list[Item]) -> None:
    singles = [item for item in items if item.type is ItemType.SINGLE]
    longest = shortest = 0
    for item in singles:
        right = next(len(option.text) for option in item.options if option.key in item.answer)
        wrong = [len(option.text) for option in item.options if option.key not in item.answer]
        longest += right > max(wrong)
        shortest += right < min(wrong)
    # Chance alone gives a quarter.
    assert longest <= 0.30 * len(singles)
    assert shortest <= 0.30 * len(singles)


def test_an_option_stands_on_its_own(items: list[Item]) -> None:
    """The draw shuffles options, so none may speak of the others' places or sum them up."""
    for item in items:
        for option in item.options:
            assert not re.match("以上|上述|前[一二三]项|[A-F]和[A-F]", option.text), item.stem


def test_the_blueprint_is_sound_and_two_attempts_share_no_question(report: ImportReport) -> None:
    assert validate_blueprint(EXAMINER_COURSE_BLUEPRINT) == []
    assert (EXAMINER_COURSE_BLUEPRINT.total_points, EXAMINER_COURSE_BLUEPRINT.total_questions) == (
        FULL_MARK,
        40,
    )
    pool = [(number, located.item) for number, located in enumerate(report.items)]
    assert feasibility(EXAMINER_COURSE_BLUEPRINT, [item for _, item in pool]) == []
    for number in range(20):
        first = draw_paper(EXAMINER_COURSE_BLUEPRINT, pool, f"first {number}")
        second = draw_paper(EXAMINER_COURSE_BLUEPRINT, pool, f"second {number}", avoid=first.item_ids)
        assert not set(first.item_ids) & set(second.item_ids)
