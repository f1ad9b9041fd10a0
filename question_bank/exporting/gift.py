"""GIFT, the text format of Moodle: ::title:: stem {answers}, blank lines between questions."""

import re
from collections.abc import Iterator, Sequence

from question_bank.exporting.labels import name_shared_points, share, tags
from question_bank.exporting.losses import Fate, Losses, excerpt
from question_bank.items import AREAS, TRUE_KEY, Item, ItemType
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
    title = f"{number:04d} {excerpt(item.stem, _TITLE_MAX)}"
    # Without a stated format Moodle would read words that look like HTML as HTML.
    stem = f"::{escaped(title)}::[plain]{escaped(item.stem)}"
    explanation = f"####{_plain(item.explanation)}" if item.explanation else ""
    if item.type is ItemType.TRUE_FALSE:
        yield f"{stem} {{{'TRUE' if TRUE_KEY in item.answer else 'FALSE'}{explanation}}}"
        return
    yield f"{stem} {{"
    yield from _options(item, losses)
    if explanation:
        yield explanation
    yield "}"


def _options(item: Item, losses: Losses) -> Iterator[str]:
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
        yield f"\t{sign}{_plain(option.text)}"


def _plain(text: str) -> str:
    return ("[plain]" if _LOOKS_LIKE_FORMAT.match(text) else "") + escaped(text)
