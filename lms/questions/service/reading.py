"""Reading a file with what its owner says about it, and comparing it with the bank."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lms.core.errors import Invalid
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import report_to_json, sample_to_json
from lms.questions.pictures import with_fresh_pictures
from lms.questions.policy import (
    SAMPLE_ROWS_MAX,
    SHOWN_ROWS_MAX,
    UNDECIDED,
    Decisions,
    Judgement,
    Pair,
    judge,
    question_key,
    unreadable_reasons,
)
from lms.questions.queries import BatchFacts
from question_bank.importing import ImportReport, Profile, read_questions
from question_bank.items import Difficulty


@dataclass(frozen=True, slots=True)
class ReadingChoices:
    """What the owner of a file says about it: what stands in where a row names none, and what its columns are."""

    default_area: str | None = None
    default_difficulty: Difficulty | None = None
    profile: Profile | None = None


def choices_of(batch: BatchFacts) -> ReadingChoices:
    """Return what was said about a stored file."""
    return ReadingChoices(batch.default_area, batch.default_difficulty, batch.profile)


def read_file(
    filename: str,
    data: bytes,
    choices: ReadingChoices | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> ImportReport:
    """Read a file. Call it outside any transaction: a long file takes a while, and `on_rows` hears how far it is.

    Raises Invalid when the file as a whole cannot be read.
    """
    choices = choices or ReadingChoices()
    report = with_fresh_pictures(
        read_questions(
            data, filename, default_area=choices.default_area or None,
            default_difficulty=choices.default_difficulty or Difficulty.MEDIUM, profile=choices.profile,
            on_rows=on_rows,
        )
    )  # fmt: skip
    unreadable = [fault for fault in report.faults if fault.row is None]
    if unreadable and not report.items:
        raise Invalid(unreadable_reasons(unreadable))
    return report


def judge_report(
    uow: UnitOfWork,
    report: ImportReport,
    alike: Mapping[str, Pair] = MappingProxyType({}),
    decisions: Decisions = UNDECIDED,
) -> Judgement:
    """Compare a read file with the bank as it is now.

    `alike` are the rows that were found to look like another question, by fingerprint; a file that a command brings
    in has none, because nobody is there to decide.
    """
    known = queries.known_items(uow, (question_key(row.item) for row in report.items), with_drafts=True)
    return judge(report, known, alike, decisions)


def findings(judgement: Judgement) -> dict[str, Any]:
    """Return the columns of a batch that say what was found in its file."""
    return {
        "new_count": len(judgement.new), "known_count": judgement.known_count, "fault_count": judgement.fault_count,
        "alike_count": judgement.alike_count,
        "report": report_to_json(judgement.rows[:SHOWN_ROWS_MAX], judgement.ignored),
        "sample": sample_to_json(judgement.new[:SAMPLE_ROWS_MAX]),
    }  # fmt: skip
