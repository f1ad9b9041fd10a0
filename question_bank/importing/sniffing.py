"""What a file is, by its content and not by its name (Q51)."""

import re
from enum import StrEnum

from question_bank.importing.aiken import looks_like_aiken
from question_bank.importing.gift import looks_like_gift
from question_bank.importing.paragraphs import looks_like_paragraphs
from question_bank.importing.report import UnreadableFile
from question_bank.importing.words import header_field
from question_bank.importing.zipped import Zipped
from question_bank.phrases import N_

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOOKED_AT = 200_000
_START = 1000
_HEADING_LINES, _HEADING_MAX = 30, 2000
_CELLS = re.compile(r"[,\t;|，]")
_TELLING = frozenset({"stem", "answer", "type", "options", "option:A", "option:B"})
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z][\w-]*)")
_PROLOGUE = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>|\s)*", re.DOTALL | re.IGNORECASE
)


class Kind(StrEnum):
    """The formats that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    QTI_PACKAGE = "qti_package"
    QTI_ITEM = "qti_item"
    MOODLE = "moodle"
    AIKEN = "aiken"
    GIFT = "gift"
    PARAGRAPHS = "paragraphs"
    CSV = "csv"


_PARTS = {
    "xl/workbook.xml": Kind.XLSX,
    "word/document.xml": Kind.DOCX,
    "imsmanifest.xml": Kind.QTI_PACKAGE,
}
_ROOTS = {"quiz": Kind.MOODLE, "assessmentitem": Kind.QTI_ITEM, "qti-assessment-item": Kind.QTI_ITEM}
_OTHER_PARTS = {
    "xl/workbook.bin": N_("这是 .xlsb 二进制工作簿。请用 Excel 另存为 .xlsx 再导入。"),
    "ppt/presentation.xml": N_("这是 PowerPoint 文件。请把题目放进 .xlsx 或 .docx 再导入。"),
}

_KNOWN_STARTS = {
    b"%PDF": N_("这是 PDF，读不出题目的结构。请把题目放进 .xlsx 或 .docx 再导入。"),
    b"{\\rtf": N_("这是 RTF 文档。请用 Word 打开，另存为 .docx 再导入。"),
    b"Rar!": N_("这是 RAR 压缩包。请解压后逐个导入。"),
    b"7z\xbc\xaf": N_("这是 7z 压缩包。请解压后逐个导入。"),
}


def kind_of_archive(zipped: Zipped) -> Kind:
    """Return what a ZIP file holds; raises `UnreadableFile` for anything that is not read."""
    for name, kind in _PARTS.items():
        if name in zipped:
            return kind
    for name, message in _OTHER_PARTS.items():
        if name in zipped:
            raise UnreadableFile("not_a_workbook", message)
    if "content.xml" in zipped and "mimetype" in zipped:
        if b"spreadsheet" in zipped.unpack("mimetype"):
            return Kind.ODS
        raise UnreadableFile("not_a_workbook", N_("这不是电子表格。请另存为 .xlsx 或 .docx 再导入。"))
    if any(name.endswith(".xml") for name in zipped.names):
        raise UnreadableFile(
            "manifest_missing",
            N_("压缩包里没有 imsmanifest.xml，不是完整的 QTI 试题包。请从原系统重新导出。"),
        )
    raise UnreadableFile(
        "not_a_workbook",
        N_("压缩包里没有 Excel 工作簿、Word 文档或 QTI 试题包。请解压后逐个导入，或另存为 .xlsx。"),
    )


def refuse_known(data: bytes) -> None:
    """Raise `UnreadableFile` for formats that are common and not read."""
    for start, message in _KNOWN_STARTS.items():
        if data.startswith(start):
            raise UnreadableFile("not_a_table", message)
    if not data.startswith(_BOMS) and b"\x00" in data[:_START]:
        raise UnreadableFile(
            "not_a_text",
            N_("这是视频、图片一类的文件，不是表格、文档或文本。请上传 .xlsx、.docx、.csv 或文本文件。"),
        )


def looks_like_xml(data: bytes) -> bool:
    """Tell whether the bytes begin as XML or HTML do."""
    start = data[:400]
    for bom in _BOMS:
        start = start.removeprefix(bom)
    return start.replace(b"\x00", b"").lstrip().startswith(b"<")


def kind_of_xml(text: str) -> Kind:
    """Return what an XML text holds, by its first element; raises `UnreadableFile` for anything else."""
    start = text[:20_000]
    prologue = _PROLOGUE.match(start)
    root = _ROOT.match(start, prologue.end() if prologue else 0)
    name = root[1].lower() if root else ""
    if name in _ROOTS:
        return _ROOTS[name]
    if name in {"html", "table", "body", "div", "style", "meta"} or "<html" in start[:2000].lower():
        raise UnreadableFile(
            "not_a_table",
            N_("这是网页（HTML），不是表格，虽然文件名可能写着 .xls。请用 Excel 打开后另存为 .xlsx 再导入。"),
        )
    if name in {"assessmenttest", "qti-assessment-test", "manifest", "questestinterop"}:
        raise UnreadableFile(
            "not_an_item",
            N_("这是 QTI 的试卷或清单，或 QTI 1.2 文件，不含可读的试题。请上传试题文件或整个 .zip 包。"),
        )
    if name == "workbook":
        raise UnreadableFile(
            "not_a_table", N_("这是 XML 电子表格 2003。请用 Excel 打开后另存为 .xlsx 再导入。")
        )
    raise UnreadableFile(
        "not_a_table",
        N_("这是 XML 文件（%(name)s），不是可读的题库。请上传 Moodle XML 或 QTI 试题。"),
        name=name[:40] or "?",
    )


def _has_headings(text: str) -> bool:
    """Tell whether one of the first lines names columns; what its cells hold may look like anything."""
    for line in text.splitlines()[:_HEADING_LINES]:
        fields = {header_field(cell.strip().strip('"')) for cell in _CELLS.split(line[:_HEADING_MAX])}
        if len(fields & _TELLING) > 1:
            return True
    return False


def kind_of_text(text: str) -> Kind:
    """Return what a plain text holds; a table is what is left."""
    text = text[:_LOOKED_AT]
    if _has_headings(text):
        return Kind.CSV
    if looks_like_aiken(text):
        return Kind.AIKEN
    if looks_like_gift(text):
        return Kind.GIFT
    return Kind.PARAGRAPHS if looks_like_paragraphs(text) else Kind.CSV
