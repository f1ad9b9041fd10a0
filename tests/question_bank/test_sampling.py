"""Drawing papers: the same from the same seed, fair, and silent about the key."""

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.errors import PaperFormatError
from question_bank.items import (
    AREAS,
    POINT,
    TRUE_FALSE_OPTIONS,
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemId,
    ItemType,
    Paper,
    fingerprint,
    paper_content_hash,
)
from question_bank.paper_json import key_from_json, questions_from_json
from question_bank.randomness import SeedStream
from question_bank.sampling import AnotherStock, NotEnoughItems, draw_paper, redraw, refers_to_position
from question_bank.validation import feasibility
from tests.factories.questions import multiple, single, true_false

POOL: list[tuple[ItemId, Item]] = [
    *((number, single(stem=f"单选第{number}题", area=list(AREAS)[number % 5])) for number in range(30)),
    *((100 + number, multiple(stem=f"多选第{number}题")) for number in range(8)),
    *((200 + number, true_false(stem=f"判断第{number}题")) for number in range(8)),
]
BLUEPRINT = Blueprint(
    (
        BlueprintSection(ItemType.SINGLE, None, None, 10, 5 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 4, 10 * POINT, partial_credit=True),
        BlueprintSection(ItemType.TRUE_FALSE, "policy", None, 2, 5 * POINT),
    )
)
ITEMS = dict(POOL)


def test_the_same_seed_draws_the_same_paper_whatever_the_order_of_the_pool() -> None:
    first = draw_paper(BLUEPRINT, POOL, "seed")
    assert draw_paper(BLUEPRINT, list(reversed(POOL)), "seed") == first
    assert draw_paper(BLUEPRINT, POOL, "other seed").content_hash != first.content_hash


def test_the_draw_never_changes_between_releases() -> None:
    stream = SeedStream("seed", "purpose")
    assert [stream.below(100) for _ in range(5)] == [67, 24, 55, 95, 18]
    assert draw_paper(BLUEPRINT, POOL, "seed").item_ids[:6] == (2, 6, 12, 3, 24, 9)


@given(st.binary(min_size=1, max_size=32))
@settings(max_examples=40)
def test_every_paper_keeps_the_blueprint_and_holds_no_question_twice(seed: bytes) -> None:
    paper = draw_paper(BLUEPRINT, POOL, seed)
    assert paper.total_points == BLUEPRINT.total_points == 10000
    assert len(set(paper.item_ids)) == len(paper.questions) == BLUEPRINT.total_questions
    assert Counter(question.type for question in paper.questions) == {
        ItemType.SINGLE: 10,
        ItemType.MULTIPLE: 4,
        ItemType.TRUE_FALSE: 2,
    }
    assert [question.position for question in paper.questions] == list(range(1, 17))


@given(st.binary(min_size=1, max_size=32))
@settings(max_examples=40)
def test_the_key_follows_the_shuffled_options(seed: bytes) -> None:
    paper = draw_paper(BLUEPRINT, POOL, seed)
    for question, entry in zip(paper.questions, paper.key.entries, strict=True):
        item = ITEMS[entry.item_id]
        right = {option.text for option in question.options if option.id in entry.correct}
        assert right == {option.text for option in item.options if option.key in item.answer}
        assert {option.id for option in question.options} == entry.shown
        assert "".join(option.label for option in question.options) == "ABCDEFGH"[: len(item.options)]
        assert entry.item_fingerprint == fingerprint(item)


def test_true_false_keeps_its_order_and_others_are_shuffled() -> None:
    papers = [draw_paper(BLUEPRINT, POOL, f"seed {number}") for number in range(30)]
    orders = Counter()
    for paper in papers:
        for question in paper.questions:
            texts = tuple(option.text for option in question.options)
            if question.type is ItemType.TRUE_FALSE:
                assert texts == tuple(option.text for option in TRUE_FALSE_OPTIONS)
            elif question.type is ItemType.SINGLE:
                orders[texts] += 1
    assert len(orders) == 24


def test_the_place_of_the_right_option_is_even() -> None:
    labels = Counter(
        next(option.label for option in question.options if option.id in entry.correct)
        for number in range(100)
        for paper in [draw_paper(BLUEPRINT, POOL, f"even {number}")]
        for question, entry in zip(paper.questions, paper.key.entries, strict=True)
        if question.type is ItemType.SINGLE
    )
    assert all(200 < labels[label] < 300 for label in "ABCD"), labels


