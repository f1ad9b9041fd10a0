"""A tight bank, drawn from again and again: every paper complete, nothing twice, every section exact."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from question_bank.items import (
    AREAS,
    POINT,
    Blueprint,
    BlueprintSection,
    Cell,
    Difficulty,
    Item,
    ItemId,
    ItemType,
)
from question_bank.sampling import choose, set_paper
from question_bank.stock import Stock
from question_bank.validation import feasibility, validate_blueprint
from tests.factories.questions import multiple, single, true_false

DRAWS = int(os.environ.get("LMS_TEST_DRAWS", "1500"))
"""How many papers the suite draws; `LMS_TEST_DRAWS=100000` is the long run."""

WORN_APART_MAX = 6
"""So many times more than its neighbour may an item have been shown; it does not grow with the number of papers."""

HALF_EASY = ((Difficulty.EASY, 2), (Difficulty.MEDIUM, 1), (Difficulty.HARD, 1))


def bank() -> Iterator[tuple[ItemId, Item]]:
    """Three hundred items: 100 of each type, 20 of each type and area, about 7 in each band."""
    makers = {ItemType.SINGLE: single, ItemType.MULTIPLE: multiple}
    for type_number, type_ in enumerate((*makers, ItemType.TRUE_FALSE)):
        for number in range(100):
            stem, area = f"{type_}第{number}题", list(AREAS)[number % 5]
            made = makers[type_](stem, area=area) if type_ in makers else true_false(stem, area=area)
            yield type_number * 100 + number, replace(made, difficulty=list(Difficulty)[number // 5 % 3])


# In each area: all 6 hard ones of a type, 4 banded ones beside them, and an open section that competes for the rest.
TIGHT = Blueprint(
    (
        *(BlueprintSection(ItemType.SINGLE, area, Difficulty.HARD, 6, POINT // 2) for area in AREAS),
        *(BlueprintSection(ItemType.MULTIPLE, area, None, 4, POINT, spread=HALF_EASY) for area in AREAS),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 15, POINT),
        BlueprintSection(ItemType.SINGLE, None, None, 70, POINT // 2),
        *(BlueprintSection(ItemType.MULTIPLE, area, None, 3, 30) for area in AREAS),
        BlueprintSection(ItemType.TRUE_FALSE, None, Difficulty.MEDIUM, 2, 525),
    )
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_paper_of_a_tight_blueprint_is_complete_and_exact() -> None:
    pool = list(bank())
    items = dict(pool)
    assert len(items) == 300
    assert [fault.code for fault in validate_blueprint(TIGHT)] == []
    assert feasibility(TIGHT, items.values()) == []
    stock = Stock.of(pool)
    shown = Counter[ItemId]()
    before: tuple[ItemId, ...] = ()
    seen_again = Counter[int]()
    for number in range(DRAWS):
        is_second = number % 2 == 1
        choice = choose(TIGHT, stock, f"tight {number}", avoid=before if is_second else (), shown=shown)
        ids = choice.item_ids
        assert len(set(ids)) == len(ids) == TIGHT.total_questions
        assert Counter(section for section, _ in choice.places) == {
            index: section.count for index, section in enumerate(TIGHT.sections)
        }
        assert all(TIGHT.sections[section].fits(items[item_id]) for section, item_id in choice.places)
        for index, section in enumerate(TIGHT.sections):
            if section.spread:
                found = Counter(items[one].difficulty for place, one in choice.places if place == index)
                assert found == dict(section.spread)
        if is_second:
            seen_again[len(set(ids) & set(before))] += 1
        if number % 50 == 0:
            paper = set_paper(TIGHT, choice, items)
            assert (paper.total_points, paper.item_ids) == (10000, ids)
        before = ids
        shown.update(ids)
    assert len(seen_again) == 1, "how many questions a second paper must repeat is a fact of the bank"
    # Items of one cell may stand in the same places, so they are worn alike, however long it goes on (decision 17).
    for cell, ids in stock.cells.items():
        worn = [shown[one] for one in ids]
        assert max(worn) - min(worn) <= WORN_APART_MAX, (cell, sorted(worn))


@pytest.mark.slow
def test_a_hundred_questions_are_drawn_from_a_hundred_thousand_in_a_blink() -> None:
    cells = {
        Cell(type_, area, difficulty): [f"{type_}{area}{difficulty}{number}" for number in range(2222)]
        for type_ in (ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE)
        for area in AREAS
        for difficulty in Difficulty
    }
    stock = Stock(cells)
    assert stock.size == 99_990
    counts = ((ItemType.SINGLE, 10), (ItemType.MULTIPLE, 5), (ItemType.TRUE_FALSE, 5))
    blueprint = Blueprint(
        tuple(BlueprintSection(type_, area, None, count, POINT) for type_, count in counts for area in AREAS)
    )
    shown = {item_id: 3 for ids in cells.values() for item_id in ids[::2]}
    before = choose(blueprint, stock, "before").item_ids
    took = []
    for number in range(9):
        began = time.perf_counter()
        choice = choose(blueprint, stock, f"fast {number}", avoid=before, shown=shown)
        took.append(time.perf_counter() - began)
        assert len(set(choice.item_ids)) == 100
        assert not set(choice.item_ids) & set(before)
    assert min(took) < 0.05
