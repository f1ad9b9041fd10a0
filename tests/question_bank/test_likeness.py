"""Questions that resemble each other are found, and questions that merely share words are not."""

import pytest

from question_bank.differences import differences
from question_bank.items import Item
from question_bank.likeness import STEM_SHARE, StemIndex, plain_text, whole_share
from tests.factories.questions import single, true_false

STEM = "考评小组由具备资格的考评员组成，一般不少于（ ）人。"


def shares(one: str, other: str) -> list[float]:
    return [share for _, share in StemIndex([one]).matches(other)]


@pytest.mark.parametrize(
    "other",
    [
        STEM,
        "考评小组由具有资格的考评员组成,一般不少于( )人",
        "考评小组应由具备资格的考评员组成，一般不得少于（ ）人。",
    ],
)
def test_a_stem_with_a_few_other_signs_is_alike(other: str) -> None:
    [share] = shares(STEM, other)
    assert share >= STEM_SHARE


@pytest.mark.parametrize(
    "other",
    [
        "质量督导员由评价机构派出，每个考点至少（ ）人。",
        "考评小组",
        "",
        "考评员证卡的有效期一般为（ ）年，期满前申请复核换证。",
    ],
)
def test_a_stem_of_other_words_is_not(other: str) -> None:
    assert shares(STEM, other) == []


def test_another_number_asks_for_another_thing() -> None:
    assert shares("考评员证卡的有效期为 3 年，期满换证。", "考评员证卡的有效期为 5 年，期满换证。") == []
    assert shares("考评员证卡的有效期为 3 年，期满换证。", "考评员证卡的有效期为３年，期满应换证。")


def test_signs_widths_capitals_and_pictures_do_not_count() -> None:
    assert plain_text(r"Ａ、 考评（ ）\(x^2\)![图](image:missing)b") == "a考评x2b"


def test_the_search_misses_nothing_that_comparing_all_with_all_would_find() -> None:
    words = (
        "考评员",
        "质量督导员",
        "应当",
        "可以",
        "回避",
        "与考生有亲属关系的",
        "担任考评组长",
        "在考评前",
        "签订聘约",
        "保守秘密",
    )
    stems = [
        "".join(words[(number * step + shift) % len(words)] for step in range(1, 6))
        for number in range(1, 25)
        for shift in range(3)
    ]
    index = StemIndex(stems)
    for stem in stems:
        found = {place for place, _ in index.matches(stem)}
        expected = {place for place, other in enumerate(stems) if shares(other, stem)}
        assert found == expected
    assert any(len(index.matches(stem)) > 1 for stem in stems)


def test_the_whole_question_counts_its_options_in_any_order() -> None:
    def question(*texts: str) -> Item:
        return single("下列说法中正确的是哪一项", texts)

    same = question("两人以上", "三人以上", "五人以上")
    assert whole_share(same, question("五人以上", "两人以上", "三人以上")) == 1
    assert whole_share(same, question("由组长裁定并签字", "由督导员复核成绩", "由机构另行安排")) < 0.6
    assert whole_share(true_false("甲乙丙丁戊"), true_false("己庚辛壬癸")) == 0


def marked(one: str, other: str) -> tuple[str, str]:
    here, there = differences(one, other)
    return tuple(  # type: ignore[return-value]  # two of them
        "".join(f"[{part.text}]" if part.differs else part.text for part in side) for side in (here, there)
    )


def test_what_differs_is_marked_and_nothing_is_lost() -> None:
    assert marked("一般不少于三人", "一般不少于五人") == ("一般不少于[三]人", "一般不少于[五]人")
    assert marked("同样", "同样") == ("同样", "同样")
    assert marked("", "新写的") == ("", "[新写的]")
    assert marked(r"求\(x^2\)的值", r"求\(x^3\)的值") == (r"[求\(x^2\)的值]", r"[求\(x^3\)的值]")
    assert marked("甲" * 700, "乙") == (f"[{'甲' * 700}]", "[乙]")