def test_options_that_speak_of_their_place_stay_put() -> None:
    item = single(texts=("甲", "乙", "丙", "以上都对"), answer="D")
    assert refers_to_position(item)
    assert refers_to_position(single(texts=("甲", "乙", "A和B")))
    assert not refers_to_position(single(texts=("三级以上", "90分以上")))
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 1, 100),))
    for number in range(10):
        [question] = draw_paper(blueprint, [(1, item)], f"{number}").questions
        assert question.options[-1].text == "以上都对"


def test_the_public_half_gives_nothing_away() -> None:
    paper = draw_paper(BLUEPRINT, POOL, "seed")
    text = json.dumps(paper.public_view(), ensure_ascii=False)
    for secret in ("correct", "见通知", "N3 E3", "item", "seed", paper.content_hash, "explanation"):
        assert secret not in text
    ids = [option.id for question in paper.questions for option in question.options]
    assert len(set(ids)) == len(ids)


def test_both_halves_survive_json_and_still_match_the_hash() -> None:
    paper = draw_paper(BLUEPRINT, POOL, b"\x00\xffseed")
    public = json.loads(json.dumps(paper.public_view()))
    key = json.loads(json.dumps(paper.key.to_json()))
    assert questions_from_json(public) == paper.questions
    assert key_from_json(key) == paper.key
    assert paper_content_hash(public, key) == paper.content_hash
    key["entries"][0]["points"] += 1
    assert paper_content_hash(public, key) != paper.content_hash


@pytest.mark.parametrize("damage", ["position", "item_id", "correct", "partial_credit"])
def test_a_damaged_key_is_refused_by_field(damage: str) -> None:
    key = json.loads(json.dumps(draw_paper(BLUEPRINT, POOL, "seed").key.to_json()))
    key["entries"][3][damage] = None
    with pytest.raises(PaperFormatError) as caught:
        key_from_json(key)
    assert caught.value.field == damage


def test_a_second_attempt_avoids_the_first_paper_where_the_bank_allows() -> None:
    first = draw_paper(BLUEPRINT, POOL, "one")
    second = draw_paper(BLUEPRINT, POOL, "two", avoid=first.item_ids)
    assert not set(first.item_ids) & set(second.item_ids)
    third = draw_paper(BLUEPRINT, POOL, "three", avoid=[*first.item_ids, *second.item_ids])
    fresh = set(third.item_ids) - set(first.item_ids) - set(second.item_ids)
    assert len(fresh) == 12, "the ten singles and two true/false items that are left are all used"


def test_a_paper_can_be_drawn_again_from_its_stored_seed_and_record() -> None:
    first = draw_paper(BLUEPRINT, POOL, "one")
    shown = {item_id: number % 7 for number, (item_id, _) in enumerate(POOL)}
    second = draw_paper(BLUEPRINT, POOL, secrets.token_bytes(32), avoid=first.item_ids, shown=shown)
    key = key_from_json(json.loads(json.dumps(second.key.to_json())))
    assert key.draw is not None
    assert redraw(BLUEPRINT, list(reversed(POOL)), second.seed, key.draw) == second
    assert len(key.draw.shown) <= 2 * BLUEPRINT.total_questions, "only what was compared is kept"

    with pytest.raises(AnotherStock):
        redraw(BLUEPRINT, POOL[1:], second.seed, key.draw)
    with pytest.raises(AnotherStock):
        redraw(BLUEPRINT, POOL, second.seed, replace(key.draw, method="question_bank.draw.1"))


def test_a_key_without_a_record_is_an_older_paper_and_a_damaged_record_is_refused() -> None:
    stored = json.loads(json.dumps(draw_paper(BLUEPRINT, POOL, "seed", shown={1: 3, 2: 9}).key.to_json()))
    assert key_from_json({"entries": stored["entries"]}).draw is None
    for damage in ("method", "stock", "stock_size", "avoided", "shown"):
        with pytest.raises(PaperFormatError):
            key_from_json({**stored, "draw": {**stored["draw"], damage: {"x": 1}}})
    for damage in ([], "text"):
        with pytest.raises(PaperFormatError):
            key_from_json({**stored, "draw": damage})


