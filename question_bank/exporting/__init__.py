"""Writing questions out again: our own workbook, which comes back exactly, and the formats of other systems.

`export_items` is the whole interface; each format has a module. What a format has no place for is named in
the result, question by question: `losses` holds the words for it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from question_bank.exporting.gift import write_gift
from question_bank.exporting.losses import Fate, Loss, Losses, summary
from question_bank.exporting.markup import texts_of
from question_bank.exporting.moodle import write_moodle
from question_bank.exporting.qti import write_qti
from question_bank.exporting.xlsx import write_items
from question_bank.items import Item
from question_bank.passage import pictures
from question_bank.phrases import N_, phrase
from question_bank.validation import validate_item

__all__ = ["Export", "ExportFormat", "Fate", "Loss", "export_items", "summary"]

NumberedItems = Sequence[tuple[int, Item]]


class ExportFormat(StrEnum):
    """The formats that questions can be written in."""

    XLSX = "xlsx"
    GIFT = "gift"
    MOODLE = "moodle"
    QTI = "qti"

    @property
    def label(self) -> str:
        """What people call the format: a text to translate."""
        return _FORMATS[self].label

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        return _FORMATS[self].suffix

    @property
    def media_type(self) -> str:
        """What a web server calls the file."""
        return _FORMATS[self].media_type


@dataclass(frozen=True, slots=True)
class Export:
    """A written file, how many questions are in it, and what it could not carry."""

    format: ExportFormat
    data: bytes
    count: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class _Format:
    label: str
    suffix: str
    media_type: str
    write: Callable[[NumberedItems, Losses], bytes]


def export_items(items: Iterable[Item], format_: ExportFormat) -> Export:
    """Write items in a format. An unsound item is left out and named; nothing is ever dropped in silence."""
    losses = Losses()
    sound: list[tuple[int, Item]] = []
    for number, item in enumerate(items, start=1):
        faults = validate_item(item)
        if faults:
            losses.turn_to(number, item)
            losses.add(
                "unsound", Fate.LEFT_OUT, phrase(N_("试题本身有问题：%(fault)s"), fault=faults[0].words)
            )
        else:
            sound.append((number, item))
    data = _FORMATS[format_].write(sound, losses)
    return Export(format_, data, len(sound), losses.found)


def _write_xlsx(items: NumberedItems, losses: Losses) -> bytes:
    for number, item in items:
        losses.turn_to(number, item)
        if item.blank is not None and item.blank.case_matters:
            losses.add("case", Fate.LOST, phrase(N_("表格里没有“区分大小写”一栏")))
        if any(pictures(text) for text in texts_of(item)):
            losses.add("pictures", Fate.LOST, phrase(N_("图片不在表格里，只留下它的标记")))
    return write_items(item for _, item in items)


_FORMATS = {
    ExportFormat.XLSX: _Format(
        N_("Excel 表格"),
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _write_xlsx,
    ),
    ExportFormat.GIFT: _Format(
        N_("GIFT（Moodle 文本）"), ".gift.txt", "text/plain; charset=utf-8", write_gift
    ),
    ExportFormat.MOODLE: _Format("Moodle XML", ".xml", "application/xml", write_moodle),
    ExportFormat.QTI: _Format(N_("QTI 2.2 内容包"), ".zip", "application/zip", write_qti),
}
