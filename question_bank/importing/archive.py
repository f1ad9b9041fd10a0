"""Looking into a workbook before anything parses it: limits on rows, cells and XML tricks (D1, D2)."""

import re
from collections.abc import Mapping

from question_bank.importing.report import UnreadableFile
from question_bank.importing.zipped import Zipped, bomb
from question_bank.phrases import N_

ROWS_MAX = 100_100  # 100,000 questions, and room for headings and titles
"""The most rows of questions that are read from one sheet."""

# Blank formatted rows below the questions do no harm. The reader lays out a full grid, so a wide one is lower.
WIDE_GRID_ROWS_MAX = 30_000
CELLS_MAX = 1_600_000
# What all cells together may repeat from the table of shared texts.
SHARED_TEXT_MAX = 64 * 1024 * 1024
# A cell of Excel holds 32,767 signs; every longer run of text than twice this is found.
RUN_MAX = 200_000

WORKBOOK = "xl/workbook.xml"
SHARED_STRINGS = "xl/sharedStrings.xml"
_MEDIA = "xl/media/"
_KEPT = ("xl/worksheets/", "xl/drawings/", "xl/_rels/", "xl/cellimages.xml", SHARED_STRINGS, WORKBOOK, _MEDIA)
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_XML = (".xml", ".rels")
# The usual cell says its place first and lies within 26 columns and the rows that are laid out.
_UNUSUAL_CELL = re.compile(rb'<c(?! r="[A-Z](?:\d{1,5}|1[01]\d{4})")(?!ol[ s>])')
_FAR_CELL = re.compile(rb'<c r="(?:[A-Za-z]{3}|[C-Zc-z][A-Za-z]|[A-Za-z]{2}0*(?:[3-9]\d{4}|\d{6}))')
_FAR_ROW = re.compile(rb'<c r="[A-Za-z]0*(?:1[2-9]\d{4}|[2-9]\d{5}|\d{7})')
_ODD_CELL = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?c(?![\w.:-])(?! r=\")")
_PREFIXED_CELL = re.compile(rb"<[A-Za-z_][\w.-]*:c[\s/>]")
_ROOT = re.compile(rb"<[A-Za-z_]")
_CELL_BYTES_MIN = len(b'<c r="A1"/>')
_USE_BYTES_MIN = len(b'<c r="A1" t="s"><v>0</v></c>')
_SHARED_INDEX = re.compile(rb't="s"[^>]*>\s*<v>(\d+)</v>')


def check_workbook(zipped: Zipped) -> Mapping[str, bytearray]:
    """Raise `UnreadableFile` unless the workbook is safe to hand to a parser; return the parts worth a look."""
    kept: dict[str, bytearray] = {}
    shared: list[int] = []
    sheets: list[bytearray] = []
    for name in zipped.names:
        part = zipped.unpack(name)
        if name.startswith(_KEPT):
            kept[name] = part
        if name.startswith(_MEDIA):
            continue
        _check_markup(name, part)
        if b"</si>" in part:
            shared = list(map(len, part.split(b"</si>")))
        if _check_cells(part):
            sheets.append(part)
    _check_repeats(shared, sheets)
    return kept


def _check_markup(name: str, part: bytearray) -> None:
    two_byte = b"\x00" in part[:64]
    root = _ROOT.search(part)
    # A document type can only stand before the first element.
    prologue = part if two_byte or root is None else part[: root.start()]
    if any(mark in prologue for mark in _DOCTYPES):
        raise UnreadableFile(
            "xml_doctype", N_("文件里有外部实体声明，Excel 不会写出这样的文件。请用 Excel 另存为新的 .xlsx。")
        )
    if two_byte and name.endswith(_XML):
        # The checks below read UTF-8, which is what every spreadsheet program writes.
        raise _unusual()
    if any(part.find(b"<", start, start + RUN_MAX) < 0 for start in range(0, len(part) - RUN_MAX, RUN_MAX)):
        raise UnreadableFile(
            "cell_too_long", N_("有一个单元格的文字超过 Excel 的上限（32,767 字），不读取。请删去它再导入。")
        )


def _check_cells(part: bytearray) -> bool:
    """Check the places of all cells; tell whether the part holds any."""
    # One pass settles the matter in a usual sheet; only others are looked at again and again.
    if _UNUSUAL_CELL.search(part):
        if _ODD_CELL.search(part):
            raise _unusual()
        if _FAR_CELL.search(part) or _FAR_ROW.search(part):
            raise _too_far()
    # Colons are rare in sheets, and finding them costs next to nothing.
    if b":c" in part and _PREFIXED_CELL.search(part):
        raise _unusual()
    if len(part) > CELLS_MAX * _CELL_BYTES_MIN and part.count(b'<c r="') > CELLS_MAX:
        raise _too_far()
    return b'<c r="' in part


def _too_far() -> UnreadableFile:
    return UnreadableFile(
        "too_many_rows",
        N_(
            "工作表超过 %(most)s 行（超过 26 列时 %(most_if_wide)s 行）或 78 列。"
            "请删去空白的行列，或分成几个文件导入。"
        ),
        most=ROWS_MAX,
        most_if_wide=WIDE_GRID_ROWS_MAX,
    )


def _check_repeats(shared: list[int], sheets: list[bytearray]) -> None:
    longest = max(shared, default=0)
    # Each use takes so many bytes in its sheet that a short table cannot come to much.
    if longest * sum(len(sheet) // _USE_BYTES_MIN for sheet in sheets) <= SHARED_TEXT_MAX:
        return
    uses = sum(sheet.count(b't="s"') for sheet in sheets)
    if longest * uses <= SHARED_TEXT_MAX:
        return
    repeated = 0
    for sheet in sheets:
        for index in map(int, _SHARED_INDEX.findall(sheet)):
            repeated += shared[index] if index < len(shared) else 0
        if repeated > SHARED_TEXT_MAX:
            raise bomb()


def _unusual() -> UnreadableFile:
    return UnreadableFile(
        "cells_unusual", N_("工作表的内部写法不常见，无法安全读取。请用 Excel 打开后另存为新的 .xlsx。")
    )
