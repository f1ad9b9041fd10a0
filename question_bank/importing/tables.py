"""All sheets of a file together: which of them hold questions, and which questions stand there twice."""

from collections.abc import Sequence

from question_bank.importing.cells import is_filled
from question_bank.importing.headers import find_heading
from question_bank.importing.report import (
    Ignored,
    ImportReport,
    LocatedItem,
    Table,
    UnreadableFile,
)
from question_bank.importing.sheets import SheetReader
from question_bank.importing.words import plain
from question_bank.items import Difficulty, Item, same_question_key
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault


def read_tables(
    tables: Sequence[Table], *, default_area: str | None, default_difficulty: Difficulty
) -> ImportReport:
    """Read every sheet that has a heading row; raises `UnreadableFile` when none has."""
    items: list[LocatedItem] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    ignored: list[Ignored] = []
    found = False
    for table in tables:
        if not any(is_filled(row) for row in table.rows):
            ignored.append(Ignored(table.name, None, phrase(N_("空工作表"))))
            continue
        heading = find_heading(table)
        if heading is None:
            ignored.append(Ignored(table.name, None, phrase(N_("没有找到含“题干”和“答案”的表头"))))
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
            N_(
                "没有找到表头。请在第一行写：题型、题干、选项A、选项B…、答案、解析、知识领域、难度、依据，"
                "或下载模板填写。"
            ),
        )
    kept, repeats, alike = _without_repeats(items)
    return ImportReport(
        tuple(kept),
        tuple(sorted([*faults, *repeats], key=_place)),
        tuple(ignored),
        (*warnings, *alike),
    )


def _without_repeats(
    items: list[LocatedItem],
) -> tuple[list[LocatedItem], list[Fault], list[Fault]]:
    """Return the items without copies, faults for the copies, and warnings for stems that merely look alike.

    Of two copies with the same key the first stays. Copies that contradict each other both go: nobody knows
    which key is right.
    """
    first: dict[tuple[str, str, frozenset[str]], LocatedItem] = {}
    by_stem: dict[str, LocatedItem] = {}
    contradicted: set[int] = set()
    kept: list[LocatedItem] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for located in items:
        alike = by_stem.setdefault(plain(located.item.stem), located)
        if alike is located:
            # Most stems stand alone, and the same question needs the same stem.
            kept.append(located)
            continue
        first.setdefault(same_question_key(alike.item), alike)
        earlier = first.setdefault(same_question_key(located.item), located)
        if earlier is not located:
            here = _named_place(earlier, located)
            if _right_texts(earlier.item) == _right_texts(located.item):
                text = N_("与%(place)s是同一道题。请删去其中一行。")
                code = "duplicate"
            else:
                text = N_("与%(place)s是同一道题，但答案不同，两行都没有导入。请核对答案，只保留正确的一行。")
                code = "duplicate_contradicts"
                contradicted.add(id(earlier))
            fault = Fault(code, phrase(text, place=here))
            faults.append(fault.located(row=located.row, sheet=located.sheet))
            continue
        kept.append(located)
        warnings.append(
            Fault(
                "stem_repeated",
                phrase(
                    N_("题干与%(place)s相同，选项不同。如是同一道题，请删去其中一行。"),
                    place=_named_place(alike, located),
                ),
                "stem",
            ).located(row=located.row, sheet=located.sheet)
        )
    return [located for located in kept if id(located) not in contradicted], faults, warnings


def _named_place(earlier: LocatedItem, later: LocatedItem) -> Phrase:
    if earlier.sheet == later.sheet:
        return phrase(N_("第 %(row)s 行"), row=earlier.row)
    return phrase(N_("工作表“%(sheet)s”第 %(row)s 行"), sheet=earlier.sheet, row=earlier.row)


def _right_texts(item: Item) -> frozenset[str]:
    return frozenset(option.text for option in item.options if option.key in item.answer)


def _place(fault: Fault) -> tuple[str, int]:
    return (fault.sheet or "", fault.row or 0)
