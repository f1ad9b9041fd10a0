"""One sheet: every row becomes a sound item or a fault that names its cell."""

from collections.abc import Iterator, Sequence

from question_bank.importing.answers import Numbering, numeric_answer
from question_bank.importing.cells import cell_text, is_filled
from question_bank.importing.headers import Heading, heading_faults, repeats_heading
from question_bank.importing.merges import Merges
from question_bank.importing.report import Ignored, LocatedItem, Table, column_letter
from question_bank.importing.rows import RowReader, is_numbered
from question_bank.importing.words import section_type, sheet_type
from question_bank.items import Difficulty, Item, ItemType
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault, tidy_text, validate_item

# Numbers are taken off the stems of a sheet only when nearly all of its stems carry one.
_NUMBERED_SHARE = 0.8


class SheetReader:
    """Reads one sheet; a class because every row adds to the same four lists."""

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
        self._named = named
        self._merges = Merges(table, heading)
        self._rows = RowReader(
            heading, self._merges, sheet_type(table.name), default_area, default_difficulty
        )
        width = max(map(len, table.rows))
        self._uncovered = [column for column in range(width) if column not in heading.covered]

    def read(self) -> None:
        """Read all rows below the heading into items, faults, warnings and ignored."""
        self.faults += heading_faults(self._table, self._heading, default_area=self._default_area)
        if self.faults:
            return
        if "difficulty" not in self._columns:
            self.warnings.append(
                Fault(
                    "no_difficulty",
                    phrase(N_("没有“难度”列，全部按“中”导入。如不合适，请补上这一列。")),
                    "difficulty",
                ).located(row=self._heading.row + 1, sheet=self._table.name if self._named else None)
            )
        self._rows.numbering = self._prove_numbering()
        self._rows.strip_numbers = self._stems_are_numbered()
        for index, row in self._body():
            only = self._only_text(row)
            if only is not None and (announced := section_type(only)):
                self._rows.default_type = announced
                self.ignored.append(
                    self._left_aside(index, phrase(N_("小标题“%(title)s”"), title=only.strip()))
                )
            elif repeats_heading(row, self._table, self._heading):
                self.ignored.append(self._left_aside(index, phrase(N_("重复的表头"))))
            else:
                self._read_row(index, row)

    def _left_aside(self, index: int, why: Phrase) -> Ignored:
        return Ignored(self._table.name, index + 1, why)

    def _body(self) -> Iterator[tuple[int, Sequence[object]]]:
        start = self._heading.row + 1
        for index in range(start, len(self._table.rows)):
            row = self._table.rows[index]
            if is_filled(row):
                yield index, row

    def _read_row(self, index: int, row: Sequence[object]) -> None:
        faults: list[Fault] = []
        if index in self._merges.split:
            faults.append(
                Fault(
                    "cells_merged",
                    phrase(
                        N_("%(column)s 一列在这里是合并单元格，分不清属于哪一题。请取消合并后逐行填写。"),
                        column=self._merges.split[index],
                    ),
                )
            )
        type_, fault = self._rows.type(index, row)
        if fault:
            faults.append(fault)
        stem, fault = self._rows.stem(row)
        if fault:
            faults.append(fault)
        doubts: list[Fault] = []
        texts, fault = self._rows.options(row, doubts)
        self.warnings += [self._locate(doubt, index, row) for doubt in doubts]
        if fault:
            faults.append(fault)
        area, fault = self._rows.area(index, row)
        if fault:
            faults.append(fault)
        difficulty, fault = self._rows.difficulty(index, row)
        if fault:
            faults.append(fault)
        if faults or type_ is None or area is None:
            self._report(index, row, faults)
            return
        options, answer, fault = self._rows.options_and_answer(row, type_, texts)
        if fault:
            self._report(index, row, [fault])
            return
        item = Item(
            type=type_,
            stem=stem,
            options=options,
            answer=answer,
            explanation=tidy_text(cell_text(self._rows.cell(row, "explanation"))),
            area=area,
            difficulty=difficulty,
            source=tidy_text(cell_text(self._rows.filled_cell(index, row, "source"))),
        )
        unsound = validate_item(item)
        if unsound:
            self._report(index, row, unsound)
            return
        self._warn_about_strays(index, row)
        self.items.append(LocatedItem(item, self._table.name, index + 1))

    def _prove_numbering(self) -> Numbering:
        # An index equal to the number of options cannot count from zero, and a zero cannot count from one.
        zero = one = False
        if "answer" not in self._columns:
            return Numbering.UNKNOWN
        for index, row in self._body():
            digits = numeric_answer(self._rows.cell(row, "answer"))
            if digits is None:
                continue
            type_, _ = self._rows.type(index, row)
            if type_ in (None, ItemType.TRUE_FALSE):
                continue
            texts, fault = self._rows.option_texts(row)
            if fault is None:
                zero = zero or 0 in digits
                one = one or len(texts) in digits
        if zero == one:
            return Numbering.UNKNOWN
        return Numbering.FROM_ZERO if zero else Numbering.FROM_ONE

    def _stems_are_numbered(self) -> bool:
        if self._heading.is_template:
            return False
        stems = [cell_text(self._rows.cell(row, "stem")) for _, row in self._body()]
        numbered = sum(1 for stem in stems if is_numbered(stem))
        return bool(stems) and numbered >= _NUMBERED_SHARE * len(stems)

    def _warn_about_strays(self, index: int, row: Sequence[object]) -> None:
        for column in self._uncovered:
            value = row[column] if column < len(row) else ""
            if not cell_text(value).strip():
                continue
            self.warnings.append(
                Fault(
                    "outside_heading",
                    phrase(
                        N_("这一列没有表头，“%(text)s”没有导入。如是选项或答案，请移到对应的列。"),
                        text=cell_text(value)[:40],
                    ),
                ).located(
                    row=index + 1,
                    sheet=self._table.name if self._named else None,
                    column=column_letter(column),
                    value=cell_text(value),
                )
            )

    def _only_text(self, row: Sequence[object]) -> str | None:
        if (
            len(row) - row.count("") > 1
            and self._rows.cell(row, "stem") != ""
            and self._rows.cell(row, "answer") != ""
        ):
            return None
        texts = [value for value in row if value != "" and cell_text(value).strip()]
        return texts[0] if len(texts) == 1 and isinstance(texts[0], str) else None

    def _report(self, index: int, row: Sequence[object], faults: list[Fault]) -> None:
        self.faults += [self._locate(fault, index, row) for fault in faults]

    def _locate(self, fault: Fault, index: int, row: Sequence[object]) -> Fault:
        field = fault.field
        letter = self._heading.letter(field)
        value = None
        if field is not None and letter is not None:
            name = field if field in self._columns else "options"
            value = cell_text(self._rows.cell(row, name)) if name in self._columns else None
        return fault.located(
            row=index + 1, sheet=self._table.name if self._named else None, column=letter, value=value
        )
