"""Quirks of real banks, Q20 to Q47: what people and spreadsheets do to answers, stems and options."""

from datetime import date

import pytest

from question_bank.importing import ImportReport, Profile, read_questions
from question_bank.importing.answers import Numbering
from question_bank.items import Item, ItemType
from question_bank.sampling import refers_to_position
from tests.factories.sheets import HEADER, Row, csv, line, xls, xlsx, xlsx_by

ONE_CELL = ("题型", "题干", "题目选项", "答案", "知识领域", "难度")


def read(*rows: Row, header: Row = HEADER, **more: object) -> ImportReport:
    return read_questions(xlsx(header, *rows), "题库.xlsx", **more)


def item_of(*rows: Row, **more: object) -> Item:
    report = read(*rows, **more)
    assert report.faults == ()
    return report.items[0].item


def answer_of(row: Row, **more: object) -> str:
    return "".join(sorted(item_of(row, **more).answer))


def code_of(row: Row, **more: object) -> tuple[str, int | None, str | None]:
    report = read(row, **more)
    assert report.items == ()
    [fault] = report.faults
    return fault.code, fault.row, fault.column


def one_cell(options: str, answer: str = "A") -> Row:
    return ("单选题", "题干", options, answer, "政策法规", "易")


def texts(item: Item) -> list[str]:
    return [option.text for option in item.options]


@pytest.mark.parametrize("written", ["ABC  ", "  ABC", "ABC\u3000", "ABC\u00a0", "ABC\n"])
def test_q20_spaces_around_an_answer_do_not_count(written: str) -> None:
    assert answer_of(line(written, type_="多选题")) == "ABC"


def test_q21_letters_in_any_order_are_a_set() -> None:
    assert answer_of(line("ADCB", type_="多选题")) == "ABCD"


@pytest.mark.parametrize("written", ["A,B", "A，B", "A、B", "A B", "A;B", "A；B", "A|B", "A/B"])
def test_q22_letters_may_be_separated(written: str) -> None:
    assert answer_of(line(written, type_="多选题")) == "AB"


@pytest.mark.parametrize("written", ["ac", "ＡＣ", "ａｃ", "aC"])
def test_q23_small_and_full_width_letters_are_letters(written: str) -> None:
    assert answer_of(line(written, type_="多选题")) == "AC"


@pytest.mark.parametrize(
    ("written", "options", "meant"),
    [
        ("A", ("正确", "错误"), "A"),
        ("B", ("正确", "不正确"), "B"),
        *(
            (word, (), "A")
            for word in ("对", "是", "√", "✓", "✔", "Ⅴ", "T", "TRUE", True, 1, "1", "Y", "正确。")
        ),
        *(
            (word, (), "B")
            for word in ("错", "否", "×", "✗", "✘", "F", "FALSE", False, 0, "0", "N", "错误。")
        ),
    ],
)
def test_q24_right_and_wrong_are_written_in_many_ways(written: object, options: Row, meant: str) -> None:
    assert answer_of(line(written, type_="判断题", options=options)) == meant


def test_q25_the_text_of_the_option_counts_and_not_its_letter() -> None:
    assert answer_of(line("B", type_="判断题", options=("错误", "正确"))) == "A"
    data = ("判断题", "题", "**A.错误**B.正确", "B", "政策法规", "易")
    assert answer_of(data, header=ONE_CELL) == "A"


def test_q26_a_number_stays_as_typed_in_a_blank_and_is_a_fault_for_a_choice() -> None:
    item = item_of(line(0.1, type_="填空题", stem="比例是____。", options=()))
    assert item.blank is not None
    assert item.blank.texts == ("0.1",)
    assert code_of(line(0.1)) == ("answer_unreadable", 2, "G")


def test_q27_an_answer_that_became_a_date_is_a_fault_that_names_its_cell() -> None:
    report = read(line(date(2009, 5, 1)))
    assert [(fault.code, fault.row, fault.column) for fault in report.faults] == [
        ("answer_unreadable", 2, "G")
    ]
    assert "日期" in report.faults[0].message
    assert code_of(line(date(2009, 5, 1), type_="填空题", stem="____", options=()))[0] == "answer_unreadable"


