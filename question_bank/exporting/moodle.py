"""Moodle XML: what Moodle's question bank writes and reads itself."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from question_bank.exporting.labels import name_shared_points, name_strict_texts, share, tags
from question_bank.exporting.losses import Losses, excerpt
from question_bank.exporting.markup import as_html, has_formula, name_pictures, without_pictures
from question_bank.items import AREAS, FALSE_KEY, TRUE_KEY, Blank, Item, ItemType, plain_decimal
from question_bank.sampling import refers_to_position

_NAME_MAX = 60


def write_moodle(items: Sequence[tuple[int, Item]], losses: Losses) -> bytes:
    """Return the numbered items as a Moodle XML file."""
    quiz = Element("quiz")
    area = ""
    for number, item in items:
        losses.turn_to(number, item)
        if item.area != area:
            area = item.area
            category = SubElement(SubElement(quiz, "question", type="category"), "category")
            SubElement(category, "text").text = f"$course$/top/{AREAS[area]}"
        _add_question(quiz, number, item, losses)
    indent(quiz)
    written: bytes = tostring(quiz, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add_question(quiz: Element, number: int, item: Item, losses: Losses) -> None:
    name_pictures(item, losses)
    question = SubElement(quiz, "question", type=_kind(item))
    _text(question, "name", f"{number:04d} {excerpt(without_pictures(item.stem), _NAME_MAX)}")
    _show(question, "questiontext", item.stem)
    _show(question, "generalfeedback", item.explanation)
    SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "penalty").text = "0"
    SubElement(question, "hidden").text = "0"
    if item.blank is not None:
        name_strict_texts(item, losses)
        _add_blank(question, item.blank)
    elif item.type is ItemType.TRUE_FALSE:
        for key, word in ((TRUE_KEY, "true"), (FALSE_KEY, "false")):
            fraction = "100" if key in item.answer else "0"
            _text(question, "answer", word, fraction=fraction, format="moodle_auto_format")
    else:
        _add_options(question, item, losses)
    labels = SubElement(question, "tags")
    for tag in tags(item, losses):
        _text(labels, "tag", tag)


def _add_options(question: Element, item: Item, losses: Losses) -> None:
    is_multiple = item.type is ItemType.MULTIPLE
    right, wrong = "100", "0"
    if is_multiple:
        name_shared_points(losses)
        right, wrong = share(len(item.answer)), "-100"
    SubElement(question, "single").text = "false" if is_multiple else "true"
    SubElement(question, "shuffleanswers").text = "false" if refers_to_position(item) else "true"
    SubElement(question, "answernumbering").text = "ABCD"
    for option in item.options:
        fraction = right if option.key in item.answer else wrong
        _show(question, "answer", option.text, fraction=fraction)


def _kind(item: Item) -> str:
    if item.blank is not None:
        return "numerical" if item.blank.numbers else "shortanswer"
    return "truefalse" if item.type is ItemType.TRUE_FALSE else "multichoice"


def _add_blank(question: Element, blank: Blank) -> None:
    if blank.texts:
        SubElement(question, "usecase").text = "1" if blank.case_matters else "0"
    for text in blank.texts:
        # A star would stand for any text.
        _text(question, "answer", text.replace("*", "\\*"), fraction="100", format="plain_text")
    for number in blank.numbers:
        answer = _text(question, "answer", plain_decimal(number.value), fraction="100", format="plain_text")
        SubElement(answer, "tolerance").text = plain_decimal(number.tolerance)


def _show(parent: Element, name: str, text: str, **attributes: str) -> None:
    if has_formula(text):
        _text(parent, name, as_html(text), **attributes, format="html")
    else:
        _text(parent, name, without_pictures(text), **attributes, format="plain_text")


def _text(parent: Element, name: str, words: str, **attributes: str) -> Element:
    element = SubElement(parent, name, attributes)
    SubElement(element, "text").text = words
    return element
