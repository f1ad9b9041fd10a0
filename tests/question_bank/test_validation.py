"""What may enter the bank, what may become a paper, and how the author hears of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.items import (
    FULL_MARK,
    POINT,
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemType,
    Option,
)
from question_bank.validation import (
    OPTION_MAX,
    STEM_MAX,
    feasibility,
    points_text,
    tidy_text,
    validate_blueprint,
    validate_item,
)
from tests.factories.questions import multiple, single, true_false


def codes(item: Item) -> set[str]:
    return {fault.code for fault in validate_item(item)}


@pytest.mark.parametrize("item", [single(), multiple(), true_false(), single(texts=("甲", "乙"))])
def test_a_sound_item_has_no_fault(item: Item) -> None:
    assert validate_item(item) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (single(stem=" "), "stem_missing"),
        (single(stem="题" * (STEM_MAX + 1)), "text_too_long"),
        (single(stem="题\x07干"), "text_control"),
        (single(stem="题\u202e干"), "text_control"),
        (single(stem="锟斤\ufffd拷"), "text_control"),
        (single(stem="题干 "), "text_untidy"),
        (single(answer=""), "answer_missing"),
        (single(answer="E"), "answer_without_option"),
        (single(answer="AB"), "answer_not_single"),
        (multiple(answer="A"), "answer_not_multiple"),
        (single(texts=("甲",), answer="A"), "options_too_few"),
        (single(texts=("甲", "", "丙")), "option_empty"),
        (single(texts=("甲", "乙", "甲")), "option_repeated"),
        (single(texts=("甲", "乙" * (OPTION_MAX + 1))), "text_too_long"),
        (single(area="cooking"), "area_unknown"),
        (
            replace(single(), options=(Option("A", "甲"), Option("C", "丙")), answer=frozenset("A")),
            "option_keys",
        ),
        (replace(true_false(), options=(Option("A", "错误"), Option("B", "正确"))), "true_false_options"),
        (replace(single(), options=tuple(Option(key, key) for key in "ABCDEFGHI")), "options_too_many"),
    ],
)
def test_each_unsound_item_is_named(item: Item, code: str) -> None:
    assert code in codes(item)


def test_a_missing_option_is_told_with_range_and_repair() -> None:
    [fault] = validate_item(single(answer="E"))
    assert fault.message == "答案“E”没有对应选项，本题只有 A—D。请改答案，或补上选项 E。"
    placed = fault.located(row=12, column="G", value="E")
    assert placed.message.startswith("第 12 行 G 列：答案“E”")
    assert (placed.row, placed.column, placed.value) == (12, "G", "E")


@given(st.text(max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = tidy_text(text)
    assert tidy_text(once) == once


def section(count: int = 50, each: int = 2 * POINT, **other: object) -> BlueprintSection:
    base = BlueprintSection(ItemType.SINGLE, None, None, count, each)
    return replace(base, **other)


def test_a_blueprint_of_exactly_a_hundred_points_is_sound() -> None:
    assert validate_blueprint(Blueprint((section(),))) == []


@pytest.mark.parametrize("each", [199, 201])
def test_a_blueprint_a_hair_off_the_full_mark_is_refused(each: int) -> None:
    [fault] = validate_blueprint(Blueprint((section(each=each),)))
    assert fault.code == "blueprint_total"
    assert "0.5 分" in fault.message


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (section(count=0), "section_count"),
        (section(each=0), "section_points"),
        (section(area="cooking"), "area_unknown"),
        (section(partial_credit=True), "section_partial"),
        (section(seconds_each=-1), "section_time"),
        (section(seconds_each=7200), "section_time"),
        (section(spread=((Difficulty.EASY, 49),)), "section_band_total"),
        (section(spread=((Difficulty.EASY, 25), (Difficulty.EASY, 25))), "section_band_total"),
        (section(spread=((Difficulty.EASY, 51), (Difficulty.HARD, -1))), "section_band_total"),
        (section(spread=((Difficulty.EASY, 50),), difficulty=Difficulty.EASY), "section_band_twice"),
    ],
)
def test_each_unsound_section_is_named(bad: BlueprintSection, code: str) -> None:
    faults = validate_blueprint(Blueprint((bad, section())))
    assert (code, "section:1") in {(fault.code, fault.field) for fault in faults}


def test_an_empty_blueprint_is_refused() -> None:
    assert [fault.code for fault in validate_blueprint(Blueprint(()))] == ["blueprint_empty"]


def test_a_thin_cell_is_named_with_the_number_that_lacks() -> None:
    blueprint = Blueprint((section(count=3, area="policy"), section(count=1, area="methods")))
    stock = [single(stem="一", area="policy"), single(stem="二", area="methods")]
    [shortage] = feasibility(blueprint, stock)
    assert (shortage.section, shortage.available, shortage.missing) == (1, 1, 2)
    assert "政策法规" in shortage.message
    assert "还缺 2 题" in shortage.message


def test_overlapping_sections_share_the_stock_as_well_as_possible() -> None:
    # The open section comes first; taking the only hard item for it would starve the second one.
    blueprint = Blueprint((section(count=1), section(count=1, difficulty=Difficulty.HARD)))
    hard, easy = single(stem="难", difficulty=Difficulty.HARD), single(stem="易")
    assert feasibility(blueprint, [hard, easy]) == []
    assert sum(shortage.missing for shortage in feasibility(blueprint, [hard])) == 1


def test_competing_sections_are_named_together_with_what_they_lack() -> None:
    blueprint = Blueprint(
        (
            section(count=2, area="policy"),
            section(count=2, difficulty=Difficulty.HARD),
            section(count=1, area="methods"),
        )
    )
    stock = [single(stem=f"{n}", area="policy", difficulty=Difficulty.HARD) for n in range(3)]
    competing, alone = feasibility(blueprint, stock)
    assert (competing.sections, competing.needed, competing.available, competing.missing) == ((1, 2), 4, 3, 1)
    assert "第 1、2 大题" in competing.message
    assert "题库里能用的只有 3 题，还缺 1 题" in competing.message
    assert (alone.sections, alone.missing) == ((3,), 1)


def test_a_thin_band_is_named() -> None:
    spread = ((Difficulty.EASY, 2), (Difficulty.HARD, 2))
    blueprint = Blueprint((section(count=4, area="policy", spread=spread),))
    assert blueprint.sections[0].label.say() == "单选题 · 政策法规 · 难度易 2、难 2"
    stock = [single(stem=f"{n}", area="policy", difficulty=Difficulty.EASY) for n in range(9)]
    [thin] = feasibility(blueprint, stock)
    assert (thin.difficulty, thin.missing) == (Difficulty.HARD, 2)
    assert "单选题 · 政策法规 · 难度难" in thin.message


def test_a_blueprint_adds_up_the_time_it_was_given() -> None:
    blueprint = Blueprint((section(count=10, seconds_each=60), section(count=5, seconds_each=90)))
    assert blueprint.total_seconds == 1050


def test_a_copy_of_a_question_does_not_fill_a_second_place() -> None:
    assert feasibility(Blueprint((section(count=2),)), [single(), single()])[0].missing == 1


@pytest.mark.parametrize(
    ("hundredths", "text"), [(FULL_MARK, "100"), (8950, "89.5"), (33, "0.33"), (0, "0"), (-150, "-1.5")]
)
def test_points_are_written_as_people_do(hundredths: int, text: str) -> None:
    assert points_text(hundredths) == text
