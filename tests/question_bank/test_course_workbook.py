"""The examiner course's own questions: enough of them, each explained, and enough for two papers."""

from collections import Counter

import pytest

from question_bank.data.blueprints import (
    EXAMINER_COURSE_BLUEPRINT,
    EXAMINER_COURSE_WORKBOOK,
)
from question_bank.importing import ImportReport, read_questions
from question_bank.items import AREAS, FULL_MARK, Difficulty, ItemType
from question_bank.sampling import draw_paper
from question_bank.validation import feasibility, validate_blueprint


@pytest.fixture(scope="module")
def report() -> ImportReport:
    return read_questions(EXAMINER_COURSE_WORKBOOK.read_bytes(), EXAMINER_COURSE_WORKBOOK.name)


def test_the_workbook_imports_without_a_fault_or_a_warning(report: ImportReport) -> None:
    assert (report.faults, report.warnings) == ((), ())


def test_there_are_enough_questions_of_each_kind(report: ImportReport) -> None:
    items = [located.item for located in report.items]
    assert len(items) >= 85
    counts = Counter((item.area, item.type) for item in items)
    for area in AREAS:
        assert counts[area, ItemType.SINGLE] >= 8
        assert counts[area, ItemType.MULTIPLE] >= 4
        assert counts[area, ItemType.TRUE_FALSE] >= 4
    assert set(Difficulty) == {item.difficulty for item in items}


def test_every_question_is_explained_and_rests_on_a_rule(report: ImportReport) -> None:
    for located in report.items:
        assert len(located.item.explanation) >= 10, located.item.stem
        assert located.item.source, located.item.stem
    assert len({located.item.explanation for located in report.items}) == len(report.items)


def test_the_right_letter_cannot_be_guessed(report: ImportReport) -> None:
    items = [located.item for located in report.items]
    singles = Counter("".join(item.answer) for item in items if item.type is ItemType.SINGLE)
    assert set(singles) == set("ABCD")
    assert max(singles.values()) <= 2 * min(singles.values())
    sizes = {len(item.answer) for item in items if item.type is ItemType.MULTIPLE}
    assert len(sizes) >= 3
    judged = Counter("".join(item.answer) for item in items if item.type is ItemType.TRUE_FALSE)
    assert abs(judged["A"] - judged["B"]) <= 4


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
