"""Word documents and typed text: what people type between questions, and what Word counts for them."""

import io

import docx
import pytest
from docx.shared import RGBColor

from question_bank.importing import ImportReport, read_questions
from question_bank.items import Item, ItemType
from question_bank.passage import formulas, pictures
from tests.factories.documents import counted, dot, formula, level, number_by_itself, saved, typed

SINGLE = ("1. 考评小组一般不少于（ ）人。", "A. 两", "B. 三", "C. 五", "【答案】B", "【解析】见规程。")


def read(*lines: str, area: str | None = "policy") -> ImportReport:
    return read_questions(typed(*lines), "题库.docx", default_area=area)


def item_of(*lines: str) -> Item:
    report = read(*lines)
    assert report.faults == ()
    [located] = report.items
    return located.item


def texts(item: Item) -> list[str]:
    return [option.text for option in item.options]


def test_a_question_as_people_type_it() -> None:
    item = item_of(*SINGLE)
    assert (item.type, item.stem, texts(item)) == (
        ItemType.SINGLE,
        "考评小组一般不少于（ ）人。",
        ["两", "三", "五"],
    )
    assert (item.answer, item.explanation) == (frozenset("B"), "见规程。")


@pytest.mark.parametrize(
    "options",
    [
        ("A．两", "B．三", "C．五"),
        ("A、两", "B、三", "C、五"),
        ("(A) 两", "(B) 三", "(C) 五"),
        ("Ａ.两", "Ｂ.三", "Ｃ.五"),
        ("A. 两  B. 三  C. 五",),
        ("A. 两\tB. 三", "C. 五"),
        ("A.两B.三C.五",),
    ],
)
def test_options_stand_on_lines_of_their_own_or_together(options: tuple[str, ...]) -> None:
    assert texts(item_of("1、题干是（ ）", *options, "答案：B")) == ["两", "三", "五"]


def test_options_may_stand_behind_the_stem() -> None:
    item = item_of("1. 题干是（ ） A. 两 B. 三 C. 五", "答案：B")
    assert (item.stem, texts(item)) == ("题干是（ ）", ["两", "三", "五"])


def test_titles_say_the_type_and_fields_say_the_rest() -> None:
    report = read(
        "考评员题库",
        "一、单项选择题（每题1分）",
        *SINGLE,
        "二、多项选择题",
        "1．应当回避的有（ ）",
        "A．亲属",
        "B．师生",
        "C．路人",
        "正确答案：A、B",
        "【难度】难",
        "【知识点】考务管理",
        "【依据】N3 E6",
        "三、判断题",
        "1. 90分为合格。",
        "【答案】正确",
        "四、填空题",
        "1. 考评小组一般不少于____人。",
        "【答案】三|3",
    )
    assert report.faults == ()
    items = [located.item for located in report.items]
    assert [item.type for item in items] == list(ItemType)
    assert (items[1].area, items[1].difficulty.value, items[1].source) == ("administration", "hard", "N3 E6")
    assert items[3].blank is not None
    assert items[3].blank.texts == ("三", "3")
    assert [ignored.row for ignored in report.ignored] == [1, 2, 9, 18, 21]


def test_a_page_of_answers_is_shared_out_by_section_and_number() -> None:
    report = read(
        "一、单选题",
        *("1. 甲题", "A. 一", "B. 二", "2. 乙题", "A. 一", "B. 二", "3. 丙题", "A. 一", "B. 二"),
        "二、判断题",
        *("1. 丁题", "2. 戊题"),
        "参考答案",
        "一、单选题",
        "1-3 ABA",
        "二、判断题",
        "1-2 √×",
    )
    assert report.faults == ()
    assert ["".join(located.item.answer) for located in report.items] == ["A", "B", "A", "A", "B"]


def test_a_page_of_answers_that_could_belong_to_two_questions_gives_none() -> None:
    lines = ("1. 甲题", "A. 一", "B. 二")
    report = read("一、单选题", *lines, "二、多选题", *lines, "参考答案", "1. A")
    assert report.items == ()
    assert {fault.code for fault in report.faults} == {"number_unclear"}


@pytest.mark.parametrize(
    ("lines", "code", "row"),
    [
        (("1. 题干", "A. 甲", "B. 乙"), "answer_missing", 1),
        (("1. 题干", "A. 甲", "B. 乙", "答案：C"), "answer_without_option", 1),
        (("1. 题干", "A. 甲", "B. 乙", "D. 丁", "答案：A"), "option_keys", 1),
        (("1. 题干", "A. 甲", "B. 乙", "A. 丙", "答案：A"), "option_keys", 1),
        (("1. 题干", "A. 甲", "B. 甲", "答案：A"), "option_repeated", 1),
        (("1. 题干", "A. 甲", "答案：A"), "options_unclear", 1),
        (("1. 题干", "A. 甲", "B. 乙", "答案：A", "答案：B"), "field_repeated", 1),
        (("一、单选题", "1. 题干", "A. 甲", "B. 乙", "答案：AB"), "answer_not_single", 2),
        (("1. 题干没有空", "答案：三人"), "type_missing", 1),
        (("【简答题】说明回避制度。", "答案：略"), "type_unknown", 1),
        (("一、填空题", "二、简答题", "1. 说明____制度。", "答案：略"), "type_unknown", 3),
        (("1. 题干", "【题型】简答题", "答案：略"), "type_unknown", 1),
        (("1. 题干", "A. 甲", "B. 乙", "答案：A", "【知识点】烹饪"), "area_unknown", 1),
        (("1. 题干", "A. 甲", "B. 乙", "答案：A", "【难度】65"), "difficulty_unknown", 1),
        (("1. ____和____", "【题型】填空题", "答案：甲|乙"), "blanks_several", 1),
        (("5. 步骤有：", "1. 先甲后乙", "A. 甲", "B. 乙", "答案：A"), "number_unclear", 1),
    ],
)
def test_what_is_not_whole_is_refused_at_its_paragraph(lines: tuple[str, ...], code: str, row: int) -> None:
    report = read(*lines)
    assert report.items == ()
    assert (code, row) in {(fault.code, fault.row) for fault in report.faults}
    assert report.faults[0].message.startswith(f"第 {report.faults[0].row} 段：")


