"""Quirks of real banks, Q48 to Q62: pictures, encodings, labels, imports done twice, and other programs' formats."""

import base64
import io
import zipfile
from collections import Counter
from xml.sax.saxutils import escape

import openpyxl
import pytest
from openpyxl.drawing.image import Image

from question_bank.importing import ImportReport, profile_from_json, read_questions
from question_bank.importing.again import Known, compared
from question_bank.importing.fault_sheet import write_fault_sheet
from question_bank.items import Blueprint, BlueprintSection, Difficulty, ItemType, fingerprint
from question_bank.passage import formulas, pictures
from question_bank.sampling import draw_paper
from tests.factories.documents import dot
from tests.factories.sheets import HEADER, Row, csv, line, xls, xlsx, xlsx_by


def read(data: bytes | str, name: str = "题库", **more: object) -> ImportReport:
    return read_questions(
        data.encode() if isinstance(data, str) else data, name, default_area="policy", **more
    )


def codes(report: ImportReport) -> list[str]:
    return [fault.code for fault in report.faults]


def answers(report: ImportReport) -> list[str]:
    return ["".join(sorted(located.item.answer)) for located in report.items]


# -- pictures ---------------------------------------------------------------------------------------------


def test_q48_a_picture_anchored_in_a_cell_comes_with_its_question() -> None:
    def anchor(sheet: object) -> None:
        sheet.add_image(Image(io.BytesIO(dot())), "B2")
        sheet.add_image(Image(io.BytesIO(dot(200))), "C2")

    report = read(xlsx(HEADER, line(options=("", "乙", "丙", "丁")), change=anchor))
    [located] = report.items
    [in_stem], [in_option] = pictures(located.item.stem), pictures(located.item.options[0].text)
    assert report.pictures[in_stem.key or ""].data == dot()
    assert report.pictures[in_option.key or ""].data == dot(200)


def test_q48_a_picture_in_the_picture_column_goes_to_the_stem() -> None:
    header = (*HEADER, "图片", "是否有图片")
    report = read(
        xlsx(
            header, (*line(), "", "是"), change=lambda sheet: sheet.add_image(Image(io.BytesIO(dot())), "J2")
        )
    )
    assert [picture.key is not None for picture in pictures(report.items[0].item.stem)] == [True]
    assert report.warnings == ()


def test_q48_a_picture_that_is_named_or_spoken_of_but_missing_is_a_warning() -> None:
    header = (*HEADER, "图片", "是否有图片")
    report = read(
        xlsx(
            header,
            (*line(), "images/8.jpg", ""),
            (*line(stem="如图3所示，题二"), "", ""),
            (*line(stem="题三"), "", "是"),
        )
    )
    assert [(one.code, one.row, one.column) for one in report.warnings] == [
        ("picture_missing", 2, "J"),
        ("picture_missing", 3, "B"),
        ("picture_missing", 4, "B"),
    ]
    assert [(one.alt, one.key) for one in pictures(report.items[0].item.stem)] == [("images/8.jpg", None)]


# -- encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_q49_encodings_and_line_ends_are_found_out_and_said(encoding: str, said: str, end: str) -> None:
    report = read(csv(HEADER, line("丙"), line("×", type_="判断题", options=()), end=end).encode(encoding))
    assert answers(report) == ["C", "B"]
    assert report.format is not None
    assert said in report.format.say()


@pytest.mark.parametrize(
    "data",
    [
        csv(HEADER, line(stem="锟斤\ufffd拷")).encode(),
        csv(HEADER, *[line(stem=f"考评员第{one}题的题干") for one in range(9)])
        .encode()
        .replace(b"\xe5\x91\x98", b"\xe5\x91", 1),
        csv(HEADER, line(stem="考評員題庫測試與職業技能鑑定實務")).encode("big5", "replace"),
        csv(HEADER, line(stem="試験問題の例")).encode("shift_jis", "replace"),
    ],
    ids=["replacement", "torn UTF-8", "Big5", "Shift JIS"],
)
def test_q49_a_doubtful_encoding_is_refused_and_never_shown_as_rubbish(data: bytes) -> None:
    report = read(data)
    assert (codes(report), report.items) == (["not_a_text"], ())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_q50_quotes_commas_and_breaks_inside_quotes_are_rfc_4180(separator: str) -> None:
    options = ("甲,乙", "丙;丁", '说"是"', "一\n二")
    report = read(csv(HEADER, line("A", options=options), separator=separator))
    assert [option.text for option in report.items[0].item.options] == list(options)


