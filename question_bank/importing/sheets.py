"""One sheet: every row becomes a sound item or a fault that names its cell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from question_bank.importing.answers import Numbering, numeric_answer, read_answer
from question_bank.importing.headers import Heading, heading_faults, repeats_heading
from question_bank.importing.options import as_options, column_options, split_options
from question_bank.importing.report import Ignored, LocatedItem, Table, column_letter
from question_bank.importing.words import (
    area_of,
    difficulty_of,
    section_type,
    sheet_type,
    truth_of,
    type_of,
)
from question_bank.items import (
    AREAS,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    Difficulty,
    Item,
    ItemType,
    Option,
)
from question_bank.validation import Fault, tidy_text, validate_item

# A point before a digit may be a decimal point (1.5米), so the number stays.
_NUMBER = re.compile(r"^\s*\d{1,5}\s*(?:[、)）]\s*|[.．]\s*(?=\D))")
# Numbers are taken off the stems of a sheet only when nearly all of its stems carry one.
_NUMBERED_SHARE = 0.8

# Fields whose value may be merged over several rows; a merged stem or answer would be a guess.
_FILLABLE = ("type", "area", "difficulty", "source")


class SheetReader:
    """Reads one sheet; a class because each row needs the sheet's heading, merges, numbering and defaults."""

    def __init__(
        self,
        table: Table,
        heading: Heading,
        default_area: str | None,
        default_difficulty: Difficulty,
        *,
        named: bool,
    ) -> None:
        self.items: list[LocatedItem] = []
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.ignored: list[Ignored] = []
        self._table = table
        self._heading = heading
        self._columns = heading.columns
        self._default_area = default_area
        self._default_difficulty = default_difficulty
        self._named = named
        self._default_type = sheet_type(table.name)
        self._fills: dict[tuple[int, int], object] = {}
        self._split: dict[int, str] = {}
        width = max(map(len, table.rows))
        self._uncovered = [column for column in range(width) if column not in heading.covered]
        self._option_columns = {
            key: heading.columns[f"option:{key}"] for key in OPTION_KEYS if f"option:{key}" in heading.columns
        }

    def read(self) -> None:
        """Read all rows below the heading into items, faults, warnings and ignored."""
        self.faults += heading_faults(self._table, self._heading, default_area=self._default_area)
        if self.faults:
            return
        if "difficulty" not in self._columns:
            self.warnings.append(
                Fault(
                    "no_difficulty", "没有“难度”列，全部按“中”导入。如不合适，请补上这一列。", "difficulty"
                ).located(row=self._heading.row + 1, sheet=self._table.name if self._named else None)
            )
        self._apply_merges()
        self._numbering = self._prove_numbering()
        self._strip_numbers = self._stems_are_numbered()
        for index, row in self._body():
            only = self._only_text(row)
            if only is not None and (announced := section_type(only)):
                self._default_type = announced
                self.ignored.append(Ignored(self._table.name, index + 1, f"小标题“{only.strip()}”"))
            elif repeats_heading(row, self._table, self._heading):
                self.ignored.append(Ignored(self._table.name, index + 1, "重复的表头"))
            else:
                self._read_row(index, row)

    def _body(self) -> Iterator[tuple[int, Sequence[object]]]:
        start = self._heading.row + 1
        for index in range(start, len(self._table.rows)):
            row = self._table.rows[index]
            if is_filled(row):
                yield index, row

    def _read_row(self, index: int, row: Sequence[object]) -> None:
        faults: list[Fault] = []
        if index in self._split:
            faults.append(
                Fault(
                    "cells_merged",
                    f"{self._split[index]}一列在这里是合并单元格，分不清属于哪一题。请取消合并后逐行填写。",
                )
            )
        type_, fault = self._type(index, row)
        if fault:
            faults.append(fault)
        stem, fault = self._stem(row)
        if fault:
            faults.append(fault)
        texts, fault = self._options(index, row)
        if fault:
            faults.append(fault)
        area, fault = self._area(index, row)
        if fault:
            faults.append(fault)
        difficulty, fault = self._difficulty(index, row)
        if fault:
            faults.append(fault)
        if faults or type_ is None or area is None:
            self._report(index, row, faults)
            return
        options, answer, fault = self._options_and_answer(row, type_, texts)
        if fault:
            self._report(index, row, [fault])
            return
        item = Item(
            type=type_,
            stem=stem,
            options=options,
            answer=answer,
            explanation=tidy_text(_text(self._cell(row, "explanation"))),
            area=area,
            difficulty=difficulty,
            source=tidy_text(_text(self._filled_cell(index, row, "source"))),
        )
        unsound = validate_item(item)
        if unsound:
            self._report(index, row, unsound)
            return
        self._warn_about_strays(index, row)
        self.items.append(LocatedItem(item, self._table.name, index + 1))

    def _type(self, index: int, row: Sequence[object]) -> tuple[ItemType | None, Fault | None]:
        value = self._filled_cell(index, row, "type")
        word = _text(value).strip()
        if not word:
            if self._default_type is None:
                return None, Fault("type_missing", "没有题型。请填单选题、多选题或判断题。", "type")
            return self._default_type, None
        type_ = type_of(word) or self._heading.type_codes.get(word)
        if type_ is None:
            return None, Fault(
                "type_unknown", f"题型“{word}”不支持。请改为单选题、多选题或判断题，或删去本行。", "type"
            )
        return type_, None

    def _stem(self, row: Sequence[object]) -> tuple[str, Fault | None]:
        value = self._cell(row, "stem")
        if not isinstance(value, str):
            return "", Fault(
                "stem_not_text",
                f"题干单元格是数字或日期“{_text(value)}”，不是题目。请填写题干，并把单元格设为文本格式。",
                "stem",
            )
        stem = tidy_text(_text(value))
        if self._strip_numbers:
            stem = _NUMBER.sub("", stem)
        return stem, None

    def _options(self, index: int, row: Sequence[object]) -> tuple[dict[str, str], Fault | None]:
        if "options" in self._columns:
            text = _text(self._cell(row, "options"))
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
                self.warnings.append(
                    self._locate(
                        Fault(
                            "option_is_number",
                            f"选项 {key} 是数字格式，读成“{value}”。如原为百分数或带零的小数，"
                            "请把单元格设为文本格式再填。",
                            f"option:{key}",
                        ),
                        index,
                        row,
                    )
                )
            cells[key] = tidy_text(_text(value))
        return (cells, None) if self._heading.is_template else self._unlabelled(cells)

    def _unlabelled(self, cells: dict[str, str]) -> tuple[dict[str, str], Fault | None]:
        texts, fault = column_options(cells)
        return ({**dict.fromkeys(cells, ""), **texts} if not fault else {}), fault

    def _area(self, index: int, row: Sequence[object]) -> tuple[str | None, Fault | None]:
        word = _text(self._filled_cell(index, row, "area")).strip()
        if not word and self._default_area is not None:
            return self._default_area, None
        area = area_of(word)
        if area is None:
            what = f"知识领域“{word}”不认识" if word else "没有知识领域"
            return None, Fault("area_unknown", f"{what}。请填：{'、'.join(AREAS.values())}。", "area")
        return area, None

    def _difficulty(self, index: int, row: Sequence[object]) -> tuple[Difficulty, Fault | None]:
        word = _text(self._filled_cell(index, row, "difficulty")).strip()
        difficulty = difficulty_of(word) if word else self._default_difficulty
        if difficulty is None:
            return self._default_difficulty, Fault(
                "difficulty_unknown", f"难度“{word}”不认识。请填易、中或难。", "difficulty"
            )
        return difficulty, None

    def _options_and_answer(
        self, row: Sequence[object], type_: ItemType, texts: dict[str, str]
    ) -> tuple[tuple[Option, ...], frozenset[str], Fault | None]:
        filled = {key: text for key, text in texts.items() if text}
        if type_ is ItemType.TRUE_FALSE and filled:
            said = [truth_of(text) for text in filled.values()]
            if len(filled) != len(TRUE_FALSE_OPTIONS) or sorted(map(str, said)) != ["False", "True"]:
                return (
                    (),
                    frozenset(),
                    Fault(
                        "true_false_options",
                        f"判断题写了 {len(filled)} 个选项，只能是“正确”和“错误”。请改选项，"
                        "或把题型改为单选题。",
                        "option",
                    ),
                )
        raw = self._raw_answer(row, texts)
        if isinstance(raw, Fault):
            return (), frozenset(), raw
        answer, fault = read_answer(
            raw, type_, filled, self._numbering, letters_only=self._heading.is_template
        )
        if fault:
            return (), frozenset(), fault
        if type_ is ItemType.TRUE_FALSE:
            return TRUE_FALSE_OPTIONS, answer, None
        # Empty columns behind the last option are no options; an empty one before it is a fault for
        # validation.
        last = max(filled, default="")
        options, renamed = as_options({key: text for key, text in texts.items() if key <= last})
        return options, frozenset(renamed.get(key, key) for key in answer), None

    def _raw_answer(self, row: Sequence[object], texts: Mapping[str, str]) -> object:
        if "answer" in self._columns:
            return self._cell(row, "answer")
        right: list[str] = []
        for key, text in texts.items():
            if not text:
                continue
            flag = self._cell(row, f"flag:{key}")
            number = numeric_answer(flag)
            said = bool(number[0]) if number in ((0,), (1,)) else truth_of(_text(flag))
            if said is None:
                return Fault("flag_missing", f"没有说明选项 {key} 是否正确。请填“是”或“否”。", f"flag:{key}")
            if said:
                right.append(key)
        return "".join(right)

    def _apply_merges(self) -> None:
        names = {self._columns[field]: field for field in self._columns}
        fillable = {self._columns[field] for field in _FILLABLE if field in self._columns}
        for merge in self._table.merges:
            if merge.bottom <= self._heading.row or merge.top >= len(self._table.rows):
                continue
            value = (
                self._table.rows[merge.top][merge.left]
                if merge.left < len(self._table.rows[merge.top])
                else ""
            )
            if section_type(_text(value)):
                continue
            bottom = min(merge.bottom, len(self._table.rows) - 1)
            for row in range(max(merge.top, self._heading.row + 1), bottom + 1):
                for column in range(merge.left, merge.right + 1):
                    if column in fillable:
                        self._fills[row, column] = value
                    elif column in names:
                        self._split.setdefault(row, f"{column_letter(column)} ")

    def _prove_numbering(self) -> Numbering:
        # An index equal to the number of options cannot count from zero, and a zero cannot count from one.
        zero = one = False
        if "answer" not in self._columns:
            return Numbering.UNKNOWN
        for index, row in self._body():
            digits = numeric_answer(self._cell(row, "answer"))
            if digits is None:
                continue
            type_, _ = self._type(index, row)
            if type_ in (None, ItemType.TRUE_FALSE):
                continue
            texts, fault = self._quiet_options(row)
            if fault is None:
                zero = zero or 0 in digits
                one = one or len(texts) in digits
        if zero == one:
            return Numbering.UNKNOWN
        return Numbering.FROM_ZERO if zero else Numbering.FROM_ONE

    def _quiet_options(self, row: Sequence[object]) -> tuple[dict[str, str], Fault | None]:
        if "options" in self._columns:
            return split_options(_text(self._cell(row, "options")))
        return {
            key: text
            for key, column in self._option_columns.items()
            if (text := _text(row[column] if column < len(row) else "").strip())
        }, None

    def _stems_are_numbered(self) -> bool:
        if self._heading.is_template:
            return False
        stems = [_text(self._cell(row, "stem")) for _, row in self._body()]
        numbered = sum(1 for stem in stems if _NUMBER.match(stem))
        return bool(stems) and numbered >= _NUMBERED_SHARE * len(stems)

    def _warn_about_strays(self, index: int, row: Sequence[object]) -> None:
        for column in self._uncovered:
            value = row[column] if column < len(row) else ""
            if not _text(value).strip():
                continue
            self.warnings.append(
                Fault(
                    "outside_heading",
                    f"这一列没有表头，“{_text(value)[:40]}”没有导入。如是选项或答案，请移到对应的列。",
                ).located(
                    row=index + 1,
                    sheet=self._table.name if self._named else None,
                    column=column_letter(column),
                    value=_text(value),
                )
            )

    def _only_text(self, row: Sequence[object]) -> str | None:
        if len(row) - row.count("") > 1 and self._cell(row, "stem") != "" and self._cell(row, "answer") != "":
            return None
        texts = [value for value in row if value != "" and _text(value).strip()]
        return texts[0] if len(texts) == 1 and isinstance(texts[0], str) else None

    def _cell(self, row: Sequence[object], field: str) -> object:
        column = self._columns.get(field)
        return row[column] if column is not None and column < len(row) else ""

    def _filled_cell(self, index: int, row: Sequence[object], field: str) -> object:
        column = self._columns.get(field)
        if column is None:
            return ""
        if self._fills and (index, column) in self._fills:
            return self._fills[index, column]
        return row[column] if column < len(row) else ""

    def _report(self, index: int, row: Sequence[object], faults: list[Fault]) -> None:
        self.faults += [self._locate(fault, index, row) for fault in faults]

    def _locate(self, fault: Fault, index: int, row: Sequence[object]) -> Fault:
        field = fault.field
        letter = self._heading.letter(field)
        value = None
        if field is not None and letter is not None:
            name = field if field in self._columns else "options"
            value = _text(self._cell(row, name)) if name in self._columns else None
        return fault.located(
            row=index + 1, sheet=self._table.name if self._named else None, column=letter, value=value
        )


def is_filled(row: Sequence[object]) -> bool:
    """Tell whether any cell of `row` holds more than blanks."""
    # A plain loop: this runs over every row, and a generator costs more than the test.
    for value in row:  # noqa: SIM110 - for the reason above
        if value != "" and (not isinstance(value, str) or value.strip()):
            return True
    return False


def _text(value: object) -> str:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
