"""The short way through usual rows says exactly what the long way says, and it is short enough."""

import sys
from dataclasses import replace
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.importing import ImportReport, read_questions
from question_bank.importing.usual_rows import UsualRows
from tests.factories.sheets import HEADER, Row, csv, line, xlsx
from tests.factories.workbook import workbook

PIECES = [
    *(
        "甲",
        "乙",
        "丙",
        "甲 ",
        "A",
        "B.乙",
        "A类",
        "3人",
        "90%",
        "",
        " ",
        "<b>",
        "a & b",
        "$x^2$",
        "以上都对",
        "（）",
    ),
    *(
        "(  )",
        "见图",
        "一\n二",
        "\u3000丙",
        "乙\u00a0",
        "\ufffd",
        "１",
        "正确",
        "错误",
        "题|干",
        "甲| 乙",
        "甲" * 501,
    ),
]
STEMS = [*PIECES, "1、题", "2.题", "1949年成立", "由（）负责", "题干", "一、单选题", "题" * 1001]
ANSWERS = [
    "A",
    "B",
    "AB",
    "BA",
    "AA",
    "a",
    " A",
    "E",
    "",
    "甲",
    "正确",
    "√",
    "对",
    "1",
    "0",
    "A,B",
    True,
    1,
    1.0,
    0.5,
]
TYPES = ["单选题", "多选题", "判断题", "填空题", "单选", "简答题", "题型", "", " 单选题", 1]

rows = st.tuples(
    st.sampled_from(TYPES),
    st.sampled_from(STEMS),
    *(st.sampled_from(PIECES) for _ in range(4)),
    st.sampled_from(ANSWERS),
    st.sampled_from(["政策法规", "policy", "考务管理", "", "烹饪"]),
    st.sampled_from(["易", "中", "难", "", "65", 1]),
)
good = st.builds(
    line,
    st.sampled_from(["A", "B", "C", "D"]),
    stem=st.text("甲乙丙丁戊（）0123，。", min_size=1, max_size=8),
    options=st.permutations(["甲", "乙", "丙", "3人"]),
)
HEADERS = st.sampled_from(
    [HEADER, tuple(head if head != "题干" else "题目内容" for head in HEADER), (*HEADER, "")]
)


MOST_CALLS_PER_ROW = 12


def both_ways(data: bytes) -> tuple[ImportReport, ImportReport]:
    short = read_questions(data, "题库", default_area="policy")
    patch = pytest.MonkeyPatch()
    patch.setattr(UsualRows, "read", lambda *_: None)
    long = read_questions(data, "题库", default_area="policy")
    patch.undo()
    return short, long


@given(HEADERS, st.lists(rows | good, max_size=8))
@settings(max_examples=120, deadline=None)
def test_both_ways_lead_to_the_same_report(header: Row, lines: list[Row]) -> None:
    short, long = both_ways(csv(header, *lines).encode())
    assert short == long


@given(st.lists(rows | good, max_size=6))
@settings(max_examples=12, deadline=None)
def test_both_ways_lead_to_the_same_report_from_typed_cells(lines: list[Row]) -> None:
    clean = [
        tuple(cell.replace("\ufffd", "?") if isinstance(cell, str) else cell for cell in one) for one in lines
    ]
    short, long = both_ways(xlsx(HEADER, *clean))
    assert short == long


def test_most_rows_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    read = UsualRows.read
    monkeypatch.setattr(UsualRows, "read", lambda *given: taken.append(read(*given)) or taken[-1])
    read_questions(workbook(300), "题库.xlsx")
    assert len(taken) == 300
    assert None not in taken


def calls(data: bytes) -> int:
    """Count the calls of Python functions while a file is read: what it costs, the same on every machine."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        read_questions(data, "题库.xlsx")
    finally:
        sys.setprofile(before)
    return count


def test_a_row_costs_few_calls_and_each_row_the_same() -> None:
    """The time beside the bare reader's is measured by `script/bench import`."""
    few, some, many = (calls(workbook(count)) for count in (100, 400, 1600))
    first, last = (some - few) / 300, (many - some) / 1200
    assert last < MOST_CALLS_PER_ROW
    assert last == pytest.approx(first, rel=0.05)


def test_the_report_of_a_thousand_rows_has_a_thousand_rows() -> None:
    report = read_questions(workbook(1000), "题库.xlsx")
    assert len(report.items) == 1000
    assert replace(report, items=()).faults == ()
