"""Looking into a workbook before anything parses it: limits on size, parts, cells and XML tricks (D1, D2).

The headers of a ZIP file can lie about sizes, so each part is unpacked here under a limit, in memory, and
counted. Names inside the archive are never used as paths.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from question_bank.importing.report import UnreadableFile
from question_bank.phrases import N_

MEMBERS_MAX = 500
UNPACKED_MAX = 64 * 1024 * 1024
RATIO_MAX = 200
# A small part may compress extremely well without being a bomb.
RATIO_FREE = 4 * 1024 * 1024
# Above the 20,000 rows of questions that are read, so that blank formatted rows do no harm.
SHEET_ROWS_MAX = 30_000
# What all cells together may repeat from the table of shared texts.
SHARED_TEXT_MAX = 64 * 1024 * 1024

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
# Cells beyond column BZ or row 29,999 would make the reader lay out a huge empty grid.
_FAR_CELL = re.compile(rb'<c r="(?:[A-Za-z]{3}|[C-Zc-z][A-Za-z]|[A-Za-z]{1,2}(?:[3-9]\d{4}|\d{6}))')
_FAR_ROW = re.compile(rb'<row [^>]*?\br="(?:[3-9]\d{4}|\d{6})')
_ODD_CELL = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?c(?![\w.:-])(?! r=\")|<[A-Za-z_][\w.-]*:(?:c|row)[\s/>]")
_SHARED_INDEX = re.compile(rb't="s"[^>]*>\s*<v>(\d+)</v>')


def check_workbook(data: bytes) -> None:
    """Raise `UnreadableFile` unless `data` is a ZIP workbook that is safe to hand to a parser."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError) as error:
        raise _broken() from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            "not_a_workbook", N_("压缩包里没有 Excel 工作簿。请用 Excel 打开原文件，另存为 .xlsx 再导入。")
        )
    if len(members) > MEMBERS_MAX or len(names) != len(members):
        raise UnreadableFile(
            "archive_parts", N_("文件内部的部件过多或重名，不像正常的工作簿。请用 Excel 另存为新的 .xlsx。")
        )
    shared: list[int] = []
    sheets: list[bytes] = []
    unpacked = 0
    packed = sum(member.compress_size for member in members)
    if packed > len(data):
        raise _bomb()
    for member in members:
        part = _unpack(data, member, UNPACKED_MAX - unpacked)
        unpacked += len(part)
        if unpacked > RATIO_FREE and unpacked > RATIO_MAX * len(data):
            raise _bomb()
        if any(mark in part for mark in _DOCTYPES) and not member.filename.startswith("xl/media/"):
            raise UnreadableFile(
                "xml_doctype",
                N_("文件里有外部实体声明，Excel 不会写出这样的文件。请用 Excel 另存为新的 .xlsx。"),
            )
        if b"\x00" in part[:64] and member.filename.endswith((".xml", ".rels")):
            # The checks below read UTF-8, which is what every spreadsheet program writes.
            raise _unusual()
        if b"</si>" in part:
            shared = [len(text) for text in part.split(b"</si>")]
        if b"<c" in part or b":c" in part:
            _check_cells(part)
            sheets.append(part)
    _check_repeats(shared, sheets)


def _unpack(data: bytes, member: zipfile.ZipInfo, limit: int) -> bytes:
    start = member.header_offset
    if start + _LOCAL_HEADER.size > len(data) or member.flag_bits & 1:
        raise _broken()
    signature, name_size, extra_size = _LOCAL_HEADER.unpack_from(data, start)
    body = start + _LOCAL_HEADER.size + name_size + extra_size
    packed = data[body : body + member.compress_size]
    if signature != b"PK\x03\x04" or len(packed) != member.compress_size:
        raise _broken()
    if member.compress_type == zipfile.ZIP_STORED:
        part = packed
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        part = b"".join(_inflate(packed, limit))
    else:
        raise _broken()
    if len(part) > limit:
        raise _bomb()
    if len(part) != member.file_size or zlib.crc32(part) != member.CRC:
        raise _broken()
    return part


def _inflate(packed: bytes, limit: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    rest = packed
    while rest and not engine.eof:
        try:
            piece = engine.decompress(rest, 1 << 20)
        except zlib.error as error:
            raise _broken() from error
        rest = engine.unconsumed_tail
        size += len(piece)
        if size > limit:
            raise _bomb()
        yield piece


def _check_cells(part: bytes) -> None:
    if part.count(b"<row") > SHEET_ROWS_MAX or _FAR_CELL.search(part) or _FAR_ROW.search(part):
        raise UnreadableFile(
            "too_many_rows",
            N_("工作表超过 %(rows)s 行或 78 列。请删去空白的行列，或分成几个文件导入。"),
            rows=SHEET_ROWS_MAX - 1,
        )
    # Counting is many times faster than the pattern, and in a usual sheet it settles the matter.
    cells = part.count(b"<c") - part.count(b"<col")
    usual = cells == part.count(b'<c r="') and b":c" not in part and b":row" not in part
    if not usual and _ODD_CELL.search(part):
        raise _unusual()


def _check_repeats(shared: list[int], sheets: list[bytes]) -> None:
    if not shared:
        return
    uses = sum(sheet.count(b't="s"') for sheet in sheets)
    if max(shared) * uses <= SHARED_TEXT_MAX:
        return
    repeated = 0
    for sheet in sheets:
        for match in _SHARED_INDEX.finditer(sheet):
            index = int(match[1])
            repeated += shared[index] if index < len(shared) else 0
            if repeated > SHARED_TEXT_MAX:
                raise _bomb()


def _bomb() -> UnreadableFile:
    return UnreadableFile(
        "too_large_unpacked",
        N_("文件展开后超过 %(limit)s MB 或压缩比异常。请删去无关的工作表和图片，或分成几个文件。"),
        limit=UNPACKED_MAX // 1024**2,
    )


def _unusual() -> UnreadableFile:
    return UnreadableFile(
        "cells_unusual", N_("工作表的内部写法不常见，无法安全读取。请用 Excel 打开后另存为新的 .xlsx。")
    )


def _broken() -> UnreadableFile:
    return UnreadableFile(
        "workbook_broken",
        N_("文件已损坏或加了密码，无法打开。请用 Excel 打开原文件，去掉密码后另存为 .xlsx。"),
    )
