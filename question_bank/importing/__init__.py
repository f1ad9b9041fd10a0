"""Reading questions from the files people already have.

`read_questions` is the whole interface. Tables (`workbooks`, `csv`) are turned into sheets of cells, and `tables`
turns cells into items and faults. All other formats have a module each that gathers drafts, and `drafts`
settles them. Nothing is guessed: what could mean two things is a fault that names its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import starmap
from pathlib import PurePath

from question_bank.importing.aiken import read_aiken
from question_bank.importing.collector import collector_paused
from question_bank.importing.csv import read_csv
from question_bank.importing.decoding import decode
from question_bank.importing.docx import Document
from question_bank.importing.drafts import Gathering
from question_bank.importing.gift import read_gift
from question_bank.importing.headers import find_heading
from question_bank.importing.mapping import Column, SheetColumns, columns_from_json, columns_of
from question_bank.importing.moodle import read_moodle
from question_bank.importing.ods import read_ods
from question_bank.importing.paragraphs import Line, read_paragraphs
from question_bank.importing.pictures import Pictures, not_fetched
from question_bank.importing.profile import Profile, profile_from_json
from question_bank.importing.qti import ItemReader
from question_bank.importing.qti_package import read_package
from question_bank.importing.report import (
    Ignored,
    ImportReport,
    LocatedItem,
    PictureFile,
    Table,
    UnreadableFile,
)
from question_bank.importing.rows import Settings
from question_bank.importing.sniffing import (
    OLE,
    ZIP,
    Kind,
    kind_of_archive,
    kind_of_text,
    kind_of_xml,
    looks_like_xml,
    refuse_known,
)
from question_bank.importing.tables import read_tables
from question_bank.importing.workbooks import read_xlsx
from question_bank.importing.xls import read_xls
from question_bank.importing.xml_tree import parse_xml
from question_bank.importing.zipped import Zipped
from question_bank.items import Difficulty
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault, Where

__all__ = [
    "BYTES_MAX",
    "Column",
    "Ignored",
    "ImportReport",
    "LocatedItem",
    "PictureFile",
    "Profile",
    "SheetColumns",
    "Table",
    "columns_from_json",
    "columns_of",
    "heading_row",
    "profile_from_json",
    "read_questions",
    "read_sheets",
    "whole_file_fault",
]

_TEXT_FORMATS = {
    Kind.AIKEN: N_("Aiken，%(encoding)s 编码"),
    Kind.GIFT: N_("GIFT，%(encoding)s 编码"),
    Kind.PARAGRAPHS: N_("文本试题，%(encoding)s 编码"),
}

_XML_START = 80_000
BYTES_MAX = 32 * 1024 * 1024
"""The largest file that is read at all (D2)."""


def read_questions(
    data: bytes,
    filename: str,
    *,
    default_area: str | None = None,
    default_difficulty: Difficulty = Difficulty.MEDIUM,
    profile: Profile | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> ImportReport:
    """Read the questions of one file; never raises for bad content, whatever it is.

    The content decides the format, not the name (a .xls may be an xlsx, a .xlsx a CSV); `filename` only
    names the sheet of a CSV. `default_area` (a code of `AREAS`) stands in where a row or the whole file
    names no area, `default_difficulty` likewise. A `profile` says what this family of files means by its own
    words. A file that cannot be read at all gives a report with one fault and no items. `on_rows` hears, while a table
    is read, how many more of its rows are.
    """
    settings = Settings(default_area, default_difficulty, profile or Profile())
    if on_rows is not None:
        settings = replace(settings, on_rows=on_rows)
    name = PurePath(filename).stem or "题库"
    try:
        with collector_paused():
            return _Reader(name, settings).read(data)
    except UnreadableFile as error:
        return ImportReport(faults=(error.fault,))


def whole_file_fault(data: bytes) -> Fault | None:
    """Return why a file is not read at all, as far as its first bytes or list of parts tell; None when they do not."""
    try:
        _refuse_by_size(data)
        if data.startswith(ZIP):
            kind_of_archive(Zipped(data))
        elif looks_like_xml(data):
            kind_of_xml(_text_of_xml(data[:_XML_START]))
        elif not data.startswith(OLE):
            refuse_known(data)
    except UnreadableFile as error:
        return error.fault
    return None


def read_sheets(data: bytes, filename: str) -> tuple[Table, ...]:
    """Return the cells of a file that holds tables, as they were read; nothing for other files and unreadable ones."""
    try:
        return tuple(_Reader(PurePath(filename).stem or "题库", Settings()).sheets(data))
    except UnreadableFile:
        return ()


def heading_row(table: Table, profile: Profile | None = None) -> int | None:
    """Return the row (from 0) in which a sheet names its columns, or None when no row names enough of them."""
    heading = find_heading(table, profile)
    return None if heading is None else heading.row


class _Reader:
    """Finds out what a file is and hands it to the module for it."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name = name
        self._settings = settings

    def read(self, data: bytes) -> ImportReport:
        """Read a file of any format; raises `UnreadableFile`."""
        _refuse_by_size(data)
        if data.startswith(ZIP):
            return self._archive(data)
        if data.startswith(OLE):
            return self._old_workbook(data)
        if looks_like_xml(data):
            return self._xml(data)
        refuse_known(data)
        text, encoding = decode(data)
        kind = kind_of_text(text)
        if kind is Kind.CSV:
            return self._tables(
                [read_csv(text, self._name)], phrase(N_("文本表格，%(encoding)s 编码"), encoding=encoding)
            )
        gathering = self._gathering()
        if kind is Kind.AIKEN:
            read_aiken(text, gathering)
        elif kind is Kind.GIFT:
            read_gift(text, gathering)
        else:
            self._paragraphs(list(starmap(Line, enumerate(text.splitlines(), start=1))), gathering)
        return self._finished(gathering, phrase(_TEXT_FORMATS[kind], encoding=encoding))

    def sheets(self, data: bytes) -> Sequence[Table]:
        """Return the tables of a file without looking for questions; raises `UnreadableFile`."""
        _refuse_by_size(data)
        if data.startswith(ZIP):
            zipped = Zipped(data)
            kind = kind_of_archive(zipped)
            if kind is Kind.DOCX:
                return [table for table in Document(zipped, Pictures()).tables if find_heading(table)]
            if kind is Kind.ODS:
                return read_ods(data, zipped)
            return read_xlsx(data, zipped, Pictures()) if kind is Kind.XLSX else []
        if data.startswith(OLE):
            return read_xls(data)[0]
        if looks_like_xml(data):
            return []
        refuse_known(data)
        text, _ = decode(data)
        return [read_csv(text, self._name)] if kind_of_text(text) is Kind.CSV else []

    def _archive(self, data: bytes) -> ImportReport:
        zipped = Zipped(data)
        kind = kind_of_archive(zipped)
        if kind is Kind.QTI_PACKAGE:
            gathering = self._gathering(named=True)
            read_package(zipped, gathering)
            return self._finished(gathering, phrase(N_("QTI 试题包")))
        if kind is Kind.DOCX:
            return self._document(zipped)
        if kind is Kind.ODS:
            return self._tables(read_ods(data, zipped), phrase(N_("OpenDocument 电子表格")))
        pictures = Pictures()
        return self._tables(read_xlsx(data, zipped, pictures), phrase(N_("Excel 工作簿")), pictures.files)

    def _old_workbook(self, data: bytes) -> ImportReport:
        tables, has_raised_letters = read_xls(data)
        report = self._tables(tables, phrase(N_("Excel 97—2003 工作簿")))
        if not has_raised_letters:
            return report
        what = phrase(
            N_(
                "这个 .xls 里有上标或下标格式，旧格式读不出来（10² 会读成 102）。请用 Excel 另存为 .xlsx 再导入。"
            )
        )
        return replace(report, items=(), faults=(Fault("raised_unclear", what), *report.faults))

    def _document(self, zipped: Zipped) -> ImportReport:
        gathering = self._gathering(where=Where.DOCUMENT)
        document = Document(zipped, gathering.pictures)
        tables = [table for table in document.tables if find_heading(table, self._settings.profile)]
        if not tables:
            for table in document.tables:
                what = phrase(N_("%(name)s里没有含“题干”和“答案”的表头"), name=table.name)
                gathering.ignore(None, what)
            self._paragraphs(document.lines, gathering)
            return self._finished(gathering, phrase(N_("Word 文档")))
        report = self._tables(tables, phrase(N_("Word 文档里的表格")), gathering.pictures.files)
        left = sum(1 for line in document.lines if line.text.strip())
        note = Ignored(self._name, None, phrase(N_("表格之外的 %(count)s 段文字"), count=left))
        return replace(report, ignored=(*report.ignored, note)) if left else report

    def _paragraphs(self, lines: list[Line], gathering: Gathering) -> None:
        read_paragraphs(lines, gathering, answers_in_stems=self._settings.profile.answers_in_stems)

    def _tables(
        self, tables: Sequence[Table], format_: Phrase, pictures: Mapping[str, PictureFile] | None = None
    ) -> ImportReport:
        return read_tables(tables, self._settings, format_, pictures or {})

    def _xml(self, data: bytes) -> ImportReport:
        kind = kind_of_xml(_text_of_xml(data))
        gathering = self._gathering()
        root = parse_xml(data)
        if kind is Kind.MOODLE:
            read_moodle(root, gathering)
            return self._finished(gathering, Phrase("Moodle XML"))
        ItemReader(root, gathering, _picture_outside).read()
        return self._finished(gathering, phrase(N_("QTI 试题")))

    def _gathering(self, *, named: bool = False, where: Where = Where.FILE) -> Gathering:
        settings = self._settings
        return Gathering(
            self._name, settings.default_area, settings.default_difficulty, named=named, where=where
        )

    def _finished(self, gathering: Gathering, format_: Phrase) -> ImportReport:
        report = gathering.report(format_)
        if not report.items and not report.faults:
            raise UnreadableFile(
                "no_question", N_("文件（%(format)s）里没有试题。请检查是否选对了文件。"), format=format_
            )
        return report


def _refuse_by_size(data: bytes) -> None:
    if not data.strip():
        raise UnreadableFile("empty_file", N_("文件是空的。请选择有内容的文件。"))
    if len(data) > BYTES_MAX:
        raise UnreadableFile(
            "too_large",
            N_("文件超过 %(most)s MB。请删去图片，或分成几个文件导入。"),
            most=BYTES_MAX >> 20,
        )


def _text_of_xml(data: bytes) -> str:
    return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "replace")


def _picture_outside(address: str, alt: str) -> tuple[str, Phrase | None]:
    # A single item comes without its pictures; the package has them.
    return picture_mark(MISSING, alt or address), not_fetched(alt or address)
