"""Quirks of real banks, Q01 to Q19: where things stand, and what kind of question it is. Each file is a real one."""

import re
from pathlib import Path

import pytest

from question_bank.importing import ImportReport, Profile, profile_from_json, read_questions
from question_bank.items import ItemType
from tests.factories.sheets import HEADER, csv, line, xls, xlsx

ONE_CELL = ("题型", "题干", "题目选项(选项之间用##隔开)", "答案", "知识领域", "难度")


def read(data: bytes | str, name: str = "题库.xlsx", **more: object) -> ImportReport:
    return read_questions(data.encode() if isinstance(data, str) else data, name, **more)


def answers(report: ImportReport) -> list[str]:
    return ["".join(sorted(located.item.answer)) for located in report.items]


def texts(report: ImportReport, place: int = 0) -> list[str]:
    return [option.text for option in report.items[place].item.options]


def codes(report: ImportReport) -> list[tuple[str, int | None, str | None]]:
    return [(fault.code, fault.row, fault.column) for fault in report.faults]


def in_one_cell(options: str, answer: str = "A", type_: str = "单选题") -> ImportReport:
    return read(xlsx(ONE_CELL, (type_, "题干（ ）", options, answer, "政策法规", "易")))


@pytest.mark.parametrize(
    "header",
    [
        ("试题类型(判断题、单选题、多选题)", "题目内容", "A", "B", "题目答案", "知识点名称"),
        ("试题类型", "试题", "选项A（必填）", "选项B（必填）", "正确选项（必填）", "章节"),
        ("问题类型", "问题描述", "选项一", "选项二", "正确答案", "所属模块"),
        ("type", "content", "option_a", "option_b", "answer", "area"),
    ],
)
def test_q01_headings_go_by_many_names(header: tuple[str, ...]) -> None:
    assert answers(read(xls(header, ("单选题", "题", "甲", "乙", "B", "政策法规")), "题库.xls")) == ["B"]


def test_q01_headings_that_nobody_knows_are_mapped_by_a_saved_profile() -> None:
    data = xlsx(("类", "Q", "甲项", "乙项", "T", "K"), ("单选题", "题", "甲", "乙", "B", "政策法规"))
    assert codes(read(data)) == [("no_heading", None, None)]
    columns = {"类": "type", "Q": "stem", "甲项": "option:A", "乙项": "option:B", "T": "answer", "K": "area"}
    saved = profile_from_json(profile_from_json({"columns": columns}).to_json())
    assert answers(read(data, profile=saved)) == ["B"]
    with pytest.raises(ValueError, match="cooking"):
        profile_from_json({"columns": {"Q": "cooking"}})


@pytest.mark.parametrize(
    "options", ["**A.甲**B.乙**C.丙", "A.甲**B.乙**C.丙", "##A.甲##B.乙##C.丙", "A.甲##B.乙##C.丙"]
)
def test_q02_options_in_one_cell_are_split_and_their_labels_stripped(options: str) -> None:
    assert texts(in_one_cell(options)) == ["甲", "乙", "丙"]


def test_q03_the_data_say_the_separator_and_not_the_heading() -> None:
    assert texts(in_one_cell("**A.甲**B.乙")) == ["甲", "乙"]


@pytest.mark.parametrize(
    "options",
    ["A、甲 B、乙C、丙", "A、甲\u00a0B、乙\u00a0C、丙", "A、甲\nB、乙\nC、丙", "A、甲    B、乙  C、丙"],
)
def test_q04_options_split_only_by_blanks_are_split_at_their_labels(options: str) -> None:
    assert texts(in_one_cell(options)) == ["甲", "乙", "丙"]


def test_q04_without_labels_there_is_a_fault_and_never_one_giant_option() -> None:
    assert codes(in_one_cell("甲   乙   丙")) == [("options_unclear", 2, "C")]


def test_q05_mixed_separators_are_reported() -> None:
    assert codes(in_one_cell("**A、甲B、乙 C丙D、丁")) == [("options_unclear", 2, "C")]


def test_q06_no_stray_star_stays_in_an_option() -> None:
    assert texts(in_one_cell("**A:甲***B:乙")) == ["甲", "乙"]