def encrypted() -> bytes:
    """The container of a workbook with a password: an OLE file with a stream of that name."""
    return xls(HEADER, line()).replace("Workbook".encode("utf-16-le"), "Encrypte".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("data", "name"),
    [(xlsx(HEADER, line()), "题库.xls"), (xlsx(HEADER, line()), "题库.csv"), (xls(HEADER, line()), "题库.xlsx"),
     (csv(HEADER, line()).encode("gbk"), "题库.xlsx")],
)  # fmt: skip
def test_q51_the_content_decides_and_not_the_name(data: bytes, name: str) -> None:
    assert answers(read(data, name)) == ["B"]


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"<html><body><table><tr><td>x</td></tr></table></body></html>", "not_a_table", "网页"),
        (b"<!DOCTYPE html>\n<html lang='zh'></html>", "not_a_table", "网页"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "not_a_table",
            "2003",
        ),
        (encrypted(), "not_a_workbook", "旧版 Office"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not_a_table", "PDF"),
        (b"\x7fELF\x02\x01\x01\x00", "not_a_text", "视频、图片"),
    ],
)
def test_q51_what_only_looks_like_a_table_is_refused_in_clear_words(
    data: bytes, code: str, word: str
) -> None:
    [fault] = read(data, "题库.xls").faults
    assert fault.code == code
    assert word in fault.message


def test_q52_tags_and_entities_go_and_raised_letters_stay() -> None:
    stem = "<p>H<sub>2</sub>O 与 10<sup>-3</sup>，a &lt; b&nbsp;时，$\\frac{1}{2}$ 的<b>正确</b>选项</p>"
    report = read(xlsx(HEADER, line(stem=stem)))
    [located] = report.items
    assert located.item.stem.startswith("H₂O 与 10⁻³，a < b 时，")
    assert formulas(located.item.stem) == [r"\frac{1}{2}"]
    assert [one.code for one in report.warnings] == ["markup_removed"]


@pytest.mark.parametrize(
    "text", ["<b>", "<script>alert(1)</script>", "a<b", "{{7*7}}", "5$", "$5 和 $6", "A&B"]
)
def test_q52_what_is_no_markup_is_shown_as_it_is(text: str) -> None:
    report = read(xlsx(HEADER, line(options=(text, "乙", "丙", "丁"))))
    assert report.items[0].item.options[0].text == text
    assert report.warnings == ()


def rich(book: object, *plain: str) -> None:
    raised = book.add_format({"font_script": 1})
    sheet = book.add_worksheet("题目")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, line())
    sheet.write_rich_string(1, 2, "10", raised, "2")
    sheet.write_row(2, 0, line(stem="题二", options=(*plain, "乙", "丙")))


def test_q52_letters_raised_by_format_keep_their_meaning() -> None:
    report = read(xlsx_by(rich))
    assert report.items[0].item.options[0].text == "10²"


def test_q52_where_a_raised_letter_cannot_be_told_from_a_plain_one_the_row_is_refused() -> None:
    report = read(xlsx_by(lambda book: rich(book, "102")))
    assert report.items == ()
    assert {(fault.code, fault.row, fault.column) for fault in report.faults} == {
        ("raised_unclear", 2, "C"), ("raised_unclear", 3, "C"),
    }  # fmt: skip


def test_q52_an_old_workbook_with_raised_letters_is_refused() -> None:
    data = bytearray(xls(HEADER, line()))
    font = bytes(data).find(b"\x31\x00")
    while data[font + 4 : font + 6] != b"\xc8\x00":
        font = bytes(data).find(b"\x31\x00", font + 1)
    data[font + 12 : font + 14] = b"\x01\x00"
    assert "raised_unclear" in codes(read(bytes(data)))


# -- labels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "meant"),
    [("易", "easy"), ("较易", "easy"), ("中等", "medium"), ("较难", "hard"), ("困难", "hard")],
)
def test_q53_difficulties_are_words(word: str, meant: str) -> None:
    assert read(xlsx(HEADER, line(difficulty=word))).items[0].item.difficulty.value == meant


def test_q53_numbers_and_paths_are_mapped_by_the_profile() -> None:
    rows = [line(difficulty=1, area="法规/安全生产法", stem="一"), line(difficulty=0.65, area="1.1.3", stem="二"),
            line(difficulty=0.9, area="1.2", stem="三")]  # fmt: skip
    assert codes(read(xlsx(HEADER, *rows))) == ["area_unknown", "difficulty_unknown"] * 3
    profile = profile_from_json(
        {"areas": {"法规": "policy", "1.1": "methods", "1": "workflow"}, "difficulties": {"1": "hard"},
         "difficulty_steps": [["0.4", "hard"], ["0.7", "medium"], ["1", "easy"]]}
    )  # fmt: skip
    items = [located.item for located in read(xlsx(HEADER, *rows), profile=profile).items]
    assert [(item.area, item.difficulty) for item in items] == [
        ("policy", Difficulty.HARD), ("methods", Difficulty.MEDIUM), ("workflow", Difficulty.EASY),
    ]  # fmt: skip


