"""QTI 2.2: a content package with one file for each question and a manifest with their labels (LOM)."""

import io
import zipfile
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from question_bank.exporting.labels import name_strict_texts
from question_bank.exporting.losses import Fate, Losses, excerpt
from question_bank.exporting.markup import has_formula, name_pictures, texts_of, without_pictures
from question_bank.items import AREAS, Blank, Difficulty, Item, ItemType, plain_decimal
from question_bank.phrases import N_, phrase
from question_bank.sampling import refers_to_position

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
SCHEMA = "http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p2/rptemplates/"

GAP = "____"
"""The gap of a stem that a field takes the place of."""

_LANGUAGE = "zh-CN"
_RESPONSE = "RESPONSE"
_FEEDBACK = "FEEDBACK"
_EXPLANATION = "explanation"
_TITLE_MAX = 60
_DIFFICULTY = {Difficulty.EASY: "easy", Difficulty.MEDIUM: "medium", Difficulty.HARD: "difficult"}
# The same items give the same bytes: a ZIP file cannot tell a date before this one.
_DATE = (1980, 1, 1, 0, 0, 0)


def write_qti(items: Sequence[tuple[int, Item]], losses: Losses) -> bytes:
    """Return the numbered items as a content package (ZIP)."""
    manifest = Element("manifest", xmlns=PACKAGE, identifier="question-bank")
    about = SubElement(manifest, "metadata")
    SubElement(about, "schema").text = "QTIv2.2 Package"
    SubElement(about, "schemaversion").text = "1.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, item in items:
            losses.turn_to(number, item)
            _name_losses(item, losses)
            name = f"q{number:05d}"
            _add(archive, f"items/{name}.xml", _assessment_item(name, item))
            _add_resource(resources, name, item)
        indent(manifest)
        _add(archive, "imsmanifest.xml", manifest)
    return packed.getvalue()


def _assessment_item(name: str, item: Item) -> Element:
    root = Element(
        "assessmentItem",
        {
            "xmlns": QTI,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{QTI} {SCHEMA}",
            "identifier": name,
            "title": excerpt(without_pictures(item.stem), _TITLE_MAX),
            "adaptive": "false",
            "timeDependent": "false",
            "xml:lang": _LANGUAGE,
        },
    )
    if item.blank is None:
        _declare_choice(root, item)
    else:
        _declare_blank(root, item.blank)
    outcome = SubElement(
        root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"
    )
    SubElement(SubElement(outcome, "defaultValue"), "value").text = "0"
    if item.explanation:
        shown = SubElement(
            root, "outcomeDeclaration", identifier=_FEEDBACK, cardinality="single", baseType="identifier"
        )
        SubElement(SubElement(shown, "defaultValue"), "value").text = _EXPLANATION
    body = SubElement(root, "itemBody")
    if item.blank is None:
        _add_choices(body, item)
        SubElement(root, "responseProcessing", template=f"{TEMPLATES}match_correct")
    else:
        _add_gap(body, item.stem)
        _add_scoring(root, item.blank)
    if item.explanation:
        # Shown whatever was answered, and only where the test says that feedback is shown at all.
        feedback = SubElement(
            root, "modalFeedback", outcomeIdentifier=_FEEDBACK, identifier=_EXPLANATION, showHide="show"
        )
        _write(feedback, item.explanation)
    return root


def _declare_choice(root: Element, item: Item) -> None:
    cardinality = "multiple" if item.type is ItemType.MULTIPLE else "single"
    response = SubElement(
        root, "responseDeclaration", identifier=_RESPONSE, cardinality=cardinality, baseType="identifier"
    )
    correct = SubElement(response, "correctResponse")
    for key in sorted(item.answer):
        SubElement(correct, "value").text = key


def _add_choices(body: Element, item: Item) -> None:
    stays = item.type is ItemType.TRUE_FALSE or refers_to_position(item)
    choices = SubElement(
        body,
        "choiceInteraction",
        responseIdentifier=_RESPONSE,
        shuffle="false" if stays else "true",
        maxChoices="0" if item.type is ItemType.MULTIPLE else "1",
    )
    _write(SubElement(choices, "prompt"), item.stem)
    for option in item.options:
        _write(SubElement(choices, "simpleChoice", identifier=option.key), option.text)