def test_q07_a_flag_beside_each_option_makes_the_answer() -> None:
    header = ("试题类型", "题干", "选项一内容", "选项一是否正确", "选项二内容", "选项二是否正确", "知识领域")
    good, bad = (
        ("单选题", "题一", "甲", 0, "乙", 1, "政策法规"),
        ("单选题", "题二", "甲", "", "乙", 1, "政策法规"),
    )
    report = read(xlsx(header, good, bad))
    assert answers(report) == ["B"]
    assert codes(report) == [("flag_missing", 3, "D")]


OPTION_ROWS = ("题目序号", "题型", "题干", "选项内容", "是否正确项", "知识领域")


def test_q08_one_option_on_each_row_is_brought_together_by_number() -> None:
    report = read(
        xlsx(
            OPTION_ROWS,
            (1, "单选题", "题一", "甲", "否", "政策法规"),
            ("", "", "", "乙", "是", ""),
            ("", "", "", "丙", "否", ""),
            (2, "多选题", "题二", "甲", "是", "考务管理"),
            (2, "", "", "乙", "否", ""),
            (2, "", "", "丙", "是", ""),
            (3, "单选题", "题三", "甲", "", "政策法规"),
            ("", "", "", "乙", "是", ""),
        )
    )
    assert answers(report) == ["B", "AC"]
    assert [located.row for located in report.items] == [2, 5]
    assert codes(report) == [("flag_missing", 8, "E")]


def test_q08_merged_numbers_and_stems_are_filled_down() -> None:
    rows = [
        (1, "单选题", "题一", "甲", 0, "政策法规"),
        ("", "", "", "乙", 1, ""),
        (2, "单选题", "题二", "甲", 1, "政策法规"),
        ("", "", "", "乙", 0, ""),
    ]

    def merge(sheet: object) -> None:
        for column in "ABCF":
            for top in (2, 4):
                sheet.merge_cells(f"{column}{top}:{column}{top + 1}")

    assert answers(read(xlsx(OPTION_ROWS, *rows, change=merge))) == ["B", "A"]


def test_q08_more_than_eight_options_are_too_many() -> None:
    rows = [
        (1, "单选题", "题", "甲", 1, "政策法规"),
        *(("", "", "", f"项{number}", 0, "") for number in range(8)),
    ]
    assert codes(read(xlsx(OPTION_ROWS, *rows))) == [("options_too_many", 2, "D")]


def test_q09_number_codes_of_types_come_from_the_heading_or_the_profile() -> None:
    row = line("AB", type_=2)
    legend = ("题型（0单选、1判断、2多选）", *HEADER[1:])
    assert read(xlsx(legend, row)).items[0].item.type is ItemType.MULTIPLE
    assert codes(read(xlsx(HEADER, row))) == [("type_unknown", 2, "A")]
    mapped = read(xlsx(HEADER, row, line(type_=7)), profile=profile_from_json({"types": {"2": "multiple"}}))
    assert mapped.items[0].item.type is ItemType.MULTIPLE
    assert codes(mapped) == [("type_unknown", 3, "A")]


def test_q10_the_sheet_says_the_type() -> None:
    report = read(xlsx(HEADER[1:], line("AC")[1:], name="多选题"))
    assert [located.item.type for located in report.items] == [ItemType.MULTIPLE]


def test_q11_the_table_may_start_anywhere() -> None:
    report = read(
        xlsx((), ("", "考评员题库"), (), ("", *HEADER), ("", *line("C")), ("", *line("E", stem="题二")))
    )
    assert answers(report) == ["C"]
    assert codes(report) == [("answer_without_option", 6, "H")]


def test_q12_sheets_are_listed_and_only_the_chosen_ones_are_read() -> None:
    data = xlsx(
        HEADER, line(), name="甲", more={"乙": [HEADER, line(stem="题二")], "备注": [("说明",)], "空": []}
    )
    report = read(data)
    assert report.sheets == ("甲", "乙", "备注", "空")
    assert [(one.sheet, one.reason.say()) for one in report.ignored] == [
        ("备注", "没有找到含“题干”和“答案”的表头"),
        ("空", "空工作表"),
    ]
    chosen = read(data, profile=Profile(sheets=("乙",)))
    assert [located.sheet for located in chosen.items] == ["乙"]
    assert ("甲", "没有选中的工作表") in {(one.sheet, one.reason.say()) for one in chosen.ignored}