def test_q54_ids_of_the_source_are_kept_beside_the_question() -> None:
    rows = [("LK0501", *line()), ("LK0501,LK0502", *line(stem="题二")), ("LK0501", *line(stem="题三"))]
    report = read(xlsx(("编号", *HEADER), *rows))
    assert [located.source_id for located in report.items] == ["LK0501", "LK0501,LK0502", "LK0501"]


CRAC = profile_from_json(
    {"columns": {"J": "id", "P": "area", "Q": "stem", "T": "answer", "I": "skipped"}, "areas": {"1": "policy"},
     "type_from_answer": True}
)  # fmt: skip


def crac(*rows: Row) -> ImportReport:
    header = ("J", "P", "I", "Q", "T", "A", "B", "C", "D")
    return read(csv(header, *rows), "class_a.csv", profile=CRAC)


def test_q55_right_options_that_always_come_first_are_shuffled_at_the_draw() -> None:
    report = crac(*(("LK", "1.1.1", "MC1", f"第{one}题", "A", "甲", "乙", "丙", "丁") for one in range(40)))
    assert answers(report) == ["A"] * 40
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 40, 250),))
    paper = draw_paper(blueprint, [(one, located.item) for one, located in enumerate(report.items)], "seed")
    labels = Counter(
        next(option.label for option in question.options if option.id in entry.correct)
        for question, entry in zip(paper.questions, paper.key.entries, strict=True)
    )
    assert set(labels) == set("ABCD")


def test_q55_one_letter_is_a_single_choice_and_several_are_a_multiple_one() -> None:
    report = crac(
        ("A", "1.1", "x", "题一", "A", "甲", "乙", "丙", "丁"),
        ("B", "1.1", "x", "题二", "AC", "甲", "乙", "丙", "丁"),
    )
    assert [located.item.type for located in report.items] == [ItemType.SINGLE, ItemType.MULTIPLE]


# -- in bulk ----------------------------------------------------------------------------------------------


def test_q56_a_corrected_file_gives_new_versions_and_old_papers_keep_theirs() -> None:
    header = ("编号", *HEADER)
    first = read(xlsx(header, ("1", *line("A")), ("2", *line(stem="题二")), ("", *line(stem="题三")))).items
    bank = [Known(f"bank-{one.row}", one.item, one.source_id) for one in first]
    second = read(
        xlsx(
            header,
            ("1", *line("B")),
            ("2", *line(stem="题二")),
            ("", *line(stem="题三")),
            ("4", *line(stem="新")),
        )
    )
    result = compared(second.items, bank)
    assert [item_id for item_id, _ in result.changed] == ["bank-2"]
    assert [item_id for item_id, _ in result.unchanged] == ["bank-3", "bank-4"]
    assert [located.item.stem for located in result.new] == ["新"]
    blueprint = Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 1, 100),))
    paper = draw_paper(blueprint, [("bank-2", bank[0].item)], "seed")
    assert (
        paper.key.entries[0].item_fingerprint
        == fingerprint(bank[0].item)
        != fingerprint(second.items[0].item)
    )


def test_q56_an_id_that_stands_twice_decides_nothing() -> None:
    items = read(xlsx(("编号", *HEADER), ("1", *line()), ("1", *line(stem="题二")))).items
    result = compared(items, [Known("bank", items[0].item, "1")])
    assert [located.item.stem for located in result.unclear] == ["题干（ ）", "题二"]


def test_q57_one_bad_row_among_many_comes_back_on_a_sheet_and_the_choice_is_the_owners() -> None:
    rows = [line(stem=f"题{number}") for number in range(500)]
    rows[321] = line("@Z", stem="坏题")
    report = read(xlsx(HEADER, *rows))
    assert len(report.accepted(all_or_nothing=False)) == 499
    assert report.accepted(all_or_nothing=True) == ()
    sheet = openpyxl.load_workbook(io.BytesIO(write_fault_sheet(report))).active
    cells = [cell.value for cell in sheet[2]]
    assert cells[:5] == ["不能导入", "", "323", "G", "@Z"]
    assert "答案“@Z”" in cells[5]
    assert sheet["E2"].data_type == "s"


# -- packages of other programs ---------------------------------------------------------------------------

