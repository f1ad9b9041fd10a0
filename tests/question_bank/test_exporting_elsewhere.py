"""GIFT, Moodle XML and QTI as other people's programs read them, and what these formats cannot carry.

The readers were written by others: ua-exam reads GIFT, moodle-xml-parser the choices of Moodle XML, onyx2moodle QTI.
No package offers the official schemas, so only the shape of the other parts is looked at here.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moodle_xml_parser.parser import parse_bytes
from onyx2moodle.parser import parse_item
from ua_exam.gift_parser import parse_gift_content

from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK
from question_bank.exporting import ExportFormat, Fate, export_items, summary
from question_bank.exporting.markup import has_formula, texts_of
from question_bank.importing import read_questions
from question_bank.items import AREAS, TRUE_KEY, Blank, Item, ItemType, Number
from tests.factories.questions import fill_in, multiple, single, true_false
from tests.question_bank.item_strategy import sound_items

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p2}"
LOM = "{http://ltsc.ieee.org/xsd/LOM}"
AWKWARD = single(
    "10%的题\n第二行：a=b {x} ~ # \\n <b>&amp;", ("%50%半", "[html]<p>", "A -> B", "以上都对"), "B"
)
Read = tuple[str, tuple[tuple[str, bool], ...]]


def course() -> list[Item]:
    report = read_questions(EXAMINER_COURSE_WORKBOOK.read_bytes(), EXAMINER_COURSE_WORKBOOK.name)
    return [located.item for located in report.items]


def wanted(items: Iterable[Item]) -> list[Read]:
    return [
        (item.stem, tuple((option.text, option.key in item.answer) for option in item.options))
        for item in items
    ]


# -- GIFT, read by ua-exam ------------------------------------------------------------------------------


def read_by_ua_exam(data: bytes) -> Iterator[Read]:
    # It reads entities everywhere, as no other reader of GIFT does, and knows neither formats nor \n.
    protected = data.decode().replace("&", "&amp;")
    for question in parse_gift_content(protected):
        stem = re.sub(r"^\[plain\]", "", question["text"])
        if question["type"] == "true_false":
            yield lines(stem), (("正确", question["correct"]), ("错误", not question["correct"]))
        else:
            options = [
                (re.sub(r"^\[plain\]", "", one["text"]), one["is_correct"]) for one in question["options"]
            ]
            yield lines(stem), tuple((lines(text), is_right) for text, is_right in options)


def lines(text: str) -> str:
    # A backslash of the text itself was written \\ and has come back as one; it must not make a line break here.
    return text.replace("\\n", "\n")


def without_backslashes(item: Item) -> bool:
    return "\\" not in "".join([item.stem, *(option.text for option in item.options)])


def test_the_course_reads_the_same_in_gift() -> None:
    items = course()
    assert list(read_by_ua_exam(export_items(items, ExportFormat.GIFT).data)) == wanted(items)


def has_options(item: Item) -> bool:
    return item.blank is None


@given(st.lists(sound_items().filter(without_backslashes).filter(has_options), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_item_reads_the_same_in_gift(items: list[Item]) -> None:
    assert list(read_by_ua_exam(export_items(items, ExportFormat.GIFT).data)) == wanted(items)


def test_gift_protects_its_signs_and_says_what_is_plain() -> None:
    text = export_items([AWKWARD, true_false()], ExportFormat.GIFT).data.decode()
    assert "[plain]10%的题\\n第二行：a\\=b \\{x\\} \\~ \\# \\\\n <b>&amp;" in text
    assert "\t~%0%%50%半" in text, "no text of an option is taken for a weight"
    assert "\t=[plain][html]<p>" in text
    assert "$CATEGORY: 考评员工作流程标准" in text
    assert "// [tag:难度:易] [tag:依据:N2 B4]" in text


# -- Moodle XML, read by moodle-xml-parser ----------------------------------------------------------------


def read_by_moodle_xml_parser(data: bytes) -> Iterator[Read]:
    for question in parse_bytes(data)["multichoice"]:
        yield question.text_pre_parse, tuple((one.answer, one.score_fraction > 0) for one in question.options)


def as_it_reads(text: str) -> str:
    """What that parser makes of any text: it reads entities twice, and takes CDATA marks for marks."""
    return html.unescape(re.sub(r"<!\[CDATA\[|\]\]>", "", text.strip()))


def test_the_choices_of_the_course_read_the_same_in_moodle_xml() -> None:
    items = [item for item in course() if item.type is not ItemType.TRUE_FALSE]
    assert list(read_by_moodle_xml_parser(export_items(course(), ExportFormat.MOODLE).data)) == wanted(items)


def is_plain_choice(item: Item) -> bool:
    is_choice = has_options(item) and item.type is not ItemType.TRUE_FALSE
    return is_choice and not any(map(has_formula, texts_of(item)))


@given(st.lists(sound_items().filter(is_plain_choice), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_choice_reads_the_same_in_moodle_xml(items: list[Item]) -> None:
    expected = [
        (as_it_reads(stem), tuple((as_it_reads(text), is_right) for text, is_right in options))
        for stem, options in wanted(items)
    ]
    assert list(read_by_moodle_xml_parser(export_items(items, ExportFormat.MOODLE).data)) == expected


@pytest.mark.parametrize("right", [2, 3, 4, 5, 6, 7, 8])
def test_the_shares_of_the_right_options_are_those_that_moodle_knows(right: int) -> None:
    # From Moodle's list of fractions; others are refused on import.
    known = {2: 50, 3: 33.33333, 4: 25, 5: 20, 6: 16.66667, 7: 14.28571, 8: 12.5}
    item = multiple(texts=tuple("甲乙丙丁戊己庚辛"), answer="ABCDEFGH"[:right])
    [question] = parse_bytes(export_items([item], ExportFormat.MOODLE).data)["multichoice"]
    assert [one.score_fraction for one in question.options] == [known[right]] * right + [-100] * (8 - right)
    assert question.single is False


def test_moodle_xml_says_what_stays_in_place_and_where_a_question_belongs() -> None:
    root = ET.fromstring(export_items([AWKWARD, true_false("对。", "B")], ExportFormat.MOODLE).data)
    category, choice, other, judged = root.findall("question")
    assert category.findtext("category/text") == "$course$/top/考评员工作流程标准"
    assert other.findtext("category/text") == "$course$/top/政策法规"
    assert choice.findtext("shuffleanswers") == "false"
    assert [tag.text for tag in choice.findall("tags/tag/text")] == ["难度:易", "依据:N3 E3"]
    fractions = {answer.findtext("text"): answer.get("fraction") for answer in judged.findall("answer")}
    assert (judged.get("type"), fractions) == ("truefalse", {"true": "0", "false": "100"})


# -- QTI 2.2, read by onyx2moodle ----------------------------------------------------------------------------


def read_by_onyx2moodle(data: bytes, folder: Path) -> Iterator[Read]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if not name.startswith("items/"):
                continue
            path = folder / Path(name).name
            # It knows version 2.1 alone; the elements used here are the same in both.
            path.write_bytes(package.read(name).replace(b"imsqti_v2p2", b"imsqti_v2p1"))
            item = parse_item(path)
            [interaction] = item.interactions
            right = item.response_decls["RESPONSE"].correct_values
            prompt = item.body_xml.find(".//{*}prompt")
            assert all(part.tag.endswith("br") for part in prompt), "nothing but line breaks stands in a stem"
            yield (
                "\n".join([prompt.text or "", *(line.tail or "" for line in prompt)]),
                tuple((one.html, one.identifier in right) for one in interaction.choices),
            )


def as_html(item: Item) -> Read:
    """How that parser hands out options: words as they are up to the first line break, HTML from there."""
    [(stem, options)] = wanted([item])
    return stem, tuple((_broken(text), is_right) for text, is_right in options)


def _broken(text: str) -> str:
    first, *others = text.split("\n")
    return first + "".join(f"<br/>{html.escape(line, quote=False)}" for line in others)


def test_the_course_reads_the_same_in_qti(tmp_path: Path) -> None:
    items = [*course(), AWKWARD]
    data = export_items(items, ExportFormat.QTI).data
    assert list(read_by_onyx2moodle(data, tmp_path)) == [as_html(item) for item in items]


@given(items=st.lists(sound_items().filter(has_options), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_item_reads_the_same_in_qti(items: list[Item], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("qti")
    data = export_items(items, ExportFormat.QTI).data
    assert list(read_by_onyx2moodle(data, folder)) == [as_html(item) for item in items]


def test_qti_grades_all_or_nothing_and_keeps_the_labels_in_the_manifest() -> None:
    export = export_items([multiple(), AWKWARD], ExportFormat.QTI)
    with zipfile.ZipFile(io.BytesIO(export.data)) as package:
        first, second = (ET.fromstring(package.read(f"items/q0000{n}.xml")) for n in (1, 2))
        manifest = ET.fromstring(package.read("imsmanifest.xml"))
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    processing = first.find(f"{QTI}responseProcessing")
    assert processing is not None
    assert processing.get("template", "").endswith("/match_correct")
    assert [one.get("shuffle") for one in (*first.iter(f"{QTI}choiceInteraction"),)] == ["true"]
    assert [one.get("shuffle") for one in (*second.iter(f"{QTI}choiceInteraction"),)] == ["false"]
    [feedback] = first.iter(f"{QTI}modalFeedback")
    shown = {one.get("identifier"): one.findtext(f"{QTI}defaultValue/{QTI}value") for one in first}
    assert (shown[feedback.get("outcomeIdentifier")], feedback.text) == (
        feedback.get("identifier"),
        "见通知。",
    )
    terms = [one.text for one in manifest.iter(f"{LOM}value")]
    assert terms == ["medium", "isbasedon", "discipline", "easy", "isbasedon", "discipline"]
    assert [one.text for one in manifest.iter(f"{LOM}id")] == ["methods", "workflow"]
    assert {"N3 E3", "依据:N3 E3"} <= {one.text for one in manifest.iter(f"{LOM}string")}
    assert export.losses == ()


# -- fill-in ------------------------------------------------------------------------------------------------------


PI = Number(Decimal("3.14"), Decimal("0.01"))
E = Number(Decimal("2.7"), Decimal(0))


def test_written_answers_read_the_same_in_gift() -> None:
    data = export_items([fill_in(texts=("三人", "3", "%5", "a=b"))], ExportFormat.GIFT).data
    [question] = parse_gift_content(data.decode())
    assert question["options"] == [{"text": text, "is_correct": True} for text in ("三人", "3", "%5", "a=b")]
    assert "{#\n\t=3.14:0.01\n\t=2.7:0\n" in export_items(
        [fill_in(numbers=(PI, E))], ExportFormat.GIFT
    ).data.decode().replace("\r", "")


def test_written_answers_stand_in_moodle_xml_as_moodle_writes_them() -> None:
    cased = replace(fill_in(), blank=Blank(("NaCl", "2*3"), (), case_matters=True))
    root = ET.fromstring(export_items([cased, fill_in(numbers=(PI, E))], ExportFormat.MOODLE).data)
    short, numerical = (one for one in root.findall("question") if one.get("type") != "category")
    assert (short.get("type"), short.findtext("usecase")) == ("shortanswer", "1")
    assert [(one.get("fraction"), one.findtext("text")) for one in short.findall("answer")] == [
        ("100", "NaCl"),
        ("100", "2\\*3"),
    ]
    assert numerical.get("type") == "numerical"
    assert [(one.findtext("text"), one.findtext("tolerance")) for one in numerical.findall("answer")] == [
        ("3.14", "0.01"),
        ("2.7", "0"),
    ]


def test_a_field_stands_in_the_gap_of_a_qti_item(tmp_path: Path) -> None:
    data = export_items([fill_in("一般不少于____人。"), fill_in(numbers=(PI, E))], ExportFormat.QTI).data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        first, second = (package.read(f"items/q0000{n}.xml") for n in (1, 2))
    (tmp_path / "one.xml").write_bytes(first.replace(b"imsqti_v2p2", b"imsqti_v2p1"))
    read = parse_item(tmp_path / "one.xml")
    assert [one.kind for one in read.interactions] == ["textEntry"]
    assert read.response_decls["RESPONSE"].mapping == {"三": 1.0, "3": 1.0}
    assert [part.strip() for part in read.body_xml.itertext() if part.strip()] == ["一般不少于", "人。"]
    equal = [one.get("tolerance") for one in ET.fromstring(second).iter(f"{QTI}equal")]
    assert equal == ["0.01 0.01", "0 0"]


def test_formulas_are_marked_up_for_moodle_and_pictures_are_named() -> None:
    picture = f"![电路](image:{'0' * 64})"
    item = single(f"求 \\(x^2\\)，x<3 {picture}", ("\\(x\\)", "<b>", "丙"))
    for format_ in ExportFormat:
        assert ("pictures", Fate.LOST) in {
            (loss.code, loss.fate) for loss in export_items([item], format_).losses
        }
    root = ET.fromstring(export_items([item], ExportFormat.MOODLE).data)
    choice = root.findall("question")[1]
    stem = choice.find("questiontext")
    assert stem is not None
    assert (stem.get("format"), stem.findtext("text")) == ("html", "求 \\(x^2\\)，x&lt;3 〔图：电路〕")
    assert [one.get("format") for one in choice.findall("answer")] == ["html", "plain_text", "plain_text"]
    gift = export_items([item], ExportFormat.GIFT).data.decode()
    assert "::[html]求 \\\\(x^2\\\\)，x&lt;3" in gift
    assert "\t=[plain]<b>" in gift


# -- and back through our own import --------------------------------------------------------------------------------


def back(items: list[Item], format_: ExportFormat) -> list[Item]:
    report = read_questions(export_items(items, format_).data, f"题{format_.suffix}")
    assert report.faults == ()
    return [located.item for located in report.items]


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_the_course_comes_back_from_every_format_with_nothing_lost_but_what_was_named(
    format_: ExportFormat,
) -> None:
    items = course()
    lost = {
        loss.number
        for loss in export_items(items, format_).losses
        if (loss.code, loss.fate) == ("source", Fate.LOST)
    }
    expected = [
        replace(item, source="") if number in lost else item for number, item in enumerate(items, start=1)
    ]
    found = back(items, format_)
    if format_ is ExportFormat.GIFT:  # lines may be wrapped there, so runs of spaces are read as one
        found, expected = ([as_on_one_line(item) for item in some] for some in (found, expected))
    assert found == expected


def as_on_one_line(item: Item) -> Item:
    return replace(item, stem=" ".join(item.stem.split()), explanation=" ".join(item.explanation.split()))


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_fill_in_and_formulas_come_back_from_every_format(format_: ExportFormat) -> None:
    items = [
        fill_in(),
        fill_in("圆周率约____。", numbers=(PI,)),
        single("求 \\(x^2\\) 的值", ("\\(x\\)", "乙", "\\(2x\\)")),
        multiple("一行\n二行"),
    ]
    assert back(items, format_) == items


# -- what cannot be carried ------------------------------------------------------------------------------------


def test_what_a_format_cannot_carry_is_named_for_each_question() -> None:
    items = [multiple(), true_false(), AWKWARD, replace(single(), source="某" * 60)]
    found = {
        format_: {(loss.code, loss.fate): loss.number for loss in export_items(items, format_).losses}
        for format_ in ExportFormat
    }
    labels = {("difficulty", Fate.MOVED): 4, ("source", Fate.MOVED): 3, ("source", Fate.LOST): 4}
    assert found[ExportFormat.XLSX] == {}
    assert found[ExportFormat.QTI] == {}
    assert found[ExportFormat.MOODLE] == {**labels, ("all_or_nothing", Fate.LOST): 1}
    assert found[ExportFormat.GIFT] == {**found[ExportFormat.MOODLE], ("fixed_order", Fate.LOST): 3}


def test_an_unsound_item_is_left_out_and_named_in_every_format() -> None:
    for format_ in ExportFormat:
        export = export_items([single(answer=""), single()], format_)
        [left_out] = [loss for loss in export.losses if loss.fate is Fate.LEFT_OUT]
        assert (left_out.number, export.count) == (1, 1)
        assert "没有答案" in left_out.what.say()


def test_the_losses_are_summed_up_for_people() -> None:
    items = [multiple(f"第{n}题有哪些？") for n in range(12)]
    assert any(
        "不能规定全对才给分（第 1、2、3、4、5、6、7、8 题等 12 题）" in line.say()
        for line in summary(export_items(items, ExportFormat.GIFT).losses)
    )


def test_the_same_items_give_the_same_bytes() -> None:
    for format_ in (ExportFormat.GIFT, ExportFormat.MOODLE, ExportFormat.QTI):
        assert export_items(course(), format_).data == export_items(course(), format_).data
        assert format_.suffix.startswith(".")
        assert format_.label


def test_every_area_and_key_is_where_it_was() -> None:
    items = [true_false(f"{area}。", key, area=area) for area in AREAS for key in "AB"]
    questions = parse_gift_content(export_items(items, ExportFormat.GIFT).data.decode())
    assert [(one["category"], one["correct"]) for one in questions] == [
        (AREAS[item.area], TRUE_KEY in item.answer) for item in items
    ]
