"""One row: what each of its cells means under the heading of its sheet."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from question_bank.importing.answers import Numbering, numeric_answer, read_answer
from question_bank.importing.cells import cell_text
from question_bank.importing.headers import Heading
from question_bank.importing.merges import Merges
from question_bank.importing.options import as_options, column_options, split_options
from question_bank.importing.words import area_of, difficulty_of, truth_of, type_of
from question_bank.items import OPTION_KEYS, TRUE_FALSE_OPTIONS, Difficulty, ItemType, Option, area_names
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault, tidy_text

# A point before a digit may be a decimal point (1.5米), so the number stays.
_NUMBER = re.compile(r"^\s*\d{1,5}\s*(?:[、)）]\s*|[.．]\s*(?=\D))")


class RowReader:
    """Reads the cells of one row; a class because each cell needs the heading, merges and defaults.

    `default_type` follows the section titles inside the sheet; `numbering` and `strip_numbers` are what the
    sheet's own rows prove.
    """

    def __init__(
        self,
        heading: Heading,
        merges: Merges,
        default_type: ItemType | None,
        default_area: str | None,
        default_difficulty: Difficulty,
    ) -> None:
        self.default_type = default_type
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
            if self.default_type is None:
                what = phrase(N_("没有题型。请填单选题、多选题或判断题。"))
                return None, Fault("type_missing", what, "type")
            return self.default_type, None
        type_ = type_of(word) or self._heading.type_codes.get(word)
        if type_ is None:
            what = phrase(N_("题型“%(word)s”不支持。请改为单选题、多选题或判断题，或删去本行。"), word=word)
            return None, Fault("type_unknown", what, "type")
        return type_, None

    def stem(self, row: Sequence[object]) -> tuple[str, Fault | None]:
        """Return the stem without its number in the sheet, or why the cell holds none."""
        value = self.cell(row, "stem")
        if not isinstance(value, str):
            what = phrase(
                N_("题干单元格是数字或日期“%(value)s”，不是题目。请填写题干，并把单元格设为文本格式。"),
                value=cell_text(value),
            )
            return "", Fault("stem_not_text", what, "stem")
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
                what = phrase(
                    N_(
                        "选项 %(key)s 是日期或时间“%(value)s”，多半被 Excel 改动过。请把单元格设为文本格式再填。"
                    ),
                    key=key,
                    value=str(value),
                )
                return {}, Fault("option_is_date", what, f"option:{key}")
            if isinstance(value, float) and not value.is_integer():
                what = phrase(
                    N_(
                        "选项 %(key)s 是数字格式，读成“%(value)s”。如原为百分数或带零的小数，"
                        "请把单元格设为文本格式再填。"
                    ),
                    key=key,
                    value=str(value),
                )
                doubts.append(Fault("option_is_number", what, f"option:{key}"))
            cells[key] = tidy_text(cell_text(value))
        return (cells, None) if self._heading.is_template else self._unlabelled(cells)

    def area(self, index: int, row: Sequence[object]) -> tuple[str | None, Fault | None]:
        """Return the code of the knowledge area, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "area")).strip()
        if not word and self._default_area is not None:
            return self._default_area, None
        area = area_of(word)
        if area is None:
            if word:
                what = phrase(
                    N_("知识领域“%(word)s”不认识。请填：%(names)s。"), word=word, names=area_names()
                )
            else:
                what = phrase(N_("没有知识领域。请填：%(names)s。"), names=area_names())
            return None, Fault("area_unknown", what, "area")
        return area, None

    def difficulty(self, index: int, row: Sequence[object]) -> tuple[Difficulty, Fault | None]:
        """Return the difficulty, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "difficulty")).strip()
        difficulty = difficulty_of(word) if word else self._default_difficulty
        if difficulty is None:
            what = phrase(N_("难度“%(word)s”不认识。请填易、中或难。"), word=word)
            return self._default_difficulty, Fault("difficulty_unknown", what, "difficulty")
        return difficulty, None

    def options_and_answer(
        self, row: Sequence[object], type_: ItemType, texts: dict[str, str]
    ) -> tuple[tuple[Option, ...], frozenset[str], Fault | None]:
        """Return the options in order from A and the right ones among them, or why they are not known."""
        filled = {key: text for key, text in texts.items() if text}
        if type_ is ItemType.TRUE_FALSE and filled:
            said = [truth_of(text) for text in filled.values()]
            if len(filled) != len(TRUE_FALSE_OPTIONS) or sorted(map(str, said)) != ["False", "True"]:
                what = phrase(
                    N_("判断题写了 %(count)s 个选项，只能是“正确”和“错误”。请改选项，或把题型改为单选题。"),
                    count=len(filled),
                )
                return (), frozenset(), Fault("true_false_options", what, "option")
        raw = self._raw_answer(row, texts)
        if isinstance(raw, Fault):
            return (), frozenset(), raw
        answer, fault = read_answer(
            raw, type_, filled, self.numbering, letters_only=self._heading.is_template
        )
        if fault:
            return (), frozenset(), fault
        if type_ is ItemType.TRUE_FALSE:
            return TRUE_FALSE_OPTIONS, answer, None
        # Empty columns behind the last option are no options; an empty one before it is a fault for
        # validation.
        last = max(filled, default="")
        options, renamed = as_options({key: text for key, text in texts.items() if key <= last})
        if renamed:
            answer = frozenset(renamed.get(key, key) for key in answer)
        return options, answer, None

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
                what = phrase(N_("没有说明选项 %(key)s 是否正确。请填“是”或“否”。"), key=key)
                return Fault("flag_missing", what, f"flag:{key}")
            if said:
                right.append(key)
        return "".join(right)


def is_numbered(stem: str) -> bool:
    """Tell whether a stem begins with its number in the sheet."""
    return _NUMBER.match(stem) is not None