ITEM = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q1" title="t" adaptive="false">
<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="identifier">
<correctResponse>{values}</correctResponse>{mapping}</responseDeclaration>
<itemBody><p>题干<img src="{image}" alt="图"/></p>
<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" {most}>
<simpleChoice identifier="a">甲</simpleChoice>
<simpleChoice identifier="b">乙</simpleChoice>
<simpleChoice identifier="c">丙</simpleChoice>
</choiceInteraction></itemBody>{processing}</assessmentItem>"""


def qti(right: str = "b", *, cardinality: str = "single", most: str = 'maxChoices="1"', mapping: str = "",
        processing: str = "", image: str = "images/a.png") -> str:  # fmt: skip
    values = "".join(f"<value>{name}</value>" for name in right)
    return ITEM.format(
        cardinality=cardinality, values=values, most=most, mapping=mapping, processing=processing, image=image
    )


def manifest(*references: str) -> str:
    resources = "".join(
        f'<resource identifier="r{place}" type="imsqti_item_xmlv2p1" href="{escape(name)}"/>'
        for place, name in enumerate(references)
    )
    return (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m">'
        f"<resources>{resources}</resources></manifest>"
    )


def package(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


WHOLE = {"imsmanifest.xml": manifest("items/q1.xml"), "items/q1.xml": qti(), "items/images/a.png": dot()}


def test_q58_a_whole_package_brings_its_items_and_pictures() -> None:
    report = read(package(WHOLE))
    assert (answers(report), codes(report)) == (["B"], [])
    assert len(report.pictures) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (package({"items/q1.xml": qti()}), "manifest_missing"),
        (package({"imsmanifest.xml": manifest("items/q1.xml")}), "file_missing"),
        (package(WHOLE | {"imsmanifest.xml": manifest("http://example.test/q1.xml")}), "reference_outside"),
        (package(WHOLE | {"imsmanifest.xml": manifest("/etc/passwd")}), "reference_outside"),
        (package(WHOLE | {"imsmanifest.xml": manifest("../etc/passwd")}), "reference_outside"),
        (package(WHOLE | {"../etc/passwd": "x"}), "archive_names"),
        (package(WHOLE)[:-40], "workbook_broken"),
        (b"PK\x03\x04 nothing", "workbook_broken"),
        (package({"readme.txt": "x"}), "not_a_workbook"),
        (package({"imsmanifest.xml": "<manifest/>"}), "manifest_empty"),
        (package(WHOLE | {"items/q1.xml": "<html/>"}), "not_an_item"),
        (package(WHOLE | {"items/q1.xml": "<broken"}), "xml_broken"),
    ],
)
def test_q58_a_broken_package_is_refused_with_the_reason(data: bytes, code: str) -> None:
    report = read(data)
    assert (codes(report), report.items) == ([code], ())


def condition(inner: str) -> str:
    return (
        "<responseProcessing><responseCondition><responseIf>"
        f"{inner}</responseIf></responseCondition></responseProcessing>"
    )


MAPPING = '<mapping defaultValue="0"><mapEntry mapKey="a" mappedValue="1"/></mapping>'


@pytest.mark.parametrize(
    "item",
    [
        qti("b", mapping=MAPPING),
        qti("ab", cardinality="multiple"),
        qti("ab", cardinality="multiple", most=""),
        qti("ab"),
        qti("", mapping=""),
        qti("b", most='maxChoices="0"'),
        qti("b", processing='<responseProcessing template="http://example.test/own.xml"/>'),
        qti("b", processing=condition('<match><baseValue baseType="identifier">a</baseValue></match>')),
        qti("b", processing=condition("<not><match/></not>")),
    ],
)
def test_q59_scoring_that_contradicts_the_key_is_not_imported(item: str) -> None:
    report = read(item)
    assert report.items == ()
    assert set(codes(report)) == {"scoring_unfaithful"}


def test_q59_scoring_that_agrees_comes_in() -> None:
    both = MAPPING.replace("</mapping>", '<mapEntry mapKey="b" mappedValue="1"/></mapping>')
    assert answers(read(qti("ab", cardinality="multiple", most='maxChoices="0"', mapping=both))) == ["AB"]


def moodle(*questions: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><quiz>{"".join(questions)}</quiz>'


def question(kind: str, answers: str, more: str = "", stem: str = "题干") -> str:
    return (
        f'<question type="{kind}"><name><text>n</text></name>'
        f'<questiontext format="html"><text><![CDATA[{stem}]]></text>'
        f"{more}</questiontext>{answers}</question>"
    )


def judged(weight: str, word: str) -> str:
    return f'<answer fraction="{weight}"><text>{word}</text></answer>'


def weighted(*weights: str, single: str = "true") -> str:
    options = "".join(
        f'<answer fraction="{weight}"><text>项{place}</text></answer>' for place, weight in enumerate(weights)
    )
    return f"<single>{single}</single>{options}"


def test_q60_choices_and_judgements_come_in_and_the_rest_is_listed() -> None:
    file = f'<file name="a.png" encoding="base64">{base64.b64encode(dot()).decode()}</file>'
    report = read(
        moodle(
            '<question type="category"><category><text>$course$/top/考务管理</text></category></question>',
            question("multichoice", weighted("0", "100", "0"), file, 'a<img src="@@PLUGINFILE@@/a.png" alt="图">'),
            question("multichoice", weighted("50", "-50", "50", single="false"), stem="多选"),
            question("truefalse", judged("0", "true") + judged("100", "false"), stem="判断"),
            question("multichoice", weighted("33", "0"), stem="不满分"),
            question("multichoice", weighted("100", "100"), stem="两个满分"),
            question("multichoice", weighted("33", "33", "0", single="false"), stem="不足"),
            question("multichoice", weighted("x", "0"), stem="不是数"),
            question("cloze", "", stem="{1:MULTICHOICE:=a~b}"),
            question("stack", "", stem="s"),
        )
    )  # fmt: skip
    assert answers(report) == ["B", "AC", "B"]
    assert {located.item.area for located in report.items} == {"administration"}
    assert len(report.pictures) == 1
    assert Counter(codes(report)) == {"weights_unclear": 4, "type_unknown": 2}
    assert report.unsupported == {"完形填空": 1, "STACK 题": 1}
    assert [loss.message.split("没有导入")[0] for loss in report.losses] == ["选错倒扣的权重"]


@pytest.mark.parametrize(
    "stem",
    ["<script>alert(1)</script>题", '<img src="http://example.test/a.png">', "<iframe src=x></iframe>"],
)
def test_q60_scripts_and_things_from_elsewhere_refuse_their_question(stem: str) -> None:
    assert codes(read(moodle(question("multichoice", weighted("100", "0"), stem=stem)))) == ["markup_refused"]


GIFT = r"""// a comment
$CATEGORY: 考务管理