def test_q13_text_beyond_the_headings_is_named_with_its_cell() -> None:
    report = read(xlsx(HEADER, (*line(), "", "B．电接点水位表")))
    assert [(one.code, one.row, one.column) for one in report.warnings] == [("outside_heading", 2, "K")]


def test_q14_blank_rows_are_passed_and_rows_keep_their_numbers() -> None:
    report = read(xlsx(HEADER, line(), (), ("", " ", ""), line("Z", stem="题二")))
    assert codes(report) == [("answer_without_option", 5, "G")]


def test_q15_merged_areas_are_filled_down() -> None:
    rows = [line(stem=f"题{number}", area="" if number else "政策法规") for number in range(3)]
    report = read(xlsx(HEADER, *rows, change=lambda sheet: sheet.merge_cells("H2:H4")))
    assert [located.item.area for located in report.items] == ["policy"] * 3


def test_q15_merged_section_titles_are_no_questions() -> None:
    data = xlsx(
        HEADER, ("一、单选题", *[""] * 8), line(type_=""), change=lambda sheet: sheet.merge_cells("A2:I2")
    )
    report = read(data)
    assert answers(report) == ["B"]
    assert [one.row for one in report.ignored] == [2]


def test_q16_titles_and_repeated_headings_are_no_questions() -> None:
    rows = [
        ("一、单项选择题（每题1分）",),
        line(type_=""),
        HEADER,
        ("二、判断题",),
        line("×", type_="", stem="题二", options=()),
        ("三、简答题",),
        line("略", type_="", stem="题三", options=()),
    ]
    report = read(xlsx(HEADER, *rows))
    assert [located.item.type for located in report.items] == [ItemType.SINGLE, ItemType.TRUE_FALSE]
    assert [one.row for one in report.ignored] == [2, 4, 5, 7]
    assert codes(report) == [("type_unknown", 8, "A")]


@pytest.mark.parametrize(
    ("word", "type_"),
    [(word, ItemType.TRUE_FALSE) for word in ("判断题", "是非题", "判断", "正误题")]
    + [(word, ItemType.SINGLE) for word in ("单选题", "单项选择题", "单选")]
    + [(word, ItemType.MULTIPLE) for word in ("多选题", "多项选择题", "多选")],
)
def test_q17_types_go_by_many_names(word: str, type_: ItemType) -> None:
    answer = {ItemType.TRUE_FALSE: "对", ItemType.SINGLE: "A", ItemType.MULTIPLE: "AB"}[type_]
    options = () if type_ is ItemType.TRUE_FALSE else ("甲", "乙")
    assert read(xlsx(HEADER, line(answer, type_=word, options=options))).items[0].item.type is type_


def test_q17_an_indefinite_choice_is_no_type_of_this_bank() -> None:
    assert codes(read(xlsx(HEADER, line("AB", type_="不定项选择题")))) == [("type_unknown", 2, "A")]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (line("A", type_="判断题"), "true_false_options", "C"),
        (line("AB"), "answer_not_single", "G"),
        (line("A", type_="多选题"), "answer_not_multiple", "G"),
    ],
)
def test_q18_a_type_that_disagrees_with_the_answer_is_a_fault(
    row: tuple[object, ...], code: str, column: str
) -> None:
    assert codes(read(xlsx(HEADER, row))) == [(code, 2, column)]


def test_q18_by_setting_it_is_a_warning() -> None:
    report = read(xlsx(HEADER, line("AB")), profile=Profile(mismatch_warns=True))
    assert report.items[0].item.type is ItemType.MULTIPLE
    assert [(one.code, one.row, one.column) for one in report.warnings] == [("type_mismatch", 2, "A")]


def test_q19_types_that_the_bank_lacks_are_counted_and_the_rest_comes_in() -> None:
    rows = [
        line(),
        line("15%", type_="数字类选择题"),
        line("20%", type_="数字类选择题"),
        line("略", type_="简答题"),
    ]
    report = read(csv(HEADER, *rows), "题库.csv")
    assert answers(report) == ["B"]
    assert report.unsupported == {"数字类选择题": 2, "简答题": 1}


def test_every_quirk_has_its_story() -> None:
    told = set()
    for path in Path(__file__).parent.glob("test_quirks_*.py"):
        told |= set(re.findall(r"def test_q(\d\d)_", path.read_text(encoding="utf-8")))
    assert told == {f"{number:02d}" for number in range(1, 63)}
