"""One sheet: every row becomes a sound item or a fault that names its cell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from question_bank.importing.answer_page import AnswerPage
from question_bank.importing.answers import Numbering, numeric_answer
from question_bank.importing.cells import cell_text, is_filled
from question_bank.importing.footers import footer_text
from question_bank.importing.headers import Heading, heading_faults, repeats_heading
from question_bank.importing.merges import Merges
from question_bank.importing.option_rows import gathered, has_option_rows
from question_bank.importing.report import Ignored, LocatedItem, Table, column_letter
from question_bank.importing.row_texts import RowTexts
from question_bank.importing.rows import RowReader, Settings
from question_bank.importing.stems import loose_number_of, number_of
from question_bank.importing.usual_rows import UsualRows
from question_bank.importing.words import section_word, sheet_type
from question_bank.items import AREAS, DIFFICULTY_NAMES, Item, ItemType, Option
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault, tidy_text, too_many_options, validate_item

ROWS_TOLD_AT_ONCE = 500
"""How often whoever listens hears how far a sheet is read."""
# Numbers are taken off the stems of a sheet only when nearly all of its stems carry one.
_NUMBERED_SHARE = 0.8
# What stands in any of these becomes part of the question.
_QUESTION_FIELDS = ("stem", "options", "answer", "explanation")


class SheetReader:
    """Reads one sheet; a class because every row adds to the same four lists."""

    def __init__(
        self, table: Table, heading: Heading, settings: Settings, page: AnswerPage | None, *, named: bool
    ) -> None:
        self.items: list[LocatedItem] = []
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.ignored: list[Ignored] = []
        self._settings = settings
        self._page = page
        self._named = named
        self._too_many: dict[int, int] = {}
        if has_option_rows(heading):
            table, heading, self._too_many = gathered(table, heading)
        self._table = table
        self._heading = heading
        self._columns = heading.columns
        self._merges = Merges(table, heading)
        self._texts = RowTexts(heading)
        self._rows = RowReader(heading, self._merges, sheet_type(table.name), settings)
        width = max(map(len, table.rows))
        self._uncovered = [column for column in range(width) if column not in heading.covered]
        self._question_fields = [
            name for name in heading.columns if name in _QUESTION_FIELDS or name.startswith("option:")
        ]

    def read(self) -> None:
        """Read all rows below the heading into items, faults, warnings and ignored."""
        self.faults += heading_faults(
            self._table,
            self._heading,
            self._settings.profile,
            default_area=self._settings.default_area,
            answers_elsewhere=self._page is not None and "number" in self._columns,
        )
        if self.faults:
            return
        if "difficulty" not in self._columns:
            self.warnings.append(
                Fault(
                    "no_difficulty",
                    phrase(
                        N_("没有“难度”列，全部按“%(level)s”导入。如不合适，请补上这一列。"),
                        level=phrase(DIFFICULTY_NAMES[self._settings.default_difficulty]),
                    ),
                    "difficulty",
                ).located(row=self._heading.row + 1, sheet=self._table.name if self._named else None)
            )
        self._prove()
        usual = UsualRows(self._table, self._heading, self._rows)
        for index in range(self._heading.row + 1, len(self._table.rows)):
            row = self._table.rows[index]
            if index % ROWS_TOLD_AT_ONCE == 0:
                self._settings.on_rows(ROWS_TOLD_AT_ONCE)
            located = usual.read(index, row) if usual.is_usable else None
            if located is not None:
                self.items.append(located)
                continue
            if not is_filled(row):
                continue
            only = self._only_text(row)
            if only is not None and (announced := section_word(only)):
                self._rows.section = announced
                usual.forget()
                self.ignored.append(
                    Ignored(self._table.name, index + 1, phrase(N_("小标题“%(only)s”"), only=only.strip()))
                )
            elif repeats_heading(row, self._table, self._heading):
                self.ignored.append(Ignored(self._table.name, index + 1, phrase(N_("重复的表头"))))
            elif footer := footer_text(row, self._columns):
                text = phrase(N_("合计或结尾的一行“%(text)s”，不是试题"), text=footer)
                self.ignored.append(Ignored(self._table.name, index + 1, text))
            else:
                self._read_row(index, row)

    def _body(self) -> Iterator[tuple[int, Sequence[object]]]:
        start = self._heading.row + 1
        for index in range(start, len(self._table.rows)):
            row = self._table.rows[index]
            if is_filled(row):
                yield index, row

    def _read_row(self, index: int, row: Sequence[object]) -> None:
        doubts: list[Fault] = []
        faults = self._cell_faults(index)
        type_, fault = self._rows.type(index, row)
        by_answer = (
            fault is not None and fault.code == "type_missing" and self._settings.profile.type_from_answer
        )
        faults += [fault] if fault and not by_answer else []
        stem, fault = self._texts.stem(index, row, doubts)
        faults += [fault] if fault else []
        texts, fault = self._texts.options(row, doubts)
        faults += [fault] if fault else []
        is_open = bool(faults) or (type_ is None and not by_answer)
        area, fault = self._rows.area(index, row)
        faults += [fault] if fault else []
        difficulty, fault = self._rows.difficulty(index, row)
        faults += [fault] if fault else []
        explanation, fault = self._texts.explanation(row, doubts)
        faults += [fault] if fault else []
        self.warnings += [self._locate(doubt, index, row) for doubt in doubts]
        if is_open:
            self._report(index, row, faults)
            return
        stem, raw, fault = self._rows.answer(row, stem, type_, texts)
        if type_ is None:
            type_ = self._rows.type_by_answer(raw, stem, texts) or ItemType.SINGLE
        key = self._rows.key(raw, type_, stem, texts)
        unclear = fault or key.fault
        item = Item(
            type=type_ if unclear else self._agreed_type(index, row, type_, key.answer),
            stem=stem,
            options=key.options,
            answer=key.answer,
            explanation=explanation,
            # A row whose area is not known is a fault already; what else is wrong with it is still told.
            area=area or next(iter(AREAS)),
            difficulty=difficulty,
            source=tidy_text(cell_text(self._rows.filled_cell(index, row, "source"))),
            blank=key.blank,
        )
        if unclear:
            faults += [unclear, *_beside(item, texts)]
        else:
            faults += validate_item(item)
        if faults:
            self._report(index, row, faults)
            return
        self._warn_about_strays(index, row)
        source_id = cell_text(self._rows.cell(row, "id")).strip()
        self.items.append(LocatedItem(item, self._table.name, index + 1, source_id))

    def _cell_faults(self, index: int) -> list[Fault]:
        """Return what is wrong with the cells themselves, whatever they say."""
        faults = []
        if index in self._merges.split:
            what = phrase(
                N_("%(column)s 列在这里是合并单元格，分不清属于哪一题。请取消合并后逐行填写。"),
                column=self._merges.split[index],
            )
            faults.append(Fault("cells_merged", what))
        if index in self._too_many:
            faults.append(Fault("options_too_many", too_many_options(self._too_many[index]), "option:A"))
        for name in self._question_fields if self._table.refused else ():
            refused = self._table.refused.get((index, self._columns[name]))
            if refused:
                faults.append(Fault(*refused, name))
        return faults

    def _agreed_type(
        self, index: int, row: Sequence[object], type_: ItemType, answer: frozenset[str]
    ) -> ItemType:
        if type_ is ItemType.SINGLE and len(answer) > 1 and self._settings.profile.mismatch_warns:
            what = phrase(
                N_("题型写的是单选题，答案有 %(count)s 个，按多选题导入。请核对。"), count=len(answer)
            )
            self.warnings.append(self._locate(Fault("type_mismatch", what, "type"), index, row))
            return ItemType.MULTIPLE
        return type_

    def _prove(self) -> None:
        """Find out what the sheet's own rows prove about its numbers."""
        numbering = self._settings.profile.numbering
        self._rows.numbering = self._proven_numbering() if numbering is Numbering.UNKNOWN else numbering
        self._rows.page = self._page
        if self._page is not None:
            written = [cell_text(self._rows.cell(row, "number")).strip() for _, row in self._body()]
            self._rows.numbers = Counter(int(number) for number in written if number.isdecimal())
        if self._heading.is_template:
            return
        stems = self._column("stem")
        filled = len(stems) - stems.count("")
        numbered = [
            (index, stem)
            for index, stem in enumerate(stems, start=self._heading.row + 1)
            if isinstance(stem, str) and stem != "" and (stem[0].isdigit() or stem.lstrip()[:1].isdigit())
        ]
        if len(numbered) < _NUMBERED_SHARE * filled or not numbered:
            return
        sure = sum(1 for _, stem in numbered if number_of(stem) is not None)
        self._texts.strip_numbers = sure >= _NUMBERED_SHARE * filled
        self._texts.loosely_numbered = _in_sequence(numbered, filled)

    def _column(self, name: str) -> list[object]:
        """Return the cells of a column below the heading."""
        column = self._columns[name]
        rows = self._table.rows[self._heading.row + 1 :]
        return [row[column] if column < len(row) else "" for row in rows]

    def _proven_numbering(self) -> Numbering:
        # An index equal to the number of options cannot count from zero, and a zero cannot count from one.
        zero = one = False
        if "answer" not in self._columns:
            return Numbering.UNKNOWN
        answers = self._column("answer")
        # Most answers are letters or words, the same few on every row.
        written = {answer for answer in answers if not (isinstance(answer, str) and answer[:1].isalpha())}
        if not any(numeric_answer(answer) for answer in written):
            return Numbering.UNKNOWN
        for index, answer in enumerate(answers, start=self._heading.row + 1):
            digits = numeric_answer(answer)
            if digits is None:
                continue
            row = self._table.rows[index]
            type_, _ = self._rows.type(index, row)
            if type_ not in {ItemType.SINGLE, ItemType.MULTIPLE}:
                continue
            texts, fault = self._texts.bare_options(row)
            if fault is None:
                zero = zero or 0 in digits
                one = one or len(texts) in digits
        if zero == one:
            return Numbering.UNKNOWN
        return Numbering.FROM_ZERO if zero else Numbering.FROM_ONE

    def _warn_about_strays(self, index: int, row: Sequence[object]) -> None:
        for column in self._uncovered:
            value = row[column] if column < len(row) else ""
            if not cell_text(value).strip():
                continue
            self.warnings.append(
                Fault(
                    "outside_heading",
                    phrase(
                        N_("这一列没有表头，“%(value)s”没有导入。如是选项或答案，请移到对应的列。"),
                        value=cell_text(value)[:40],
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
        name = fault.field
        letter = self._heading.letter(name)
        value = fault.value
        if value is None and name is not None and letter is not None:
            held = name if name in self._columns else "options"
            value = cell_text(self._rows.cell(row, held)) if held in self._columns else None
        return fault.located(
            row=index + 1, sheet=self._table.name if self._named else None, column=letter, value=value
        )


def _beside(item: Item, texts: Mapping[str, str]) -> list[Fault]:
    """Return what else is wrong with a question of which the options or the answer could not be settled."""
    if item.type in {ItemType.SINGLE, ItemType.MULTIPLE}:
        last = max((key for key, text in texts.items() if text), default="")
        written = tuple(Option(key, text) for key, text in texts.items() if key <= last)
        return [one for one in validate_item(replace(item, options=written)) if one.field != "answer"]
    return [
        one
        for one in validate_item(item)
        if one.field != "answer" and not (one.field or "").startswith("option")
    ]


def _in_sequence(stems: list[tuple[int, str]], count: int) -> frozenset[int]:
    """Return the rows whose stems begin with numbers that run on from row to row, if nearly all of them do."""
    numbers = [(index, loose_number_of(stem)) for index, stem in stems]
    found = set()
    for (index, number), (after, following) in pairwise(numbers):
        if number is not None and following == number + 1:
            found |= {index, after}
    return frozenset(found) if len(found) >= _NUMBERED_SHARE * count else frozenset()
