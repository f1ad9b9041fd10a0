"""Reading spreadsheets: what people really write, and never a silently wrong key."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from question_bank.exporting.xlsx import write_items
from question_bank.importing import BYTES_MAX, ImportReport, read_questions
from question_bank.items import Difficulty, ItemType
from tests.factories.questions import multiple, single, true_false

COLUMNS = "题型,题干,选项A,选项B,选项C,选项D,答案,知识领域,难度"


def read(*lines: str, header: str = COLUMNS, encoding: str = "utf-8", **defaults: str) -> ImportReport:
    return read_questions("\n".join([header, *lines]).encode(encoding), "题库.csv", **defaults)


def answer_of(line: str, header: str = COLUMNS) -> str:
    report = read(line, header=header)
    assert report.faults == ()
    [located] = report.items
    return "".join(sorted(located.item.answer))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("B", "B"),
        (" b ", "B"),
        ("Ｂ", "B"),
        ("ｂ", "B"),
        ("B。", "B"),
        ("（B）", "B"),
        ("乙", "B"),
    ],
)
def test_single_answers_as_people_write_them(written: str, meant: str) -> None:
    assert answer_of(f"单选题,题,甲,乙,丙,丁,{written},政策法规,易") == meant


@pytest.mark.parametrize(
    "written", ["AC", "CA", '"A,C"', "A，C", "A、C", "A C", "A;C", "A；C", "A|C", "A/C", "ａｃ", "A和C"]
)
def test_multiple_answers_as_people_write_them(written: str) -> None:
    assert answer_of(f"多选题,题,甲,乙,丙,丁,{written},政策法规,易") == "AC"


@pytest.mark.parametrize("written", "正确 对 是 √ ✓ ✔ Ⅴ T TRUE true 1 Y A 正确。".split(" "))
def test_right_is_written_in_many_ways(written: str) -> None:
    assert answer_of(f"判断题,题,,,,,{written},政策法规,易") == "A"


@pytest.mark.parametrize("written", "错误 错 否 × ✗ ✘ X F FALSE false 0 N B 不正确 不对".split(" "))
def test_wrong_is_written_in_many_ways(written: str) -> None:
    assert answer_of(f"判断题,题,,,,,{written},政策法规,易") == "B"


def test_a_judgement_whose_options_stand_the_other_way_round_keeps_its_meaning() -> None:
    assert answer_of("是非题,题,错误,正确,,,B,政策法规,易") == "A"
    assert answer_of("是非题,题,错误,正确,,,正确,政策法规,易") == "A"
    assert answer_of("是非题,题,正确,不正确,,,B,政策法规,易") == "B"


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("单选题,题,甲,乙,丙,丁,E,政策法规,易", "answer_without_option", "G"),
        ("单选题,题,甲,乙,丙,丁,Z,政策法规,易", "answer_without_option", "G"),
        ("单选题,题,甲,乙,丙,丁,,政策法规,易", "answer_missing", "G"),
        ("单选题,题,甲,乙,丙,丁,AB,政策法规,易", "answer_not_single", "G"),
        ("多选题,题,甲,乙,丙,丁,A,政策法规,易", "answer_not_multiple", "G"),
        ("多选题,题,甲,乙,丙,丁,AAB,政策法规,易", "answer_unreadable", "G"),
        ("单选题,题,甲,乙,丙,丁,戊,政策法规,易", "answer_unreadable", "G"),
        ("单选题,题,甲,乙,丙,丁,2,政策法规,易", "answer_unreadable", "G"),
        ("单选题,题,甲,乙,丙,丁,0.1,政策法规,易", "answer_unreadable", "G"),
        ("单选题,题,B,A,丙,丁,A,政策法规,易", "answer_unreadable", "G"),
        ("判断题,题,,,,,C,政策法规,易", "answer_unreadable", "G"),
        ("判断题,题,,,,,2,政策法规,易", "answer_unreadable", "G"),
        ("判断题,题,甲,乙,丙,丁,A,政策法规,易", "true_false_options", "C"),
        ("判断题,题,正确,正确,,,A,政策法规,易", "true_false_options", "C"),
        ("单选题,题,甲,,丙,丁,A,政策法规,易", "option_empty", "D"),
        ("单选题,题,甲,甲,丙,丁,A,政策法规,易", "option_repeated", "D"),
        ("单选题,题,甲,,,,A,政策法规,易", "options_too_few", "C"),
        ("单选题,题,B.甲,A.乙,C.丙,,A,政策法规,易", "option_label_mismatch", "C"),
        ("单选题,,甲,乙,丙,丁,A,政策法规,易", "stem_missing", "B"),
        ("简答题,题,甲,乙,丙,丁,A,政策法规,易", "type_unknown", "A"),
        ("填空题,题,甲,乙,丙,丁,A,政策法规,易", "fill_in_options", "C"),
        ("填空题,____和____,,,,,甲,政策法规,易", "blanks_several", "B"),
        ("填空题,题____,,,,,甲；乙,政策法规,易", "answer_unreadable", "G"),
        ("填空题,题____,,,,,3±x,政策法规,易", "answer_unreadable", "G"),
        (",题,甲,乙,丙,丁,A,政策法规,易", "type_missing", "A"),
        ("单选题,题,甲,乙,丙,丁,A,烹饪,易", "area_unknown", "H"),
        ("单选题,题,甲,乙,丙,丁,A,,易", "area_unknown", "H"),
        ("单选题,题,甲,乙,丙,丁,A,政策法规,65", "difficulty_unknown", "I"),
        ("单选题,题\u202e,甲,乙,丙,丁,A,政策法规,易", "text_control", "B"),
    ],
)
def test_a_bad_row_is_refused_with_its_cell(line: str, code: str, column: str) -> None:
    report = read("单选题,好题,甲,乙,丙,丁,A,政策法规,易", line)
    assert [located.item.stem for located in report.items] == ["好题"]
    [fault] = report.faults
    assert (fault.code, fault.row, fault.column) == (code, 3, column)
    assert fault.message.startswith(f"第 3 行 {column} 列：")


ONE_CELL = "题型,题干,题目选项(用##隔开),答案,知识领域,难度"


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ("**A.甲**B.乙**C.丙", "甲乙丙"),
        ("A.甲**B.乙**C.丙", "甲乙丙"),
        ("A．甲##B．乙##C．丙", "甲乙丙"),
        ("甲##乙##丙", "甲乙丙"),
        ("A、甲 B、乙C、丙", "甲乙丙"),
        ("A.甲；B.乙；C.丙", "甲乙丙"),
        ('"A.甲\nB.乙\nC.丙"', "甲乙丙"),
        ("**A:甲***B:乙", "甲乙"),
        ("**A强制性**B推荐性", None),
        ("(A)甲|(B)乙|(C)丙", "甲乙丙"),
    ],
)
def test_options_in_one_cell_are_split_by_what_the_cell_holds(options: str, texts: str | None) -> None:
    report = read(f"单选题,题,{options},A,政策法规,易", header=ONE_CELL)
    assert report.faults == ()
    found = [option.text for option in report.items[0].item.options]
    assert found == (list(texts) if texts else ["强制性", "推荐性"])


@pytest.mark.parametrize(
    "options",
    [
        "**A、甲B、乙 C丙D、丁",
        "只有一个很长的选项",
        "**A.甲**B.乙**D.丁",
        "**A.甲**B.乙**B.丙",
        "含维生素A、维生素B",
        "**A.甲**B.**C.丙",
    ],
)
def test_one_cell_that_cannot_be_split_safely_is_a_fault(options: str) -> None:
    report = read(f"单选题,题,{options},A,政策法规,易", header=ONE_CELL)
    assert report.items == ()
    assert [fault.column for fault in report.faults] == ["C"]


def test_letters_in_another_order_carry_the_answer_along() -> None:
    report = read("单选题,题,**A.甲**B.乙**D.丁**C.丙,D,政策法规,易", header=ONE_CELL)
    item = report.items[0].item
    assert [option.text for option in item.options if option.key in item.answer] == ["丁"]


def test_columns_may_stand_in_any_order_under_other_names() -> None:
    report = read(
        "易,B,甲,乙,以下正确的是,单项选择题,policy",
        header="题目难度,正确选项（必填）,A,B,题目内容,试题类型,知识点",
    )
    item = report.items[0].item
    assert (item.type, item.difficulty, item.area) == (ItemType.SINGLE, Difficulty.EASY, "policy")


def test_numbers_count_from_one_when_the_sheet_proves_it_and_from_zero_likewise() -> None:
    rows = "单选题,题{0},甲{0},乙,丙,丁,{1},政策法规,易"
    one = read(rows.format(1, 4), rows.format(2, 2))
    assert ["".join(located.item.answer) for located in one.items] == ["D", "B"]
    zero = read(rows.format(1, 0), rows.format(2, 2))
    assert ["".join(located.item.answer) for located in zero.items] == ["A", "C"]
    both = read(rows.format(1, 0), rows.format(2, 4))
    assert both.items == ()
    assert len(both.faults) == 2


def test_a_legend_in_the_heading_explains_number_types() -> None:
    report = read(
        "2,题,甲,乙,AB,政策法规", header="题型（0单选、1判断、2多选）,题干,选项A,选项B,答案,知识领域"
    )
    assert report.items[0].item.type is ItemType.MULTIPLE


def test_flags_beside_each_option_make_the_answer() -> None:
    header = "题型,题干,选项一内容,选项一是否正确,选项二内容,选项二是否正确,知识领域"
    assert answer_of("单选题,题,甲,0,乙,1,政策法规", header) == "B"
    [fault] = read("单选题,题,甲,,乙,1,政策法规", header=header).faults
    assert (fault.code, fault.column) == ("flag_missing", "D")


def test_titles_above_blank_rows_and_section_lines_are_no_questions() -> None:
    text = "\n".join(
        [
            ",考评员题库,,,,,,,",
            f",{COLUMNS}",
            ",一、单项选择题（每题1分）,,,,,,,,",
            ",,题甲,一,二,三,四,A,政策法规,易",
            "",
            ",二、判断题,,,,,,,,",
            ",,题乙,,,,,错,政策法规,易",
            f",{COLUMNS}",
            ",,题丙,,,,,错,政策法规,易",
        ]
    )
    report = read_questions(text.encode("gb18030"), "题库.csv")
    assert report.faults == ()
    assert [(located.item.stem, located.row) for located in report.items] == [
        ("题甲", 4),
        ("题乙", 7),
        ("题丙", 9),
    ]
    assert [ignored.row for ignored in report.ignored] == [3, 6, 8]


def test_running_numbers_are_taken_off_but_content_numbers_stay() -> None:
    row = "判断题,{},,,,,对,政策法规,易"
    numbered = read(row.format("1、36V以下是安全电压"), row.format("2.三人以上"), row.format("3） 每次换人"))
    assert [located.item.stem for located in numbered.items] == ["36V以下是安全电压", "三人以上", "每次换人"]
    plain = read(row.format("36V以下是安全电压"), row.format("1.5米以内"), row.format("1949年成立"))
    assert [located.item.stem[:2] for located in plain.items] == ["36", "1.", "19"]


def test_the_same_question_twice_is_named_with_both_rows() -> None:
    row = "单选题,题,甲,乙,丙,丁,{},政策法规,易"
    twice = read(row.format("A"), row.format("A"))
    assert len(twice.items) == 1
    assert "第 3 行" in twice.faults[0].message
    assert "第 2 行" in twice.faults[0].message
    contradicting = read(row.format("A"), row.format("B"))
    assert contradicting.items == ()
    assert contradicting.faults[0].code == "duplicate_contradicts"


def test_the_same_stem_with_other_options_is_only_a_warning() -> None:
    report = read("单选题,错误的是,甲,乙,,,A,政策法规,易", "单选题,错误的是,丙,丁,,,A,政策法规,易")
    assert (len(report.items), report.faults) == (2, ())
    assert [warning.code for warning in report.warnings] == ["stem_repeated"]


def test_text_outside_the_headed_columns_is_not_dropped_in_silence() -> None:
    report = read("单选题,题,甲,乙,丙,丁,A,政策法规,易,E.戊")
    assert [(warning.code, warning.column) for warning in report.warnings] == [("outside_heading", "J")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_files_in_the_usual_encodings_and_separators(encoding: str, delimiter: str) -> None:
    text = f"{COLUMNS}\r\n单选题,“题”,甲,乙,丙,丁,A,政策法规,易\r\n".replace(",", delimiter)
    report = read_questions(text.encode(encoding), "题库.csv")
    assert [located.item.stem for located in report.items] == ["“题”"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"  \n", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "workbook_broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_text"),
        (b"<html><table></table></html>", "not_a_table"),
        ("题干和答案".encode(), "no_heading"),
        ('题干,答案,知识领域\n"没有结束的引号'.encode(), "csv_broken"),
        (("题干,答案\n" + "," * 100).encode(), "too_many_columns"),
        (b"a" * (BYTES_MAX + 1), "too_large"),
        (("题干,答案\n" * 100_101).encode(), "too_many_rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_one_clear_fault(data: bytes, code: str) -> None:
    report = read_questions(data, "题库.xlsx")
    assert [fault.code for fault in report.faults] == [code]
    assert report.items == ()


def test_headings_that_leave_doubt_stop_the_sheet() -> None:
    assert [fault.code for fault in read("题,甲", header="题干,选项A,知识领域").faults] == [
        "header_no_answer"
    ]
    assert [fault.code for fault in read("题,甲,乙", header="题干,答案,正确答案,知识领域").faults] == [
        "header_repeated"
    ]
    assert [fault.code for fault in read("题,甲", header="题干,答案").faults] == ["header_no_area"]


def test_defaults_stand_in_for_missing_columns() -> None:
    report = read("判断题,题,对", header="题型,题干,答案", default_area="policy")
    assert (report.items[0].item.area, report.items[0].item.difficulty) == ("policy", Difficulty.MEDIUM)
    assert [warning.code for warning in report.warnings] == ["no_difficulty"]


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: f"{COLUMNS}\n{text}".encode("utf-8", "replace"))
)
@settings(max_examples=200)
def test_no_content_whatever_makes_the_reader_fail(data: bytes) -> None:
    report = read_questions(data, "任意.csv")
    assert report.items or report.faults or report.ignored or report.warnings or data.strip()


@given(st.binary(min_size=1, max_size=40), st.integers(min_value=0))
@example(b"\x009", 660411)
@settings(max_examples=100, deadline=None)
def test_a_damaged_workbook_never_makes_the_reader_fail_or_changes_a_key(patch: bytes, place: int) -> None:
    items = [single(), multiple(), true_false()]
    data = bytearray(write_items(items))
    start = place % len(data)
    data[start : start + len(patch)] = patch
    for located in read_questions(bytes(data), "题库.xlsx").items:
        assert located.item in items
