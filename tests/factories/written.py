"""Banks written in every format and style that is read, by hand or by a library that reads nothing here."""

import io
import random
import zipfile
from collections.abc import Sequence
from html import escape

from question_bank.items import (
    AREAS,
    DIFFICULTY_NAMES,
    TRUE_KEY,
    TYPE_NAMES,
    Difficulty,
    Item,
    ItemType,
    plain_decimal,
)
from tests.factories.documents import typed
from tests.factories.sheets import Row

OPTION_STYLES = ("columns", "labelled", "stars", "hashes", "lines", "flags")
TRUTHS = (("正确", "错误"), ("对", "错"), ("√", "×"), ("T", "F"), ("是", "否"))
LETTERS = ("{}", " {} ", "{}。")
SEPARATORS = ("", ",", "、", " ", "；")
_FIELDS = ("type", "stem", "answer", "explanation", "area", "difficulty", "source")
_NAMES = (
    ("题型", "题干", "答案", "解析", "知识领域", "难度", "依据"),
    ("试题类型", "题目内容", "正确答案", "答案解析", "知识点", "难易度", "出处"),
    ("问题类型", "试题", "正确选项（必填）", "试题解析", "章节", "题目难度", "来源"),
)
_TITLES = {ItemType.SINGLE: "一、单项选择题", ItemType.MULTIPLE: "二、多项选择题（每题2分）",
           ItemType.TRUE_FALSE: "三、判断题", ItemType.FILL_IN: "四、填空题"}  # fmt: skip


def key_text(item: Item, truth: Row = TRUTHS[0], separator: str = "") -> str:
    """The answer of an item as a cell has it."""
    if item.blank:
        return item.blank.text
    if item.type is ItemType.TRUE_FALSE:
        return str(truth[0] if TRUE_KEY in item.answer else truth[1])
    return separator.join(sorted(item.answer))


def table(items: Sequence[Item], style: str, names: int, truth: int, separator: str, order: int) -> list[Row]:
    """A sheet: how options stand, what headings are called, how answers are written, columns in any order."""
    headings, rows = list(_NAMES[names]), [_labels(item, TRUTHS[truth], separator) for item in items]
    most = max((len(item.options) for item in items), default=0)
    wide = style in {"columns", "labelled", "flags"}
    if style == "flags":
        headings[2:3], rows = [], [row[:2] + row[3:] for row in rows]
        headings += [head for place in range(most) for head in _flag_heads(place)]
    elif wide:
        headings += [f"选项{'ABCDEFGH'[place]}" for place in range(most)]
    else:
        headings.append("题目选项(选项之间用|隔开)")
    rows = [row + _options(item, style, most) for row, item in zip(rows, items, strict=True)]
    places = list(range(len(headings)))
    random.Random(order).shuffle(places)
    return [[line[place] for place in places] for line in [headings, *rows]]


def _flag_heads(place: int) -> tuple[str, str]:
    number = "一二三四五六七八"[place]
    return f"选项{number}内容", f"选项{number}是否正确"


def _labels(item: Item, truth: Row, separator: str) -> list[object]:
    return [TYPE_NAMES[item.type], item.stem, key_text(item, truth, separator), item.explanation,
            AREAS[item.area], DIFFICULTY_NAMES[item.difficulty], item.source]  # fmt: skip


def _options(item: Item, style: str, most: int) -> list[object]:
    shown = [] if item.type in {ItemType.TRUE_FALSE, ItemType.FILL_IN} and style != "flags" else item.options
    if style == "flags":
        cells = [cell for option in shown for cell in (option.text, int(option.key in item.answer))]
        return cells + [""] * (2 * most - len(cells))
    if style in {"columns", "labelled"}:
        mark = "{0}." if style == "labelled" else ""
        return [mark.format(option.key) + option.text for option in shown] + [""] * (most - len(shown))
    start, between = {"stars": ("**", "**"), "hashes": ("", "##"), "lines": ("", "\n")}[style]
    joined = between.join(f"{option.key}.{option.text}" for option in shown)
    return [start + joined if joined else ""]


def aiken(items: Sequence[Item], mark: str) -> str:
    """Blocks of Aiken; only choices have a form there."""
    blocks = []
    for item in items:
        options = "\n".join(f"{option.key}{mark} {option.text}" for option in item.options)
        blocks.append(f"{item.stem}\n{options}\nANSWER: {', '.join(sorted(item.answer))}\n")
    return "\n".join(blocks)


def gift(items: Sequence[Item]) -> str:
    """GIFT with a category before each question, and tags that Moodle itself keeps."""
    return "\n\n".join(_gift(item) for item in items)


