"""Old workbooks (.xls): looked through record by record before the reader of cells may have them (D1, D2)."""

import struct
from collections import defaultdict
from dataclasses import replace

from question_bank.importing.compound import Compound, broken
from question_bank.importing.report import Table, UnreadableFile
from question_bank.importing.workbooks import FORMULA, read_sheets
from question_bank.phrases import N_

GRID_MAX = 3_000_000
"""How many cells the smallest rectangle round all filled ones may have: the reader lays all of it out."""

_RECORD = struct.Struct("<HH")
_BOF, _BOUND_SHEET, _FILE_PASS, _DIMENSIONS, _SHARED, _FONT = 0x0809, 0x0085, 0x002F, 0x0200, 0x00FC, 0x0031
_FORMULA = 0x0006
_CELLS = frozenset({_FORMULA, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, 0x00BD, 0x00BE})
_WORKSHEET = 0x0010
_BIFF8 = 0x0600


def read_xls(data: bytes) -> tuple[list[Table], bool]:
    """Read all sheets; the second value tells that raised or lowered letters are used, which cannot be read.

    Raises `UnreadableFile` when the workbook is unsafe, broken, locked or none.
    """
    compound = Compound(data)
    if "EncryptedPackage" in compound.names:
        raise _locked()
    if "WordDocument" in compound.names:
        raise UnreadableFile("old_document", N_("这是旧版 .doc 文档。请用 Word 打开，另存为 .docx 再导入。"))
    if "Workbook" not in compound.names:
        raise UnreadableFile(
            "not_a_workbook",
            N_("这是旧版 Office 文件，但不是 Excel 97 以后的工作簿。请另存为 .xlsx 再导入。"),
        )
    look = _Look(compound.stream("Workbook"))
    tables = [
        replace(table, refused=dict.fromkeys(look.formulas.get(table.name, ()), FORMULA))
        for table in read_sheets(data)
    ]
    return tables, look.has_raised_letters


class _Look:
    """Goes through the records of a workbook stream; raises `UnreadableFile` for what is not safe."""

    def __init__(self, stream: bytes) -> None:
        self.has_raised_letters = False
        self.formulas: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self._names: dict[int, str] = {}
        self._sheet: str | None = None
        self._rows = self._columns = 0
        place = 0
        try:
            while place + _RECORD.size <= len(stream):
                kind, size = _RECORD.unpack_from(stream, place)
                body = place + _RECORD.size
                if kind in _CELLS:
                    self._take_cell(kind, stream, body)
                elif kind:
                    self._take(kind, stream, place, body)
                place = body + size
        except struct.error as error:
            raise broken() from error

    def _take_cell(self, kind: int, stream: bytes, body: int) -> None:
        row, column = _RECORD.unpack_from(stream, body)
        if row >= self._rows or column >= self._columns:
            self._rows, self._columns = max(self._rows, row + 1), max(self._columns, column + 1)
            _check_grid(self._rows, self._columns)
        if kind == _FORMULA and self._sheet is not None:
            self.formulas[self._sheet].add((row, column))

    def _take(self, kind: int, stream: bytes, place: int, body: int) -> None:
        if kind == _FILE_PASS:
            raise _locked()
        if kind == _BOF:
            version, content = _RECORD.unpack_from(stream, body)
            if version != _BIFF8:
                raise UnreadableFile(
                    "not_a_workbook", N_("这是 Excel 95 或更早的工作簿。请另存为 .xlsx 再导入。")
                )
            self._sheet = self._names.get(place) if content == _WORKSHEET else None
            self._rows = self._columns = 0
        elif kind == _DIMENSIONS:
            _, last_row, _, last_column = struct.unpack_from("<IIHH", stream, body)
            _check_grid(last_row, last_column)
        elif kind == _SHARED:
            _, unique = struct.unpack_from("<II", stream, body)
            if unique > len(stream):
                raise broken()
        elif kind == _FONT:
            (raised,) = struct.unpack_from("<H", stream, body + 8)
            self.has_raised_letters = self.has_raised_letters or raised in {1, 2}
        elif kind == _BOUND_SHEET:
            (start,) = struct.unpack_from("<I", stream, body)
            length, wide = stream[body + 6], stream[body + 7] & 1
            name = stream[body + 8 : body + 8 + (length << wide)]
            self._names[start] = name.decode("utf-16-le" if wide else "latin-1", "replace")


def _check_grid(rows: int, columns: int) -> None:
    if rows * columns > GRID_MAX:
        raise UnreadableFile(
            "too_many_rows",
            N_("工作表用到第 %(rows)s 行、第 %(columns)s 列，范围过大。请删去空白的行列再导入。"),
            rows=rows,
            columns=columns,
        )


def _locked() -> UnreadableFile:
    return UnreadableFile(
        "workbook_locked", N_("文件加了密码，无法打开。请用 Excel 打开，去掉密码，另存为 .xlsx 再导入。")
    )
