"""All sheets of a file together: which of them hold questions, and which questions stand there twice."""

from collections.abc import Sequence

from question_bank.importing.cells import is_filled
from question_bank.importing.headers import find_heading
from question_bank.importing.repeats import without_repeats
from question_bank.importing.report import (
    Ignored,
    ImportReport,
    LocatedItem,
    Table,
    UnreadableFile,
)
from question_bank.importing.sheets import SheetReader
from question_bank.items import Difficulty
from question_bank.validation import Fault


def read_tables(
    tables: Sequence[Table], *, default_area: str | None, default_difficulty: Difficulty, format_: str = ""
) -> ImportReport:
    """Read every sheet that has a heading row; raises `UnreadableFile` when none has."""
    items: list[LocatedItem] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    ignored: list[Ignored] = []
    found = False
    for table in tables:
        if not any(is_filled(row) for row in table.rows):
            ignored.append(Ignored(table.name, None, "空工作表"))
            continue
        heading = find_heading(table)
        if heading is None:
            ignored.append(Ignored(table.name, None, "没有找到含“题干”和“答案”的表头"))
            continue
        found = True
        reader = SheetReader(
            table,
            heading,
            default_area,
            default_difficulty,
            named=len(tables) > 1,
        )
        reader.read()
        items += reader.items
        faults += reader.faults
        warnings += reader.warnings
        ignored += reader.ignored
    if not found:
        raise UnreadableFile(
            "no_heading",
            "没有找到表头。请在第一行写：题型、题干、选项A、选项B…、答案、解析、知识领域、难度、依据，"
            "或下载模板填写。",
        )
    repeats = without_repeats(items)
    return ImportReport(
        tuple(repeats.kept),
        tuple(sorted([*faults, *repeats.faults], key=_place)),
        tuple(ignored),
        (*warnings, *repeats.warnings),
        format=format_,
    )


def _place(fault: Fault) -> tuple[str, int]:
    return (fault.sheet or "", fault.row or 0)
