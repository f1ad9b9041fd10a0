"""What the bank says of a row that is sound, but that the exam cannot put before a candidate yet."""

from dataclasses import replace

import pytest

from lms.questions.policy import Verdict, judge
from question_bank.importing import ImportReport, LocatedItem
from question_bank.items import Item, Option
from question_bank.passage import picture_mark
from tests.factories.questions import single

PICTURE = picture_mark("0" * 64, "接线图")


@pytest.mark.parametrize(
    ("item", "word"),
    [
        (single(stem=f"看图：{PICTURE}"), "图片"),
        (replace(single(), options=(Option("A", PICTURE), *single().options[1:])), "图片"),
    ],
)
def test_what_cannot_be_sat_yet_is_refused_at_its_row_and_the_rest_comes_in(item: Item, word: str) -> None:
    report = ImportReport((LocatedItem(item, "题目", 7), LocatedItem(single(), "题目", 8)))
    judgement = judge(report, {})
    assert [located.row for located in judgement.new] == [8]
    [row] = judgement.rows
    assert (row.verdict, row.sheet, row.row) == (Verdict.FAULTY, "题目", 7)
    assert word in row.words.say()
    assert judgement.fault_count == 1