def test_a_question_that_was_seen_often_is_drawn_less_often() -> None:
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 5, 2000),))
    singles = POOL[:30]
    worn = {item_id for item_id, _ in singles[:10]}
    even = Counter(one for n in range(200) for one in draw_paper(blueprint, singles, f"{n}").item_ids)
    spared = Counter(
        one
        for n in range(200)
        for one in draw_paper(blueprint, singles, f"{n}", shown=dict.fromkeys(worn, 40)).item_ids
    )
    assert 250 < sum(even[one] for one in worn) < 420, "a third of a thousand when nothing is known"
    assert 0 < sum(spared[one] for one in worn) < 180, (
        "rarely, but an exam cannot be learnt by leaving them out"
    )


def test_drawing_with_counts_wears_a_cell_evenly() -> None:
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 5, 2000),))
    cell: list[tuple[ItemId, Item]] = [(number, single(f"第{number}题")) for number in range(30)]
    shown, blind = Counter[ItemId](), Counter[ItemId]()
    for number in range(240):
        shown.update(draw_paper(blueprint, cell, f"{number}", shown=shown).item_ids)
        blind.update(draw_paper(blueprint, cell, f"{number}").item_ids)
    assert sum(shown.values()) == sum(blind.values()) == 1200
    assert max(shown.values()) - min(shown.values()) <= 6
    assert max(blind.values()) - min(blind.values()) >= 15


def banded(number: int) -> tuple[ItemId, Item]:
    difficulty = list(Difficulty)[(number * 7) % 3 if number % 4 else 0]
    return number, single(f"第{number}题", area=list(AREAS)[number % 5], difficulty=difficulty)


def bands(paper: Paper, items: Mapping[ItemId, Item]) -> Counter[Difficulty]:
    return Counter(items[item_id].difficulty for item_id in paper.item_ids)


def test_a_stated_band_is_the_same_on_every_paper() -> None:
    pool = [banded(number) for number in range(120)]
    spread = ((Difficulty.EASY, 5), (Difficulty.MEDIUM, 3), (Difficulty.HARD, 2))
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 10, 1000, spread=spread),))
    taken: list[ItemId] = []
    for number in range(6):
        paper = draw_paper(blueprint, pool, f"{number}", avoid=taken)
        taken += paper.item_ids
        assert bands(paper, dict(pool)) == Counter(dict(spread))
    orders = {
        tuple(dict(pool)[i].difficulty for i in draw_paper(blueprint, pool, f"o{n}").item_ids)
        for n in range(9)
    }
    assert len(orders) > 1, "the easy ones do not always come first"


def test_papers_are_equally_hard_also_where_the_blueprint_leaves_it_open() -> None:
    pool = [banded(number) for number in range(120)]
    blueprint = Blueprint(tuple(BlueprintSection(ItemType.SINGLE, area, None, 4, 500) for area in AREAS))
    found = {tuple(sorted(bands(draw_paper(blueprint, pool, f"{n}"), dict(pool)).items())) for n in range(40)}
    assert len(found) == 1


def test_equally_hard_papers_do_not_wear_out_the_odd_question() -> None:
    """Four multiples an area, two of them wanted: one hard one each, and yet none is on every paper."""
    bands_of_four = [Difficulty.EASY, Difficulty.MEDIUM, Difficulty.MEDIUM, Difficulty.HARD]
    pool: list[tuple[ItemId, Item]] = [
        (f"{area}{n}", multiple(f"{area}第{n}题", area=area, difficulty=band))
        for area in AREAS
        for n, band in enumerate(bands_of_four)
    ]
    blueprint = Blueprint(tuple(BlueprintSection(ItemType.MULTIPLE, area, None, 2, 1000) for area in AREAS))
    drawn = [draw_paper(blueprint, pool, f"{number}") for number in range(200)]
    assert {tuple(sorted(bands(paper, dict(pool)).items())) for paper in drawn} == {
        ((Difficulty.EASY, 3), (Difficulty.HARD, 2), (Difficulty.MEDIUM, 5))
    }
    times = Counter(item_id for paper in drawn for item_id in paper.item_ids)
    assert len(times) == 20
    assert max(times.values()) < 150
    assert min(times.values()) > 50