@pytest.mark.parametrize("written", ["Z", "E", "AZ"])
def test_q28_a_letter_without_an_option_is_a_fault(written: str) -> None:
    assert code_of(line(written, type_="多选题" if len(written) > 1 else "单选题")) == (
        "answer_without_option", 2, "G",
    )  # fmt: skip


def test_q29_a_missing_answer_is_a_fault() -> None:
    assert code_of(line("")) == ("answer_missing", 2, "G")
    assert code_of(line("  "))[0] == "answer_missing"


def test_q30_an_answer_may_be_the_text_of_an_option() -> None:
    assert answer_of(line("丙")) == "C"


def test_q30_a_number_counts_as_the_profile_says_and_is_a_fault_without() -> None:
    assert code_of(line("3")) == ("answer_unreadable", 2, "G")
    assert answer_of(line("3"), profile=Profile(numbering=Numbering.FROM_ONE)) == "C"
    assert answer_of(line(3), profile=Profile(numbering=Numbering.FROM_ZERO)) == "D"


NO_ANSWER = ("题型", "题干", "选项A", "选项B", "选项C", "知识领域")


def in_stem(stem: str) -> Row:
    return ("单选题", stem, "甲", "乙", "丙", "政策法规")


def test_q31_an_answer_in_the_stem_is_taken_only_with_the_switch_on() -> None:
    assert code_of(in_stem("由（ B ）负责。"), header=NO_ANSWER)[0] == "header_no_answer"
    switched = Profile(answers_in_stems=True)
    item = item_of(in_stem("由（ B ）负责。"), header=NO_ANSWER, profile=switched)
    assert (item.stem, item.answer) == ("由（ ）负责。", frozenset("B"))
    with_symbol = item_of(in_stem("噪声不超过85dB(A)，由（C）负责。"), header=NO_ANSWER, profile=switched)
    assert (with_symbol.stem, with_symbol.answer) == ("噪声不超过85dB(A)，由（ ）负责。", frozenset("C"))


@pytest.mark.parametrize(
    ("stem", "code"),
    [
        ("延伸率（A）是（ B ）。", "answer_in_stem_unclear"),
        ("延伸率（A）是（ ）。", "answer_in_stem_unclear"),
        ("噪声不超过85dB(A)。", "answer_missing"),
    ],
)
def test_q31_a_bracket_that_may_be_content_is_never_taken_for_the_answer(stem: str, code: str) -> None:
    assert code_of(in_stem(stem), header=NO_ANSWER, profile=Profile(answers_in_stems=True))[0] == code


def test_q32_answers_on_a_sheet_of_their_own_are_shared_out() -> None:
    header = ("序号", "题型", "题干", "选项A", "选项B", "知识领域")
    rows = [(number, "单选题", f"题{number}", "甲", "乙", "政策法规") for number in range(1, 6)]
    data = xlsx(header, *rows, more={"答案": [("参考答案",), ("1-3 ABA",), ("4-5", "BB")]})
    report = read_questions(data, "题库.xlsx")
    assert report.faults == ()
    assert "".join("".join(located.item.answer) for located in report.items) == "ABABB"


def test_q32_a_number_that_stands_twice_or_has_no_answer_gets_none() -> None:
    header = ("序号", "题型", "题干", "选项A", "选项B", "知识领域")
    rows = [
        (number, "单选题", f"题{number}{place}", "甲", "乙", "政策法规")
        for place, number in enumerate((1, 2, 2, 3))
    ]
    report = read_questions(xlsx(header, *rows, more={"答案": [("1-2 AB",)]}), "题库.xlsx")
    assert len(report.items) == 1
    assert [(fault.code, fault.row, fault.column) for fault in report.faults] == [
        ("answer_missing", row, "A") for row in (3, 4, 5)
    ]


