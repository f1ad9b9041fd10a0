"""All sheets of a file together: which of them hold questions, and which questions stand there twice."""

from collections.abc import Mapping, Sequence

from question_bank.importing.answer_page import answer_page
from question_bank.importing.cells import is_filled
from question_bank.importing.headers import NOTES_SHEET, find_heading
from question_bank.importing.repeats import without_repeats
from question_bank.importing.report import (
    Ignored,
    ImportReport,
    LocatedItem,
    PictureFile,
    Table,
    UnreadableFile,
)
from question_bank.importing.rows import Settings
from question_bank.importing.sheets import SheetReader
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault


def read_tables(
    tables: Sequence[Table], settings: Settings, format_: Phrase, pictures: Mapping[str, PictureFile]
) -> ImportReport:
    """Read every sheet that has a heading row; raises `UnreadableFile` when none has."""
    items: list[LocatedItem] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    ignored: list[Ignored] = []
    headings = [(table, find_heading(table, settings.profile)) for table in tables]
    chosen = [pair for pair in headings if not _reason_to_skip(pair[0], settings)]
    page = answer_page([table for table, heading in chosen if heading is None])
    # Answers on a page of their own belong to the one sheet that has none.
    lacking = [heading for _, heading in chosen if heading is not None and not heading.has_answer]
    for table, heading in headings:
        if skipped := _reason_to_skip(table, settings):
            ignored.append(Ignored(table.name, None, skipped))
        elif heading is None and table.name == NOTES_SHEET:
            continue  # our own template's: nobody needs to be told that it holds no questions
        elif heading is None:
            text = N_("没有找到含“题干”和“答案”的表头") if page is None else N_("答案页，或没有表头")
            ignored.append(Ignored(table.name, None, phrase(text)))
        else:
            own = page if not heading.has_answer and len(lacking) == 1 else None
            reader = SheetReader(table, heading, settings, own, named=len(tables) > 1)
            reader.read()
            items += reader.items
            faults += reader.faults
            warnings += reader.warnings
            ignored += reader.ignored
    if not any(heading for _, heading in chosen):
        raise UnreadableFile(
            "no_heading",
            N_(
                "没有找到表头。请在第一行写：题型、题干、选项A、选项B…、答案、解析、知识领域、难度、依据，或下载模板填写。"
            ),
        )
    repeats = without_repeats(items)
    return ImportReport(
        tuple(repeats.kept),
        tuple(sorted([*faults, *repeats.faults], key=_place)),
        tuple(ignored),
        (*warnings, *repeats.warnings),
        pictures,
        format_,
        tuple(table.name for table in tables),
    )


def _reason_to_skip(table: Table, settings: Settings) -> Phrase | None:
    if settings.profile.sheets and table.name not in settings.profile.sheets:
        return phrase(N_("没有选中的工作表"))
    return None if any(is_filled(row) for row in table.rows) else phrase(N_("空工作表"))


def _place(fault: Fault) -> tuple[str, int]:
    return (fault.sheet or "", fault.row or 0)
