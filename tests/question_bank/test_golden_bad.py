"""The golden set of bad rows and files: each is refused with a place and a reason, none gives a silent wrong key (D6).

Every row stands between two good ones, which must come in untouched.
"""

from datetime import date

import pytest

from question_bank.importing import ImportReport, read_questions
from tests.factories.documents import typed
from tests.factories.sheets import HEADER, Row, csv, line, xls, xlsx

FIRST, LAST = line("A", stem="第一道好题"), line("D", stem="最后一道好题")

# Name, row, code, and the column of the cell that is named.
ROWS: list[tuple[str, Row, str, str | None]] = [
    ("letter past the options", line("E"), "answer_without_option", "G"),
    ("letter Z", line("Z"), "answer_without_option", "G"),
    ("one good and one lost letter", line("AE", type_="多选题"), "answer_without_option", "G"),
    ("no answer", line(""), "answer_missing", "G"),
    ("blank answer", line(" \u3000"), "answer_missing", "G"),
    ("two answers to a single choice", line("AB"), "answer_not_single", "G"),
    ("one answer to a multiple choice", line("A", type_="多选题"), "answer_not_multiple", "G"),
    ("the same letter twice", line("AAB", type_="多选题"), "answer_unreadable", "G"),
    ("a text that is no option", line("戊"), "answer_unreadable", "G"),
    ("a text that is nearly an option", line("甲。乙"), "answer_unreadable", "G"),
    ("a number whose start is unknown", line("2"), "answer_unreadable", "G"),
    ("a number cell", line(2), "answer_unreadable", "G"),
    ("a fraction", line(0.1), "answer_unreadable", "G"),
    ("a negative number", line("-1"), "answer_unreadable", "G"),
    ("a date", line(date(2009, 5, 1)), "answer_unreadable", "G"),
    ("a logical value for a choice", line(True), "answer_unreadable", "G"),
    ("a question mark", line("？"), "answer_unreadable", "G"),
    ("an answer that says it is missing", line("略"), "answer_unreadable", "G"),
    ("a range", line("A-C", type_="多选题"), "answer_unreadable", "G"),
    ("a letter that is another option's text", line("A", options=("B", "A", "丙", "丁")), "answer_unreadable", "G"),
    ("a judgement answered C", line("C", type_="判断题", options=()), "answer_unreadable", "G"),
    ("a judgement answered 2", line("2", type_="判断题", options=()), "answer_unreadable", "G"),
    ("a judgement answered both", line("对错", type_="判断题", options=()), "answer_unreadable", "G"),
    ("a judgement with four options", line("A", type_="判断题"), "true_false_options", "C"),
    ("a judgement right both ways", line("A", type_="判断题", options=("正确", "对")), "true_false_options", "C"),
    ("a judgement with one option", line("A", type_="判断题", options=("正确",)), "true_false_options", "C"),
    ("an empty option in the middle", line(options=("甲", "", "丙", "丁")), "option_empty", "D"),
    ("an empty first option", line(options=("", "乙", "丙", "丁")), "option_empty", "C"),
    ("two equal options", line(options=("甲", "乙", "乙", "丁")), "option_repeated", "E"),
    ("one option only", line("A", options=("甲",)), "options_too_few", "C"),
    ("labels against the columns", line(options=("B.甲", "A.乙", "C.丙", "D.丁")), "option_label_mismatch", "C"),
    ("an option turned into a date", line(options=(date(2024, 3, 1), "乙", "丙", "丁")), "option_is_date", "C"),
    ("an option of one thousand signs", line(options=("甲" * 1000, "乙", "丙", "丁")), "text_too_long", "C"),
    ("no stem", line(stem=""), "stem_missing", "B"),
    ("a number for a stem", line(stem=131), "stem_not_text", "B"),
    ("a date for a stem", line(stem=date(2024, 3, 1)), "stem_not_text", "B"),
    ("a stem of two thousand signs", line(stem="题" * 2000), "text_too_long", "B"),
    ("a stem that turns its direction round", line(stem="题\u202e干"), "text_control", "B"),
    ("garbled signs in an option", line(options=("锟斤\ufffd拷", "乙", "丙", "丁")), "text_control", "C"),
    ("no type", line(type_=""), "type_missing", "A"),
    ("a type of another bank", line(type_="简答题"), "type_unknown", "A"),
    ("an indefinite choice", line("A", type_="不定项选择题"), "type_unknown", "A"),
    ("a type code without a legend", line(type_="0"), "type_unknown", "A"),
    ("two types in one cell", line(type_="单选题/多选题"), "type_unknown", "A"),
    ("an unknown area", line(area="烹饪"), "area_unknown", "H"),
    ("no area", line(area=""), "area_unknown", "H"),
    ("a difficulty in numbers", line(difficulty="65"), "difficulty_unknown", "I"),
    ("a blank with options", line("甲", type_="填空题"), "fill_in_options", "C"),
    ("a blank without an answer", line("", type_="填空题", options=()), "answer_missing", "G"),
    ("two gaps", line("甲", type_="填空题", stem="____和____", options=()), "blanks_several", "B"),
    ("answers that may be for two gaps", line("甲；乙", type_="填空题", options=()), "answer_unreadable", "G"),
    ("a tolerance that is no number", line("3±少许", type_="填空题", options=()), "answer_unreadable", "G"),
    ("a tolerance below nothing", line("3±-1", type_="填空题", options=()), "answer_unreadable", "G"),
    ("a blank that became a date", line(date(2024, 3, 1), type_="填空题", options=()), "answer_unreadable", "G"),
    ("the same alternative twice", line("三|３|3", type_="填空题", options=()), "blank_repeated", "G"),
]  # fmt: skip


