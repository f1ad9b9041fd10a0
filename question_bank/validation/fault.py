"""One thing to repair, and where it is."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair: `message` says in Chinese where it is, what is wrong and what to do.

    `field` is "type", "stem", "option", "option:A".., "answer", "explanation", "area", "difficulty",
    "source" or a blueprint's "section:N"; `row` counts from 1 as the spreadsheet does, `column` is its
    letter, `value` the cell's text. The last four are None until an importer knows the place.
    """

    code: str
    message: str
    field: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def located(
        self,
        *,
        row: int,
        sheet: str | None = None,
        column: str | None = None,
        value: str | None = None,
        container: str = "工作表",
        unit: str = "行",
    ) -> "Fault":
        """Return the same fault with its place, which also goes in front of the message.

        `container` and `unit` are what the place is called: a workbook has sheets and rows, a package files
        and lines, a Word document paragraphs.
        """
        place = f"第 {row} {unit}" + (f" {column} 列" if column else "")
        if sheet:
            place = f"{container}“{sheet}”{place}"
        return replace(
            self, message=f"{place}：{self.message}", sheet=sheet, row=row, column=column, value=value
        )