def test_q33_numbers_before_stems_are_taken_off_whatever_stands_behind_them() -> None:
    marks = ["、", ".", "．", "，", ",", "：", ":", " ", "\t", ") "]
    rows = [line(stem=f"{number}{mark}下列第{number}项") for number, mark in enumerate(marks, start=1)]
    stems = [located.item.stem for located in read(*rows).items]
    assert stems == [f"下列第{number}项" for number in range(1, len(marks) + 1)]


@pytest.mark.parametrize(
    "stem", ["1949年成立的是", "3.5kV以下为", "5个工作日内", "12 V电源", "1:100的比例尺"]
)
def test_q33_a_number_that_is_content_stays(stem: str) -> None:
    assert item_of(line(stem=stem), line(stem="另一题")).stem == stem


def test_q34_a_stem_may_begin_with_a_number() -> None:
    rows = [
        line(stem="1、甲题"),
        line(stem="36V以下为安全电压"),
        *(line(stem=f"{one}、题") for one in range(3, 9)),
    ]
    assert [located.item.stem for located in read(*rows).items][1] == "36V以下为安全电压"


@pytest.mark.parametrize("bracket", ["()", "（）", "(  )", "（)", "(\u3000）", "（ ）"])
def test_q35_answer_brackets_are_kept_and_shown_alike(bracket: str) -> None:
    assert item_of(line(stem=f"由{bracket}负责。")).stem == "由（ ）负责。"


def test_q35_an_unbalanced_bracket_stays_as_it_is() -> None:
    assert item_of(line(stem="由（负责。")).stem == "由（负责。"


def test_q36_blanks_of_all_kinds_are_tidied() -> None:
    item = item_of(
        line(stem="\u3000题\t干\u00a0第一行 \n 第二行\n", options=(" 甲\u00a0", "乙\t丙", "丁", "戊"))
    )
    assert item.stem == "题 干 第一行\n第二行"
    assert texts(item)[:2] == ["甲", "乙 丙"]


def test_q37_a_number_is_no_stem() -> None:
    assert code_of(line(stem=131)) == ("stem_not_text", 2, "B")


def test_q38_a_missing_stem_is_a_fault() -> None:
    assert code_of(line(stem="")) == ("stem_missing", 2, "B")


def test_q39_the_same_question_is_stem_and_options_and_the_same_stem_is_a_warning() -> None:
    stem = "以下说法中，错误的是（）。"
    report = read(
        line(stem=stem),
        line(stem=stem, options=("子", "丑", "寅", "卯")),
        line("A", stem=stem, options=("乙", "甲", "丁", "丙")),
    )
    assert len(report.items) == 2
    assert [(one.code, one.row) for one in report.warnings] == [("stem_repeated", 3)]
    assert [(fault.code, fault.row) for fault in report.faults] == [("duplicate", 4)]


def test_q39_copies_that_differ_only_in_spaces_and_contradict_each_other_both_go() -> None:
    report = read(
        line("A", stem="由（ ）负责"), line("B", stem="由 （） 负责", options=("甲 ", "乙", "丙", "丁"))
    )
    assert report.items == ()
    assert [fault.code for fault in report.faults] == ["duplicate_contradicts"]


def test_q40_an_empty_option_is_a_fault() -> None:
    assert code_of(one_cell("**A.甲**B.**C.丙"), header=ONE_CELL) == ("option_empty", 2, "C")
    assert code_of(line(options=("甲", "", "丙", "丁"))) == ("option_empty", 2, "D")


def test_q41_two_options_of_the_same_text_are_a_fault() -> None:
    assert code_of(line(options=("甲", "乙", "泵体损坏", "泵体损坏"))) == ("option_repeated", 2, "F")


def test_q42_an_answer_follows_its_label() -> None:
    item = item_of(one_cell("**A.甲**B.乙**D.丁**C.丙", "D"), header=ONE_CELL)
    assert [option.text for option in item.options if option.key in item.answer] == ["丁"]
    assert [option.key for option in item.options] == list("ABCD")


def test_q42_repeated_labels_are_a_fault() -> None:
    assert code_of(one_cell("**A.甲**B.乙**B.丙"), header=ONE_CELL)[0] == "option_keys"


