"""Lines that count or end a sheet are read past and named; what could be a question never is."""

import pytest

from question_bank.importing import ImportReport, read_questions

HEADER = "题型,题干,选项A,选项B,答案,解析,知识领域\n"
GOOD = "单选,第一题问什么（ ）？,甲,乙,A,,政策法规\n"


def read(line: str) -> ImportReport:
    return read_questions((HEADER + GOOD + line + "\n").encode(), "题.csv")


@pytest.mark.parametrize(
    "line",
    ["合计,60,,,,,", ",合计：60题,,,,,", "共 60 题,,,,,,", "总计,,,,,,60", '"共60题，每题1分，共60分",,,,,,',
     "小计,30,30,60,60,,", "题量,60题,满分,100分,,,", "（以下空白）,,,,,,", "以上共计六十道题,,,,,,",
     "以下无正文,,,,,,", "制表人：某某,,审核：,,日期：2026年11月21日,,"],
)  # fmt: skip
def test_a_line_that_counts_is_no_question_and_is_named(line: str) -> None:
    report = read(line)
    assert [one.row for one in report.ignored] == [3]
    assert "不是试题" in report.ignored[0].words.say()
    assert (report.faults, len(report.items)) == ((), 1)


@pytest.mark.parametrize(
    "line",
    [",合计,,,60,,", ",共60题时每题几分？,1分,2分,A,,政策法规", "判断,合计,,,对,,政策法规",
     ",满分是多少？,60,100,B,,", "单选,合计,,,,,政策法规",
     ",共有,三人,五人,A,,", ",合计为几？,,,,,", "60,,,,,,", ",审核：由谁负责,组长,机构,A,,政策法规",
     "判断,日期：写错可以涂改,,,错,,政策法规"],
)  # fmt: skip
def test_what_could_be_a_question_is_read_or_reported(line: str) -> None:
    report = read(line)
    assert report.ignored == ()
    assert len(report.items) + len({fault.row for fault in report.faults}) == 2