def _gift(item: Item) -> str:
    tags = f"[tag:难度:{DIFFICULTY_NAMES[item.difficulty]}]" + (
        f" [tag:依据:{item.source}]" if item.source else ""
    )
    general = f"####{_protected(item.explanation)}" if item.explanation else ""
    if item.blank and item.blank.numbers:
        answers = "#" + "".join(
            f"={plain_decimal(one.value)}:{plain_decimal(one.tolerance)}" for one in item.blank.numbers
        )
    elif item.blank:
        answers = "".join(f"={_protected(text)} " for text in item.blank.texts)
    elif item.type is ItemType.TRUE_FALSE:
        answers = "T" if TRUE_KEY in item.answer else "FALSE"
    else:
        answers = "\n".join(_gift_option(item, option.key, option.text) for option in item.options)
    return f"$CATEGORY: $course$/{AREAS[item.area]}\n\n// {tags}\n::名::{_protected(item.stem)} {{{answers}{general}}}"


def _gift_option(item: Item, key: str, text: str) -> str:
    weight = "=%100%" if key in item.answer else "~%0%"
    if item.type is ItemType.MULTIPLE:
        share = f"{100 / len(item.answer):.5f}"
        weight = f"~%{share}%" if key in item.answer else "~%-50%"
    return f"  {weight}{_protected(text)}"


def _protected(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "~=#{}:\\" else sign for sign in text)


def moodle(items: Sequence[Item], format_: str) -> str:
    """Moodle XML, its texts as HTML or plain."""

    def text(name: str, words: str, more: str = "") -> str:
        inner = escape(words, quote=False) if format_ == "html" else words
        return f'<{name} format="{format_}"{more}><text>{escape(inner, quote=False)}</text></{name}>'

    questions = []
    for item in items:
        tags = [
            f"难度:{DIFFICULTY_NAMES[item.difficulty]}",
            *([f"依据:{item.source}"] if item.source else []),
        ]
        inner = text("questiontext", item.stem) + text("generalfeedback", item.explanation)
        inner += "<tags>" + "".join(f"<tag><text>{escape(tag)}</text></tag>" for tag in tags) + "</tags>"
        kind, body = _moodle_body(item, text)
        category = f"<category><text>$course$/{AREAS[item.area]}</text></category>"
        questions.append(f'<question type="category">{category}</question>')
        questions.append(f'<question type="{kind}">{inner}{body}</question>')
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{"".join(questions)}</quiz>'


def _moodle_body(item: Item, text: object) -> tuple[str, str]:
    if item.blank and item.blank.numbers:
        return "numerical", "".join(
            f'<answer fraction="100"><text>{plain_decimal(one.value)}</text>'
            f"<tolerance>{plain_decimal(one.tolerance)}</tolerance></answer>"
            for one in item.blank.numbers
        )
    if item.blank:
        return "shortanswer", "".join(text("answer", one, ' fraction="100"') for one in item.blank.texts)
    if item.type is ItemType.TRUE_FALSE:
        right = "true" if TRUE_KEY in item.answer else "false"
        return "truefalse", "".join(
            f'<answer fraction="{100 if word == right else 0}"><text>{word}</text></answer>'
            for word in ("true", "false")
        )
    share = f"{100 / len(item.answer):.5f}".rstrip("0").rstrip(".")
    single = "true" if item.type is ItemType.SINGLE else "false"
    return "multichoice", f"<single>{single}</single>" + "".join(
        text("answer", option.text, f' fraction="{share if option.key in item.answer else 0}"')
        for option in item.options
    )


_LOM = {Difficulty.EASY: "easy", Difficulty.MEDIUM: "medium", Difficulty.HARD: "difficult"}


