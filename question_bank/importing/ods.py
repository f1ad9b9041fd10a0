"""OpenDocument spreadsheets (.ods): repeated rows and cells are counted before the reader of cells lays them out."""

from collections import defaultdict
from dataclasses import replace

from question_bank.importing.report import Merge, Table, UnreadableFile
from question_bank.importing.workbooks import FORMULA, read_sheets
from question_bank.importing.xls import GRID_MAX
from question_bank.importing.xml_tree import SafeParser
from question_bank.importing.zipped import Zipped
from question_bank.phrases import N_

CONTENT = "content.xml"
_DIGITS_MAX = 9
_CELLS = ("table-cell", "covered-table-cell")


def read_ods(data: bytes, zipped: Zipped) -> list[Table]:
    """Read all sheets; raises `UnreadableFile` when the spreadsheet is unsafe, broken or too large."""
    for name in zipped.names:
        part = zipped.unpack(name)
        if name == CONTENT:
            look = _Look()
            look.parse(part)
    return [
        replace(
            table,
            merges=tuple(look.merges[table.name]),
            refused=dict.fromkeys(look.formulas[table.name], FORMULA),
        )
        for table in read_sheets(data)
    ]


class _Look(SafeParser):
    """Counts how far the filled cells of each sheet reach, and notes what the reader of cells leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.merges: dict[str, list[Merge]] = defaultdict(list)
        self.formulas: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self.parser.StartElementHandler = self._start
        self._sheet = ""
        self._row = self._column = self._width = 0
        self._row_repeats = self._cell_repeats = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        said = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if local == "table":
            self._sheet = said.get("name", "")
            self._row = self._width = self._row_repeats = 0
        elif local == "table-row":
            self._row += self._row_repeats
            self._row_repeats = _count(said.get("number-rows-repeated"))
            self._column = self._cell_repeats = 0
        elif local in _CELLS:
            self._column += self._cell_repeats
            self._cell_repeats = _count(said.get("number-columns-repeated"))
            self._take_cell(said)

    def _take_cell(self, said: dict[str, str]) -> None:
        if "value-type" in said:
            self._width = max(self._width, self._column + self._cell_repeats)
            if self._width * (self._row + self._row_repeats) > GRID_MAX:
                raise UnreadableFile(
                    "too_many_rows",
                    N_("工作表里重复的行列展开后过大。请删去空白的行列，或另存为 .xlsx 再导入。"),
                )
        if "formula" in said:
            self.formulas[self._sheet].add((self._row, self._column))
        rows, columns = _count(said.get("number-rows-spanned")), _count(said.get("number-columns-spanned"))
        if rows > 1 or columns > 1:
            self.merges[self._sheet].append(
                Merge(self._row, self._column, self._row + rows - 1, self._column + columns - 1)
            )


def _count(written: str | None) -> int:
    if not written or not written.isdecimal():
        return 1
    return max(1, int(written[:_DIGITS_MAX])) if len(written) <= _DIGITS_MAX else GRID_MAX
