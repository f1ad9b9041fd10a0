"""One thing to repair, and where it is."""

from dataclasses import dataclass, replace

from question_bank.phrases import N_, Phrase, phrase

# What stands in front of a fault's words, by what is known of its place: (sheet, column).
_PLACES = {
    (False, False): N_("第 %(row)s 行：%(what)s"),
    (False, True): N_("第 %(row)s 行 %(column)s 列：%(what)s"),
    (True, False): N_("工作表“%(sheet)s”第 %(row)s 行：%(what)s"),
    (True, True): N_("工作表“%(sheet)s”第 %(row)s 行 %(column)s 列：%(what)s"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair: `what` says what is wrong and what to do, `words` also where it is.

    `field` is "type", "stem", "option", "option:A".., "answer", "explanation", "area", "difficulty",
    "source" or a blueprint's "section:N"; `row` counts from 1 as the spreadsheet does, `column` is its
    letter, `value` the cell's text. The last four are None until an importer knows the place.
    """

    code: str
    what: Phrase
    field: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    @property
    def words(self) -> Phrase:
        """Where it is, what is wrong and what to do."""
        if self.row is None:
            return self.what
        places = {"sheet": self.sheet, "column": self.column}
        known = {name: place for name, place in places.items() if place}
        return phrase(_PLACES["sheet" in known, "column" in known], row=self.row, what=self.what, **known)

    @property
    def message(self) -> str:
        """The words in Chinese."""
        return self.words.say()

    def located(
        self, *, row: int, sheet: str | None = None, column: str | None = None, value: str | None = None
    ) -> "Fault":
        """Return the same fault with its place."""
        return replace(self, sheet=sheet, row=row, column=column, value=value)
