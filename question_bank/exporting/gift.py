"""GIFT, the text format of Moodle: ::title:: stem {answers}, blank lines between questions."""

import re
from collections.abc import Iterator, Sequence

from question_bank.exporting.labels import name_shared_points, name_strict_texts, share, tags
from question_bank.exporting.losses import Fate, Losses, excerpt
from question_bank.exporting.markup import as_html, has_formula, name_pictures, without_pictures
from question_bank.items import AREAS, TRUE_KEY, Blank, Item, ItemType, plain_decimal
from question_bank.phrases import N_, phrase
from question_bank.sampling import refers_to_position

_SPECIAL = re.compile(r"[\\~=#{}:]")
_LOOKS_LIKE_FORMAT = re.compile(r"\s*\[(?:html|moodle|plain|markdown)\]", re.IGNORECASE)
_TITLE_MAX = 40


def write_gift(items: Sequence[tuple[int, Item]], losses: Losses) -> bytes:
    """Return the numbered items as a GIFT file."""
    area = ""
    blocks: list[str] = []
    for number, item in items:
        losses.turn_to(number, item)
        if item.area != area:
            area = item.area
            blocks.append(f"$CATEGORY: {AREAS[area]}")
        blocks.append("\n".join(_question(number, item, losses)))
    return ("\n\n".join(blocks) + "\n").encode()


def escaped(text: str) -> str:
    r"""Protect what GIFT would read as a sign of its own; a line break becomes ``\n``."""
    return _SPECIAL.sub(lambda sign: f"\\{sign[0]}", text).replace("\n", "\\n")


def _question(number: int, item: Item, losses: Losses) -> Iterator[str]:
    yield "// " + " ".join(f"[tag:{tag}]" for tag in tags(item, losses, "\n]"))
    name_pictures(item, losses)
    # Without a stated format Moodle would read words that look like HTML as HTML.
    stem = f"::{escaped(_title(number, item))}::{_shown(item.stem)}"
    inside = _Inside(is_html=has_formula(item.stem))
    explanation = f"####{inside.shown(item.explanation)}" if item.explanation else ""
    if item.type is ItemType.TRUE_FALSE:
        yield f"{stem} {{{'TRUE' if TRUE_KEY in item.answer else 'FALSE'}{explanation}}}"
        return
    yield f"{stem} {{{'#' if item.blank and item.blank.numbers else ''}"
    yield from _written(item, item.blank, losses) if item.blank else _options(item, inside, losses)
    if explanation:
        yield explanation
    yield "}"


def _title(number: int, item: Item) -> str:
    return f"{number:04d} {excerpt(without_pictures(item.stem), _TITLE_MAX)}"


def _written(item: Item, blank: Blank, losses: Losses) -> Iterator[str]:
    if blank.case_matters:
        losses.add("case", Fate.LOST, phrase(N_("GIFT 的填空题不区分大小写")))
    name_strict_texts(item, losses)
    for text in blank.texts:
        weight = "%100%" if text.startswith("%") else ""
        literal = text.replace("*", "\\*")  # a star would stand for any text
        yield f"\t={weight}{escaped(literal)}"
    for number in blank.numbers:
        yield f"\t={plain_decimal(number.value)}:{plain_decimal(number.tolerance)}"


def _options(item: Item, inside: "_Inside", losses: Losses) -> Iterator[str]:
    is_multiple = item.type is ItemType.MULTIPLE
    if is_multiple:
        name_shared_points(losses)
    if refers_to_position(item):
        what = N_("选项里提到别的选项的位置，GIFT 不能规定不打乱选项")
        losses.add("fixed_order", Fate.LOST, phrase(what))
    for option in item.options:
        is_right = option.key in item.answer
        if is_multiple:
            sign = f"~%{share(len(item.answer))}%" if is_right else "~%-100%"
        elif option.text.startswith("%"):
            # A text that begins with a percent sign would be read as a weight.
            sign = "=%100%" if is_right else "~%0%"
        else:
            sign = "=" if is_right else "~"
        yield f"\t{sign}{inside.shown(option.text)}"


class _Inside:
    """Texts within the braces: they have the format of the stem unless they state their own."""

    def __init__(self, *, is_html: bool) -> None:
        self._is_html = is_html

    def shown(self, text: str) -> str:
        """Write a text with its format where it needs one."""
        if has_formula(text) is self._is_html and not _LOOKS_LIKE_FORMAT.match(text):
            return _shown(text).removeprefix("[html]").removeprefix("[plain]")
        return _shown(text)


def _shown(text: str) -> str:
    return (
        f"[html]{escaped(as_html(text))}"
        if has_formula(text)
        else f"[plain]{escaped(without_pictures(text))}"
    )