def test_a_broken_question_harms_no_other() -> None:
    report = read("1. 坏题", "A. 甲", "答案：A", *(line.replace("1.", "2.") for line in SINGLE))
    assert [located.row for located in report.items] == [4]
    assert [fault.row for fault in report.faults] == [1]


def test_without_an_area_each_question_says_what_to_do() -> None:
    assert [fault.code for fault in read(*SINGLE, area=None).faults] == ["area_unknown"]


def test_numbers_and_letters_that_word_counts_itself_are_read() -> None:
    document = docx.Document()
    number_by_itself(document, level(0, "decimal", "%1、") + level(1, "upperLetter", "%2．"))
    for stem in ("题甲（ ）", "题乙（ ）"):
        counted(document.add_paragraph(stem), 0)
        for option in ("一", "二", "三"):
            counted(document.add_paragraph(option), 1)
        document.add_paragraph("【答案】C")
    report = read_questions(saved(document), "题库.docx", default_area="policy")
    assert report.faults == ()
    assert [(one.item.stem, texts(one.item), "".join(one.item.answer)) for one in report.items] == [
        ("题甲（ ）", ["一", "二", "三"], "C"),
        ("题乙（ ）", ["一", "二", "三"], "C"),
    ]


def test_pictures_and_raised_signs_keep_their_place() -> None:
    document = docx.Document()
    stem = document.add_paragraph("1. 图中")
    stem.add_run().add_picture(io.BytesIO(dot()))
    stem.add_run("的面积是（ ）m")
    stem.add_run("2").font.superscript = True
    option = document.add_paragraph("A. U")
    option.add_run("相").font.subscript = True
    for line in ("B. 乙", "答案：A"):
        document.add_paragraph(line)
    report = read_questions(saved(document), "题库.docx", default_area="policy")
    [located] = report.items
    [shown] = pictures(located.item.stem)
    assert shown.key is not None
    assert report.pictures[shown.key].data == dot()
    assert located.item.stem.endswith("的面积是（ ）m²")
    assert formulas(located.item.options[0].text) == [r"{}_{\text{相}}"]


def test_formulas_of_word_become_latex() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("1. 电阻 ")
    formula(
        paragraph,
        "<m:r><m:t>R=</m:t></m:r><m:f><m:num><m:r><m:t>U</m:t></m:r></m:num>"
        "<m:den><m:sSup><m:e><m:r><m:t>I</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:den></m:f>",
    )
    for line in ("A. 甲", "B. 乙", "答案：A"):
        document.add_paragraph(line)
    [located] = read_questions(saved(document), "题库.docx", default_area="policy").items
    assert formulas(located.item.stem) == [r"R=\frac{U}{{I}^{2}}"]


def test_a_formula_that_cannot_be_read_refuses_its_question() -> None:
    document = docx.Document()
    formula(document.add_paragraph("1. 矩阵 "), "<m:m><m:mr/></m:m>")
    for line in ("A. 甲", "B. 乙", "答案：A"):
        document.add_paragraph(line)
    report = read_questions(saved(document), "题库.docx", default_area="policy")
    assert ([fault.code for fault in report.faults], report.items) == (["markup_refused"], ())


def test_underlined_spaces_are_a_gap_and_colours_are_named_as_lost() -> None:
    document = docx.Document()
    stem = document.add_paragraph("1. 考评小组一般不少于")
    stem.add_run("    ").underline = True
    red = stem.add_run("人。")
    red.font.color.rgb = RGBColor(200, 0, 0)
    document.add_paragraph("答案：三")
    report = read_questions(saved(document), "题库.docx", default_area="policy")
    assert [located.item.stem for located in report.items] == ["考评小组一般不少于____人。"]
    assert [loss.message for loss in report.losses] == [
        "文字格式（加粗、颜色等）没有导入，共 1 处：第 1 段。"
    ]


def test_a_table_in_a_document_is_read_as_a_sheet() -> None:
    document = docx.Document()
    document.add_paragraph("题库")
    rows = [
        ["题型", "题干", "选项A", "选项B", "答案", "知识领域"],
        ["单选题", "题甲", "一", "二", "B", "政策法规"],
        ["单选题", "题乙", "一", "二", "C", ""],
    ]
    table = document.add_table(len(rows), len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 5).merge(table.cell(2, 5))
    report = read_questions(saved(document), "题库.docx")
    assert [(located.item.stem, located.item.area) for located in report.items] == [("题甲", "policy")]
    assert [(fault.code, fault.row, fault.column) for fault in report.faults] == [
        ("answer_without_option", 3, "E")
    ]
    assert [ignored.reason.say() for ignored in report.ignored] == ["表格之外的 1 段文字"]


def test_plain_text_is_read_the_same_way() -> None:
    data = "\r\n".join(["一、单选题", *SINGLE]).encode("gb18030")
    report = read_questions(data, "题库.txt", default_area="policy")
    assert [(located.item.stem, located.row) for located in report.items] == [
        ("考评小组一般不少于（ ）人。", 2)
    ]
    assert report.format is not None
    assert report.format.say() == "文本试题，GB18030 (GBK) 编码"


def test_a_document_without_questions_says_so() -> None:
    assert [fault.code for fault in read("通知", "请各单位准时参加。").faults] == ["no_question"]
