"""One thing to repair, and where it is."""

from dataclasses import dataclass, replace
from enum import StrEnum

from question_bank.phrases import N_, Phrase, phrase


class Where(StrEnum):
    """What the places of a file are: rows of sheets, lines of text files, or paragraphs of a document."""

    SHEET = "sheet"
    FILE = "file"
    DOCUMENT = "document"


# What stands in front of a fault's words, by what is known of its place: (where, sheet, column).
_PLACES = {
    (Where.SHEET, False, False): N_("第 %(row)s 行：%(what)s"),
    (Where.SHEET, False, True): N_("第 %(row)s 行 %(column)s 列：%(what)s"),
    (Where.SHEET, True, False): N_("工作表“%(sheet)s”第 %(row)s 行：%(what)s"),
    (Where.SHEET, True, True): N_("工作表“%(sheet)s”第 %(row)s 行 %(column)s 列：%(what)s"),
    (Where.FILE, False, False): N_("第 %(row)s 行：%(what)s"),
    (Where.FILE, True, False): N_("文件“%(sheet)s”第 %(row)s 行：%(what)s"),
    (Where.DOCUMENT, False, False): N_("第 %(row)s 段：%(what)s"),
    (Where.DOCUMENT, True, False): N_("文档“%(sheet)s”第 %(row)s 段：%(what)s"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair: `what` says what is wrong and what to do, `words` also where it is.

    `field` is "type", "stem", "option", "option:A".., "answer", "explanation", "area", "difficulty",
    "source" or a blueprint's "section:N"; `row` counts from 1 as the spreadsheet does, `column` is its
    letter, `value` the cell's text. The last four are None until an importer knows the place, and `where` says
    what kind of place it is: only sheets have columns.
    """

    code: str
    what: Phrase
    field: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    where: Where = Where.SHEET

    @property
    def words(self) -> Phrase:
        """Where it is, what is wrong and what to do."""
        if self.row is None:
            return self.what
        places = {"sheet": self.sheet, "column": self.column}
        known = {name: place for name, place in places.items() if place}
        text = _PLACES[self.where, "sheet" in known, "column" in known]
        return phrase(text, row=self.row, what=self.what, **known)

    @property
    def message(self) -> str:
        """The words in Chinese."""
        return self.words.say()

    def located(
        self,
        *,
        row: int,
        sheet: str | None = None,
        column: str | None = None,
        value: str | None = None,
        where: Where = Where.SHEET,
    ) -> "Fault":
        """Return the same fault with its place."""
        return replace(self, sheet=sheet, row=row, column=column, value=value, where=where)