def test_what_the_candidate_has_not_seen_comes_before_an_even_share() -> None:
    pool = [
        (n, single(f"第{n}题", difficulty=d))
        for n, d in enumerate([Difficulty.EASY] * 3 + [Difficulty.HARD] * 3)
    ]
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 3, 1000),))
    first = draw_paper(blueprint, pool, "first")
    second = draw_paper(blueprint, pool, "second", avoid=first.item_ids)
    assert not set(first.item_ids) & set(second.item_ids)


def test_a_copy_under_another_id_is_not_drawn_beside_its_twin() -> None:
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 2, 100),))
    pool: list[tuple[ItemId, Item]] = [(1, single()), ("copy", single()), (3, single(stem="另一题"))]
    for number in range(20):
        ids = draw_paper(blueprint, pool, f"{number}").item_ids
        assert 3 in ids
    one = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 1, 100),))
    for number in range(20):
        assert draw_paper(one, pool, f"{number}", avoid=["copy"]).item_ids == (3,), (
            "its twin was seen as well"
        )


def test_a_thin_pool_is_refused_with_the_shortage() -> None:
    with pytest.raises(NotEnoughItems) as caught:
        draw_paper(BLUEPRINT, POOL[:35], "seed")
    assert [(shortage.section, shortage.missing) for shortage in caught.value.shortages] == [(3, 2)]


def test_an_id_that_stands_twice_in_the_pool_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw_paper(BLUEPRINT, [*POOL, POOL[0]], "seed")


sections = st.builds(
    BlueprintSection,
    st.just(ItemType.SINGLE),
    st.sampled_from([None, "policy", "methods"]),
    st.sampled_from([None, Difficulty.EASY, Difficulty.HARD]),
    st.integers(1, 3),
    st.just(100),
)
cells = st.tuples(st.sampled_from(["policy", "methods"]), st.sampled_from([Difficulty.EASY, Difficulty.HARD]))


@given(st.lists(sections, min_size=1, max_size=4), st.lists(cells, max_size=10), st.integers(0, 999))
@settings(max_examples=150)
def test_a_draw_succeeds_exactly_when_the_blueprint_is_feasible(
    parts: list[BlueprintSection], stock: list[tuple[str, Difficulty]], seed: int
) -> None:
    blueprint = Blueprint(tuple(parts))
    pool: list[tuple[ItemId, Item]] = [
        (number, single(stem=f"第{number}题", area=area, difficulty=difficulty))
        for number, (area, difficulty) in enumerate(stock)
    ]
    stock = [item for _, item in pool]
    shortages = feasibility(blueprint, stock)
    places = [part for part in parts for _ in range(part.count)]
    assert sum(shortage.missing for shortage in shortages) == len(places) - most_filled(places, pool)
    for shortage in shortages:
        competing = [parts[number - 1] for number in shortage.sections]
        needed = sum(part.count for part in competing)
        fitting = sum(1 for item in stock if any(part.fits(item) for part in competing))
        assert (needed, fitting) == (shortage.needed, shortage.available), "the proof can be counted after"
        assert shortage.missing == needed - fitting > 0
    if shortages:
        with pytest.raises(NotEnoughItems):
            draw_paper(blueprint, pool, str(seed))
        return
    paper = draw_paper(blueprint, pool, str(seed))
    drawn = iter(paper.key.entries)
    for part in parts:
        for _ in range(part.count):
            assert part.fits(dict(pool)[next(drawn).item_id])


def most_filled(places: list[BlueprintSection], pool: list[tuple[ItemId, Item]]) -> int:
    """The textbook way, one place and one item at a time, to hold against the cell-by-cell one."""
    taken: dict[int, int] = {}

    def place_can_be_filled(place: int, seen: set[int]) -> bool:
        for index, (_, item) in enumerate(pool):
            if index in seen or not places[place].fits(item):
                continue
            seen.add(index)
            if index not in taken or place_can_be_filled(taken[index], seen):
                taken[index] = place
                return True
        return False

    return sum(place_can_be_filled(place, set()) for place in range(len(places)))