def test_q43_more_than_four_options_are_accepted_and_more_than_eight_are_not() -> None:
    eight = "".join(f"**{letter}.第{letter}项" for letter in "ABCDEFGH")
    assert len(item_of(one_cell(eight, "H"), header=ONE_CELL).options) == 8
    nine = "".join(f"##第{number}项" for number in range(9))
    assert code_of(one_cell(nine), header=ONE_CELL)[0] == "options_too_many"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("甲", "", "", ""), ["options_too_few"]),
        (("", "", "", ""), ["options_too_few", "answer_without_option"]),
    ],
)
def test_q44_fewer_than_two_options_are_a_fault(options: Row, wanted: list[str]) -> None:
    report = read(line("A", options=options))
    assert ([fault.code for fault in report.faults], report.items) == (wanted, ())


@pytest.mark.parametrize("mark", [".", "．", "、", ":", "：", ")", "）", ""])
def test_q45_labels_go_whatever_stands_behind_them(mark: str) -> None:
    assert texts(item_of(line(options=(f"A{mark}强制性", f"B{mark}推荐性", "", "")))) == ["强制性", "推荐性"]
    assert texts(item_of(one_cell(f"**A{mark}强制性**B{mark}推荐性"), header=ONE_CELL)) == [
        "强制性",
        "推荐性",
    ]


@pytest.mark.parametrize(
    "options", [("维生素A", "维生素B", "", ""), ("A类", "B类", "C类", ""), ("AC380V", "BV线", "", "")]
)
def test_q45_letters_that_are_content_stay(options: Row) -> None:
    assert texts(item_of(line(options=options))) == [text for text in options if text]


def test_q45_a_letter_without_a_mark_is_taken_off_with_a_word_about_it() -> None:
    report = read(line(options=("A强制性", "B推荐性", "", "")))
    assert [(one.code, one.row, one.column) for one in report.warnings] == [
        ("option_letters_removed", 2, "C")
    ]


@pytest.mark.parametrize("text", ["=2+3", "+cmd", "-1", "@SUM(A1)", "0.10%"])
def test_q46_what_looks_like_a_formula_is_text(text: str) -> None:
    report = read_questions(csv(HEADER, line(options=(text, "乙", "丙", "丁"))).encode(), "题库.csv")
    assert texts(report.items[0].item)[0] == text


def test_q46_a_formula_in_a_cell_is_refused_and_never_evaluated() -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("题目")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, line())
        sheet.write_formula(1, 3, "=2+3", None, 5)

    report = read_questions(xlsx_by(write), "题库.xlsx")
    assert report.items == ()
    assert [(fault.code, fault.row, fault.column) for fault in report.faults] == [("cell_is_formula", 2, "D")]


def test_q46_a_number_format_that_may_hide_signs_is_pointed_out() -> None:
    report = read(line(options=(0.001, "乙", "丙", "丁")))
    assert [(one.code, one.column) for one in report.warnings] == [("option_is_number", "C")]


@pytest.mark.parametrize("last", ["以上都对", "A和B", "以上皆是", "上述说法都不对", "选项A、B"])
def test_q47_options_that_speak_of_places_are_never_shuffled(last: str) -> None:
    assert refers_to_position(item_of(line(options=("甲", "乙", "丙", last))))


def test_old_workbooks_say_the_same() -> None:
    """The same rows in .xls, which another part of the reader takes."""
    rows = [line("ADCB", type_="多选题"), line(True, type_="判断题", stem="题二", options=()), line("Z", stem="题三"),
            line(131, stem="题四"), line(stem=131)]  # fmt: skip
    report = read_questions(xls(HEADER, *rows), "题库.xls")
    assert [located.item.type for located in report.items] == [ItemType.MULTIPLE, ItemType.TRUE_FALSE]
    assert [(fault.code, fault.row, fault.column) for fault in report.faults] == [
        ("answer_without_option", 4, "G"),
        ("answer_unreadable", 5, "G"),
        ("stem_not_text", 6, "B"),
    ]