def qti(items: Sequence[Item], version: int) -> bytes:
    """A QTI package of version 2 or 3; choices and single gaps."""
    resources, files = "", {}
    for number, item in enumerate(items):
        words = [AREAS[item.area], *([f"依据:{item.source}"] if item.source else [])]
        keywords = "".join(f"<keyword><string>{escape(word)}</string></keyword>" for word in words)
        metadata = (f"<metadata><lom><general>{keywords}</general><educational><difficulty><source>LOMv1.0</source>"
                    f"<value>{_LOM[item.difficulty]}</value></difficulty></educational></lom></metadata>")  # fmt: skip
        about = f'identifier="r{number}" type="imsqti_item_xmlv{version}p0" href="q{number}.xml"'
        resources += f"<resource {about}>{metadata}</resource>"
        files[f"q{number}.xml"] = _in_kebab(_item(item)) if version == 3 else _item(item)
    files["imsmanifest.xml"] = (
        f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{resources}</resources></manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _item(item: Item) -> str:
    cardinality = "multiple" if item.type is ItemType.MULTIPLE else "single"
    stem, feedback, scoring = escape(item.stem), "", ""
    if item.explanation:
        feedback = (f'<modalFeedback outcomeIdentifier="FEEDBACK" identifier="explanation" showHide="show">'
                    f"{escape(item.explanation)}</modalFeedback>")  # fmt: skip
    if item.blank:
        kind = "float" if item.blank.numbers else "string"
        right = [plain_decimal(one.value) for one in item.blank.numbers] or list(item.blank.texts)
        entries = "".join(f'<mapEntry mapKey="{escape(text)}" mappedValue="1"/>' for text in item.blank.texts)
        mapping = f"<mapping>{entries}</mapping>" if entries else ""
        if item.blank.numbers:
            off = plain_decimal(item.blank.numbers[0].tolerance)
            scoring = (f'<responseProcessing><responseCondition><responseIf><equal toleranceMode="absolute" '
                       f'tolerance="{off} {off}"/></responseIf></responseCondition></responseProcessing>')  # fmt: skip
        values, body = (
            f"<value>{escape(right[0])}</value>",
            f'<p>{stem}</p><textEntryInteraction responseIdentifier="R"/>',
        )
    else:
        kind, mapping = "identifier", ""
        values = "".join(f"<value>o{key}</value>" for key in sorted(item.answer))
        options = "".join(
            f'<simpleChoice identifier="o{option.key}">{escape(option.text)}</simpleChoice>'
            for option in item.options
        )
        most = 0 if item.type is ItemType.MULTIPLE else 1
        body = (f'<choiceInteraction responseIdentifier="R" shuffle="true" maxChoices="{most}"><prompt>{stem}</prompt>'
                f"{options}</choiceInteraction>")  # fmt: skip
    return (f'<assessmentItem identifier="i" title="t" adaptive="false"><responseDeclaration identifier="R" '
            f'cardinality="{cardinality}" baseType="{kind}"><correctResponse>{values}</correctResponse>{mapping}'
            f"</responseDeclaration><itemBody>{body}</itemBody>{scoring}{feedback}</assessmentItem>")  # fmt: skip


_KEBAB = {"assessmentItem": "assessment-item", "responseDeclaration": "response-declaration", "itemBody": "item-body",
          "correctResponse": "correct-response", "choiceInteraction": "choice-interaction", "prompt": "prompt",
          "simpleChoice": "simple-choice", "textEntryInteraction": "text-entry-interaction", "mapping": "mapping",
          "mapEntry": "map-entry", "modalFeedback": "modal-feedback", "responseProcessing": "response-processing",
          "responseCondition": "response-condition", "responseIf": "response-if", "equal": "equal",
          "value": "value"}  # fmt: skip
_KEBAB_ATTRIBUTES = {"responseIdentifier": "response-identifier", "maxChoices": "max-choices", "baseType": "base-type",
                     "mapKey": "map-key", "mappedValue": "mapped-value", "toleranceMode": "tolerance-mode",
                     "outcomeIdentifier": "outcome-identifier", "showHide": "show-hide"}  # fmt: skip


def _in_kebab(xml: str) -> str:
    """The same item under the names of QTI 3."""
    for old, new in _KEBAB.items():
        for start, ends in (("<", " >/"), ("</", ">")):
            for end in ends:
                xml = xml.replace(f"{start}{old}{end}", f"{start}qti-{new}{end}")
    for old, new in _KEBAB_ATTRIBUTES.items():
        xml = xml.replace(f" {old}=", f" {new}=")
    return xml


def document_lines(items: Sequence[Item], style: int) -> list[str]:
    """Typed questions: with titles and a number for each, marks in brackets or before colons, options in lines."""
    lines = ["考评员题库"]
    section, number = None, 0
    for item in sorted(items, key=lambda one: list(ItemType).index(one.type)):
        if item.type is not section:
            section, number = item.type, 0
            lines.append(_TITLES[section])
        number += 1
        lines.append(f"{number}{'.、．'[style]}{item.stem}" + ("____" if item.blank else ""))
        options = [f"{option.key}{'.、．'[style]}{option.text}" for option in item.options]
        if item.type in {ItemType.SINGLE, ItemType.MULTIPLE}:
            lines += ["　　".join(options)] if style == 1 else options
        for name, text in (("答案", key_text(item)), ("解析", item.explanation), ("知识领域", AREAS[item.area]),
                           ("难度", DIFFICULTY_NAMES[item.difficulty]), ("依据", item.source)):  # fmt: skip
            if text:
                lines.append(f"{name}：{text}" if style == 2 else f"【{name}】{text}")
    return lines


def document(items: Sequence[Item], style: int) -> bytes:
    """The same as a Word document."""
    return typed(*document_lines(items, style))
