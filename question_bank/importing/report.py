"""What an import hands back: sound items with their place, faults with theirs, and what was left aside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from question_bank.items import Item
from question_bank.phrases import N_, Phrase, Value, phrase
from question_bank.validation import Fault


@dataclass(frozen=True, slots=True)
class LocatedItem:
    """A sound item and where it stood: `row` counts from 1 as the spreadsheet does.

    In files without rows it is the line, in a Word document the paragraph. `source_id` is what the file calls
    the question; it need not be unique.
    """

    item: Item
    sheet: str
    row: int
    source_id: str = ""


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
class PictureFile:
    """The bytes of a picture as they were sent; whoever shows them decodes and re-encodes them first (E1)."""

    media_type: str
    data: bytes


LOST = "lost_"
"""How the code of a warning begins that names what the file carries and the bank does not."""

UNSUPPORTED = "type_unknown"
"""The code of the fault of a question whose type the bank does not have; its value is the type's name."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of reading one file.

    A row is either in `items` or has at least one fault, never both. `warnings` name places that were
    imported but deserve a look; they have the same form as faults. `pictures` holds the bytes of every
    picture that the items show, by its key. `format` says how the file was read, in words for the page, and
    `sheets` names the sheets it has, read or not.
    """

    items: tuple[LocatedItem, ...] = ()
    faults: tuple[Fault, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    warnings: tuple[Fault, ...] = ()
    pictures: Mapping[str, PictureFile] = field(default_factory=lambda: MappingProxyType({}))
    format: Phrase | None = None
    sheets: tuple[str, ...] = ()

    def accepted(self, *, all_or_nothing: bool) -> tuple[LocatedItem, ...]:
        """Return what may come in: all sound items, or none when a single one is not (Q57)."""
        return () if all_or_nothing and self.faults else self.items

    @property
    def losses(self) -> tuple[Fault, ...]:
        """What the file carries and the bank does not: nothing is dropped in silence."""
        return tuple(warning for warning in self.warnings if warning.code.startswith(LOST))

    @property
    def unsupported(self) -> Mapping[str, int]:
        """How many questions have a type that the bank does not have, by the name of the type."""
        return Counter(fault.value or "" for fault in self.faults if fault.code == UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of cells, rows and columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet as read: cells as Python values, "" where empty; `rows[0][0]` is cell A1.

    `refused` says of cells (row and column from 0) why they cannot be part of a question: code and reason.
    """

    name: str
    rows: Sequence[Sequence[object]]
    merges: tuple[Merge, ...] = ()
    refused: Mapping[tuple[int, int], tuple[str, Phrase]] = field(
        default_factory=lambda: MappingProxyType({})
    )


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
