"""What an import hands back: sound items with their place, faults with theirs, and what was left aside."""

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.items import Item
from question_bank.phrases import N_, Phrase, Value, phrase
from question_bank.validation import Fault


@dataclass(frozen=True, slots=True)
class LocatedItem:
    """A sound item and where it stood: `row` counts from 1 as the spreadsheet does."""

    item: Item
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that was read past on purpose: a whole sheet (`row` is None) or one row of it, and why."""

    sheet: str
    row: int | None
    reason: Phrase

    @property
    def words(self) -> Phrase:
        """Where it stood and why it was left aside."""
        if self.row is None:
            return phrase(N_("工作表“%(sheet)s”：%(reason)s"), sheet=self.sheet, reason=self.reason)
        text = N_("工作表“%(sheet)s”第 %(row)s 行：%(reason)s")
        return phrase(text, sheet=self.sheet, row=self.row, reason=self.reason)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of reading one file.

    A row is either in `items` or has at least one fault, never both. `warnings` name places that were
    imported but deserve a look; they have the same form as faults.
    """

    items: tuple[LocatedItem, ...] = ()
    faults: tuple[Fault, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of cells, rows and columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet as read: cells as Python values, "" where empty; `rows[0][0]` is cell A1."""

    name: str
    rows: Sequence[Sequence[object]]
    merges: tuple[Merge, ...] = ()


class UnreadableFile(Exception):
    """The file as a whole cannot be read; `fault` says why and what to do."""

    def __init__(self, code: str, text: str, /, **values: Value) -> None:
        super().__init__(code)
        self.fault = Fault(code, phrase(text, **values))


def column_letter(index: int) -> str:
    """Return the spreadsheet letter of a column counted from 0: 0 -> "A", 26 -> "AA"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
