"""One row: what each of its cells means under the heading of its sheet."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from question_bank.importing.answers import Numbering, numeric_answer
from question_bank.importing.cells import cell_text
from question_bank.importing.headers import Heading
from question_bank.importing.keys import Key, settle_key
from question_bank.importing.merges import Merges
from question_bank.importing.options import column_options, split_options
from question_bank.importing.report import UNSUPPORTED
from question_bank.importing.words import area_of, difficulty_of, truth_of, type_of
from question_bank.items import AREAS, OPTION_KEYS, Difficulty, ItemType
from question_bank.validation import Fault, tidy_text

# A point before a digit may be a decimal point (1.5米), so the number stays.
_NUMBER = re.compile(r"^\s*\d{1,5}\s*(?:[、)）]\s*|[.．]\s*(?=\D))")


class RowReader:
    """Reads the cells of one row; a class because each cell needs the heading, merges and defaults.

    `section` is the type word of the last section title inside the sheet, "" above the first; `numbering` and
    `strip_numbers` are what the sheet's own rows prove.
    """

    def __init__(
        self,
        heading: Heading,
        merges: Merges,
        sheet_type: ItemType | None,
        default_area: str | None,
        default_difficulty: Difficulty,
    ) -> None:
        self.section = ""
        self._sheet_type = sheet_type
        self.numbering = Numbering.UNKNOWN
        self.strip_numbers = False
        self._heading = heading
        self._columns = heading.columns
        self._merges = merges
        self._default_area = default_area
        self._default_difficulty = default_difficulty
        self._option_columns = {
            key: heading.columns[f"option:{key}"] for key in OPTION_KEYS if f"option:{key}" in heading.columns
        }

    def type(self, index: int, row: Sequence[object]) -> tuple[ItemType | None, Fault | None]:
        """Return the question type, or why it is not known."""
        value = self.filled_cell(index, row, "type")
        word = cell_text(value).strip()
        if not word:
            if not self.section and self._sheet_type is not None:
                return self._sheet_type, None
            word = self.section
        if not word:
            return None, Fault("type_missing", "没有题型。请填单选题、多选题、判断题或填空题。", "type")
        type_ = type_of(word) or self._heading.type_codes.get(word)
        if type_ is None:
            return None, Fault(
                UNSUPPORTED,
                f"题型“{word}”不支持。请改为单选题、多选题、判断题或填空题，或删去本行。",
                "type",
            )
        return type_, None

    def stem(self, row: Sequence[object]) -> tuple[str, Fault | None]:
        """Return the stem without its number in the sheet, or why the cell holds none."""
        value = self.cell(row, "stem")
        if not isinstance(value, str):
            return "", Fault(
                "stem_not_text",
                f"题干单元格是数字或日期“{cell_text(value)}”，不是题目。请填写题干，并把单元格设为文本格式。",
                "stem",
            )
        stem = tidy_text(cell_text(value))
        if self.strip_numbers:
            stem = _NUMBER.sub("", stem)
        return stem, None

    def options(self, row: Sequence[object], doubts: list[Fault]) -> tuple[dict[str, str], Fault | None]:
        """Return letter -> text, or a fault; what deserves a look goes to `doubts`."""
        if "options" in self._columns:
            text = cell_text(self.cell(row, "options"))
            return split_options(text) if text.strip() else ({}, None)
        cells: dict[str, str] = {}
        for key, column in self._option_columns.items():
            value = row[column] if column < len(row) else ""
            if type(value) is str:
                cells[key] = tidy_text(value)
                continue
            if isinstance(value, date | datetime | time | timedelta):
                return {}, Fault(
                    "option_is_date",
                    f"选项 {key} 是日期或时间“{value}”，多半被 Excel 改动过。请把单元格设为文本格式再填。",
                    f"option:{key}",
                )
            if isinstance(value, float) and not value.is_integer():
                doubts.append(
                    Fault(
                        "option_is_number",
                        f"选项 {key} 是数字格式，读成“{value}”。如原为百分数或带零的小数，"
                        "请把单元格设为文本格式再填。",
                        f"option:{key}",
                    )
                )
            cells[key] = tidy_text(cell_text(value))
        return (cells, None) if self._heading.is_template else self._unlabelled(cells)

    def area(self, index: int, row: Sequence[object]) -> tuple[str | None, Fault | None]:
        """Return the code of the knowledge area, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "area")).strip()
        if not word and self._default_area is not None:
            return self._default_area, None
        area = area_of(word)
        if area is None:
            what = f"知识领域“{word}”不认识" if word else "没有知识领域"
            return None, Fault("area_unknown", f"{what}。请填：{'、'.join(AREAS.values())}。", "area")
        return area, None

    def difficulty(self, index: int, row: Sequence[object]) -> tuple[Difficulty, Fault | None]:
        """Return the difficulty, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "difficulty")).strip()
        difficulty = difficulty_of(word) if word else self._default_difficulty
        if difficulty is None:
            return self._default_difficulty, Fault(
                "difficulty_unknown", f"难度“{word}”不认识。请填易、中或难。", "difficulty"
            )
        return difficulty, None

    def key(self, row: Sequence[object], type_: ItemType, stem: str, texts: dict[str, str]) -> Key:
        """Return the options in order from A and what is right among them, or why that is not known."""
        raw = self._raw_answer(row, texts)
        if isinstance(raw, Fault):
            return Key(fault=raw)
        return settle_key(type_, stem, texts, raw, self.numbering, template=self._heading.is_template)

    def option_texts(self, row: Sequence[object]) -> tuple[dict[str, str], Fault | None]:
        """Return the options without judging their cells, for what is asked of a sheet as a whole."""
        if "options" in self._columns:
            return split_options(cell_text(self.cell(row, "options")))
        return {
            key: text
            for key, column in self._option_columns.items()
            if (text := cell_text(row[column] if column < len(row) else "").strip())
        }, None

    def cell(self, row: Sequence[object], field: str) -> object:
        """Return the cell under `field`, or "" where there is none."""
        column = self._columns.get(field)
        return row[column] if column is not None and column < len(row) else ""

    def filled_cell(self, index: int, row: Sequence[object], field: str) -> object:
        """As `cell`, with the value of the merged range that covers it."""
        column = self._columns.get(field)
        if column is None:
            return ""
        if self._merges.fills and (index, column) in self._merges.fills:
            return self._merges.fills[index, column]
        return row[column] if column < len(row) else ""

    def _unlabelled(self, cells: dict[str, str]) -> tuple[dict[str, str], Fault | None]:
        texts, fault = column_options(cells)
        return ({**dict.fromkeys(cells, ""), **texts} if not fault else {}), fault

    def _raw_answer(self, row: Sequence[object], texts: Mapping[str, str]) -> object:
        if "answer" in self._columns:
            return self.cell(row, "answer")
        right: list[str] = []
        for key, text in texts.items():
            if not text:
                continue
            flag = self.cell(row, f"flag:{key}")
            number = numeric_answer(flag)
            said = bool(number[0]) if number in ((0,), (1,)) else truth_of(cell_text(flag))
            if said is None:
                return Fault("flag_missing", f"没有说明选项 {key} 是否正确。请填“是”或“否”。", f"flag:{key}")
            if said:
                right.append(key)
        return "".join(right)


def is_numbered(stem: str) -> bool:
    """Tell whether a stem begins with its number in the sheet."""
    return _NUMBER.match(stem) is not None
