"""An uploaded file with its verdicts, as a workbook for the one who mends it; the caller knows the language."""

from collections.abc import Callable, Sequence

from lms.core.errors import N_
from lms.questions.policy import Judgement, RowVerdict, Verdict
from question_bank.exporting.annotated import Mark, write_annotated
from question_bank.importing import ImportReport, Profile, Table, heading_row
from question_bank.phrases import Phrase, phrase

Speak = Callable[[str | Phrase], str]

VERDICT_WORDS = {
    Verdict.KNOWN: N_("题库已有"),
    Verdict.CONTRADICTS: N_("与题库矛盾"),
    Verdict.FAULTY: N_("内容有误"),
    Verdict.ALIKE: N_("与别的题相像"),
    Verdict.WARNED: N_("请留意"),
}
NEW = N_("可以导入")
SKIPPED = N_("略过")
RESULT = N_("结果")
_BAD = frozenset({Verdict.FAULTY, Verdict.CONTRADICTS})


def annotated_workbook(
    tables: Sequence[Table],
    report: ImportReport,
    judgement: Judgement,
    speak: Speak,
    profile: Profile | None = None,
) -> bytes:
    """Return the rows as they were read, with a column of results and the faulty cells in colour.

    A file without tables becomes one sheet of places and texts.
    """
    if not tables:
        return _listed(judgement, speak)
    only = tables[0].name if len(tables) == 1 else ""
    marks = [Mark(one.sheet, one.row, speak(NEW)) for one in judgement.new]
    marks += [_mark(row, row.sheet or only, row.row, speak) for row in judgement.rows if row.row is not None]
    marks += [
        Mark(one.sheet or only, one.row, speak(SKIPPED), speak(one.reason))
        for one in report.ignored
        if one.row is not None
    ]
    headings = {table.name: row for table in tables if (row := heading_row(table, profile)) is not None}
    return write_annotated(tables, marks, speak(RESULT), headings)


def _listed(judgement: Judgement, speak: Speak) -> bytes:
    found: list[tuple[str, int | None, str, RowVerdict | None]] = [
        (one.sheet, one.row, one.item.stem, None) for one in judgement.new
    ]
    found += [(row.sheet, row.row, row.value, row) for row in judgement.rows]
    if len({sheet for sheet, *_ in found if sheet}) < 2:  # noqa: PLR2004 - one source needs no name at each place
        found = [("", row, text, verdict) for _, row, text, verdict in found]
    found.sort(key=lambda one: (one[0], one[1] or 0))
    name = speak(N_("检查结果"))
    cells: list[list[object]] = [[speak(N_("位置")), speak(N_("内容"))]]
    marks = []
    for number, (sheet, row, text, verdict) in enumerate(found, start=2):
        cells.append([f"{sheet} {row or ''}".strip(), text])
        marks.append(
            Mark(name, number, speak(NEW)) if verdict is None else _mark(verdict, name, number, speak, "B")
        )
    return write_annotated([Table(name, cells)], marks, speak(RESULT), {name: 0})


def _mark(found: RowVerdict, sheet: str, row: int, speak: Speak, column: str | None = None) -> Mark:
    return Mark(
        sheet, row, speak(VERDICT_WORDS[found.verdict]), speak(found.words), column or found.column,
        found.verdict in _BAD,
    )  # fmt: skip


def as_it_is(text: str | Phrase) -> str:
    """Say a text in Chinese: a job has no reader whose language it could ask for."""
    return (text if isinstance(text, Phrase) else phrase(text)).say()