::标题一:: 含转义 \~ \= \# \{ \} 的题干 {
  =对\=的#好
  ~错\~的
}

[html]<p>H<sub>2</sub>O</p>{~%50%甲 ~%50%乙 ~丙 ####总的解析}

判断 {T}

判断二 {FALSE#反馈}

缺词 {=甲 ~乙} 在中间。

数值 {#3.14:0.01}

连线 {=甲 -> 乙 =丙 -> 丁}

坏了 {=甲 ~乙

两个满分 {=甲 =乙 ~丙}

不足 {~%30%甲 ~%30%乙 ~丙}

问答 {}
"""


def test_q61_gift_is_parsed_or_listed() -> None:
    report = read(GIFT, "题.txt")
    assert [located.item.stem for located in report.items] == [
        "含转义 ~ = # { } 的题干", "H₂O", "判断", "判断二", "缺词 ____ 在中间。", "数值",
    ]  # fmt: skip
    assert answers(report) == ["A", "AB", "A", "B", "A", ""]
    assert report.items[0].source_id == "标题一"
    assert [option.text for option in report.items[0].item.options] == ["对=的", "错~的"]
    assert report.items[1].item.explanation == "总的解析"
    assert {located.item.area for located in report.items} == {"administration"}
    assert [(fault.code, fault.row) for fault in report.faults] == [
        ("type_unknown", 19),
        ("braces_unclear", 21),
        ("weights_unclear", 23),
        ("weights_unclear", 25),
        ("type_unknown", 27),
    ]
    assert [loss.message.split("没有导入")[0] for loss in report.losses] == ["选项的反馈"]


AIKEN = """题一
A) 甲
B) 乙
ANSWER: B

题二
A.甲
B.乙
C.丙
Answer: a

只有一个选项
A. 甲
ANSWER: A

没有答案行
A. 甲
B. 乙

答案没有选项
A. 甲
B. 乙
ANSWER: D

跳了字母
A. 甲
C. 丙
ANSWER: A

题三
A) 甲
B) 乙
ANSWER: A"""


def test_q62_aiken_names_each_broken_block_with_its_line_and_takes_the_rest() -> None:
    report = read(AIKEN, "题.txt")
    assert answers(report) == ["B", "A", "A"]
    assert [located.row for located in report.items] == [1, 6, 30]
    assert [(fault.code, fault.row) for fault in report.faults] == [
        ("options_too_few", 12),
        ("answer_missing", 16),
        ("answer_without_option", 20),
        ("options_unclear", 25),
    ]