def kept(report: ImportReport) -> list[tuple[str, str]]:
    return [(located.item.stem, "".join(sorted(located.item.answer))) for located in report.items]


@pytest.mark.parametrize(
    ("row", "code", "column"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS]
)
def test_a_bad_row_is_refused_at_its_cell_and_its_neighbours_come_in(
    row: Row, code: str, column: str | None
) -> None:
    report = read_questions(xlsx(HEADER, FIRST, row, LAST), "题库.xlsx")
    assert kept(report) == [("第一道好题", "A"), ("最后一道好题", "D")]
    assert (code, 3, column) in {(fault.code, fault.row, fault.column) for fault in report.faults}
    assert {fault.row for fault in report.faults} == {3}


TEXT_ROWS = [case for case in ROWS if all(isinstance(cell, str) and "\ufffd" not in cell for cell in case[1])]


@pytest.mark.parametrize("row", [case[1] for case in TEXT_ROWS], ids=[case[0] for case in TEXT_ROWS])
def test_what_is_bad_in_a_workbook_is_as_bad_in_an_old_one_and_in_text(row: Row) -> None:
    for data in (csv(HEADER, FIRST, row, LAST).encode("gb18030"), xls(HEADER, FIRST, row, LAST)):
        report = read_questions(data, "题库")
        assert kept(report) == [("第一道好题", "A"), ("最后一道好题", "D")]
        assert {fault.row for fault in report.faults} == {3}


def merged(cells: str) -> bytes:
    return xlsx(HEADER, FIRST, line("B", stem="题二"), LAST, change=lambda sheet: sheet.merge_cells(cells))


CONTRADICTION = xlsx(HEADER, line("A"), line("B"), LAST)
CONTRADICTION_IN_TYPE = xlsx(HEADER, line("A"), line("AB", type_="多选题"), LAST)
CONTRADICTION_IN_ORDER = xlsx(HEADER, line("A"), line("A", options=("乙", "甲", "丙", "丁")), LAST)
NO_ANSWERS = xlsx(HEADER[:6] + HEADER[7:], line()[:6] + line()[7:])
TWO_ANSWERS = xlsx((*HEADER, "正确答案"), (*line("A"), "B"))
TWO_KINDS_OF_OPTIONS = xlsx((*HEADER, "选项"), (*line("A"), "A.子 B.丑"))

# Name, file and code.
FILES: list[tuple[str, bytes, str]] = [
    ("two rows that contradict each other", CONTRADICTION, "duplicate_contradicts"),
    ("a copy of another type with another key", CONTRADICTION_IN_TYPE, "duplicate_contradicts"),
    ("a copy whose options are shuffled but not its letter", CONTRADICTION_IN_ORDER, "duplicate_contradicts"),
    ("a merged answer", merged("G2:G3"), "cells_merged"),
    ("a merged stem", merged("B2:B3"), "cells_merged"),
    ("a merged option", merged("D3:D4"), "cells_merged"),
    ("no column of answers", NO_ANSWERS, "header_no_answer"),
    ("two columns of answers", TWO_ANSWERS, "header_repeated"),
    ("options in columns and in one cell", TWO_KINDS_OF_OPTIONS, "header_options_twice"),
    ("no column of areas", csv(HEADER[:7], line()[:7]).encode(), "header_no_area"),
    ("no headings", csv(line(), line(stem="题二")).encode(), "header_no_answer"),
    ("an unpaired quote", (csv(HEADER, line()) + '"题').encode(), "csv_broken"),
    ("torn UTF-8", csv(HEADER, *[line(stem=f"题{one}") for one in range(20)]).encode().replace(b"\xe9\xa2", b"\xe9", 1),
     "not_a_text"),
    ("a torn workbook", xlsx(HEADER, line())[:-200], "workbook_broken"),
    ("a torn old workbook", xls(HEADER, line())[:1500], "workbook_broken"),
    ("an empty file", b"", "empty_file"),
    ("Aiken with a lost letter", b"Stem\nA. a\nB. b\nANSWER: C\n", "answer_without_option"),
    ("Aiken without an answer", b"Stem\nA. a\nB. b\nANSWER:\n", "answer_missing"),
    ("Aiken that skips a letter", b"Stem\nA. a\nC. c\nANSWER: A\n", "options_unclear"),
    ("GIFT with two right answers", "题{=甲 =乙 ~丙}".encode(), "weights_unclear"),
    ("GIFT without a right answer", "题{~甲 ~乙}".encode(), "weights_unclear"),
    ("GIFT with a wildcard", "题{=甲* =乙}".encode(), "answer_wildcard"),
    ("GIFT with a number that is none", "题{#三}".encode(), "answer_unreadable"),
    ("typed options that skip a letter", typed("1. 题", "A. 甲", "C. 丙", "答案：A"), "option_keys"),
    ("a typed question with two answers", typed("1. 题", "A. 甲", "B. 乙", "答案：A", "答案：B"), "field_repeated"),
    ("a typed number that goes back", typed("5. 步骤：", "1. 先", "A. 甲", "B. 乙", "答案：A"), "number_unclear"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "code"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_bad_file_says_why_and_nothing_doubtful_comes_in(data: bytes, code: str) -> None:
    report = read_questions(data, "题库", default_area=None if code == "header_no_area" else "policy")
    assert code in {fault.code for fault in report.faults}
    assert all(fault.message for fault in report.faults)
    assert {stem for stem, _ in kept(report)} <= {"第一道好题", "最后一道好题"}


def test_the_set_is_large_enough() -> None:
    assert len(ROWS) + len(FILES) >= 60