def _declare_blank(root: Element, blank: Blank) -> None:
    response = SubElement(
        root,
        "responseDeclaration",
        identifier=_RESPONSE,
        cardinality="single",
        baseType="float" if blank.numbers else "string",
    )
    first = blank.texts[0] if blank.texts else plain_decimal(blank.numbers[0].value)
    SubElement(SubElement(response, "correctResponse"), "value").text = first
    if blank.texts:
        mapping = SubElement(response, "mapping", defaultValue="0")
        sensitive = "true" if blank.case_matters else "false"
        for text in blank.texts:
            SubElement(mapping, "mapEntry", mapKey=text, mappedValue="1", caseSensitive=sensitive)


def _add_gap(body: Element, stem: str) -> None:
    """Write the stem with the field in its gap, or behind it when it has no gap of the usual length."""
    before, gap, after = stem.partition(GAP)
    if not gap or after.startswith("_") or before.endswith("_"):
        before, after = f"{stem}\n", ""
    paragraph = SubElement(body, "p")
    _write(paragraph, before)
    field = SubElement(paragraph, "textEntryInteraction", responseIdentifier=_RESPONSE)
    first, *others = without_pictures(after).split("\n")
    field.tail = first
    for line in others:
        SubElement(paragraph, "br").tail = line


def _add_scoring(root: Element, blank: Blank) -> None:
    if blank.texts:
        SubElement(root, "responseProcessing", template=f"{TEMPLATES}map_response")
        return
    processing = SubElement(root, "responseProcessing")
    condition = SubElement(SubElement(processing, "responseCondition"), "responseIf")
    any_of = SubElement(condition, "or") if len(blank.numbers) > 1 else condition
    for number in blank.numbers:
        off = plain_decimal(number.tolerance)
        equal = SubElement(any_of, "equal", toleranceMode="absolute", tolerance=f"{off} {off}")
        SubElement(equal, "variable", identifier=_RESPONSE)
        SubElement(equal, "baseValue", baseType="float").text = plain_decimal(number.value)
    score = SubElement(condition, "setOutcomeValue", identifier="SCORE")
    SubElement(score, "baseValue", baseType="float").text = "1"


def _add_resource(resources: Element, name: str, item: Item) -> None:
    href = f"items/{name}.xml"
    resource = SubElement(resources, "resource", identifier=name, type="imsqti_item_xmlv2p2", href=href)
    lom = SubElement(SubElement(resource, "metadata"), "lom", xmlns=LOM)
    if item.source:
        # Where programs look for words about an item, ours among them; what it means is said below.
        _string(_path(lom, "general", "keyword"), f"依据:{item.source}")
    _term(_path(lom, "educational", "difficulty"), _DIFFICULTY[item.difficulty])
    if item.source:
        relation = _path(lom, "relation")
        _term(_path(relation, "kind"), "isbasedon")
        _string(_path(relation, "resource", "description"), item.source)
    classification = _path(lom, "classification")
    _term(_path(classification, "purpose"), "discipline")
    taxon_path = _path(classification, "taxonPath")
    _string(_path(taxon_path, "source"), "考评员培训知识领域")
    taxon = _path(taxon_path, "taxon")
    SubElement(taxon, "id").text = item.area
    _string(_path(taxon, "entry"), AREAS[item.area])
    SubElement(resource, "file", href=href)


def _name_losses(item: Item, losses: Losses) -> None:
    texts = texts_of(item)
    name_pictures(item, losses)
    name_strict_texts(item, losses)
    if any(has_formula(text) for text in texts):
        losses.add("formulas", Fate.MOVED, phrase(N_("公式写成 LaTeX 原文")))
    if any("  " in text for text in texts):
        what = N_("连着的空格在文件里还在，别的系统显示时会并成一个")
        losses.add("spaces", Fate.MOVED, phrase(what))


def _write(element: Element, text: str) -> None:
    first, *others = without_pictures(text).split("\n")
    element.text = first
    for line in others:
        SubElement(element, "br").tail = line


def _add(archive: zipfile.ZipFile, name: str, root: Element) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, tostring(root, encoding="utf-8", xml_declaration=True))


def _path(parent: Element, *names: str) -> Element:
    for name in names:
        parent = SubElement(parent, f"{{{LOM}}}{name}")
    return parent


def _term(element: Element, value: str) -> None:
    SubElement(element, "source").text = "LOMv1.0"
    SubElement(element, "value").text = value


def _string(element: Element, words: str) -> None:
    SubElement(element, "string", language=_LANGUAGE).text = words
