"""The list of seats as a file: what is written is read back, and what cannot be read says why."""

import io

import pytest
import xlsxwriter

from lms.core.errors import Invalid
from lms.core.speech import in_one_sentence
from lms.exam.policy.rooms import LIST_BYTES_MAX, ListRow
from lms.exam.queries.rooms import Standee
from lms.exam.seat_workbook import read_seats, write_seats


def workbook(*rows: tuple[object, ...]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_what_is_written_is_read_back() -> None:
    people = [Standee("p1", "=安然", "云浦中心", 12), Standee("p2", "白露", "云浦中心", 3)]
    made = write_seats([(people[0], "第 1 考场", 7), (people[1], "", None)])
    assert read_seats(made, "座位表.xlsx") == [
        ListRow(2, "第 1 考场", "7", "0012", "", "=安然"),
        ListRow(3, "", "", "0003", "", "白露"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_table_is_read_in_the_encodings_of_offices(encoding: str) -> None:
    text = "考场,座位号,登录名\r\n第 1 考场,3,139 0000 0001\r\n,,\r\n第 2 考场,4,T-Admin\r\n"
    assert read_seats(text.encode(encoding), "座位.csv") == [
        ListRow(2, "第 1 考场", "3", "", "13900000001", ""),
        ListRow(4, "第 2 考场", "4", "", "t-admin", ""),
    ]


def test_headings_may_stand_lower_and_a_mobile_number_may_be_a_number() -> None:
    made = workbook(
        ("本次考试座位表",), (), ("姓名", "登录名", "座位", "考场"), ("安然", 13900000001, 3, "一")
    )
    assert read_seats(made, "x.xlsx") == [ListRow(4, "一", "3", "", "13900000001", "安然")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"  ", "文件是空的"),
        (b"%PDF-1.7 nothing", "PDF"),
        (b"\xff\xd8\xff\x00\x00\x01", "不是表格"),
        ("考场,座位\n一,1\n".encode(), "没有找到表头"),
        ("考场,座位,姓名\n一,1,安然\n".encode(), "没有找到表头"),
        (b"x" * (LIST_BYTES_MAX + 1), "超过 2 MB"),
        (("考场,座位,考生号\n" + "一,1,1\n" * 2001).encode(), "最多 2000 行"),
        (workbook(("考场", "座位", "考生号"), ("一", "=1+1", "1")), "第 2 行有公式"),
    ],
)
def test_a_file_that_is_no_list_says_why(app: object, data: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_seats(data, "座位表.csv")
    with app.test_request_context():
        assert words in in_one_sentence(refused.value.reasons[0])
