"""What the page of a running exam or rehearsal is made of: both are the same page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from flask import render_template
from flask_babel import get_locale
from flask_babel import gettext as _

from lms.core.web import arrived_at
from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from question_bank.grading import WRITTEN_MAX
from question_bank.items import TYPE_NAMES, PaperQuestion

UNMARKED = Mark(0, is_set=False)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the page sends what, and where it leads."""

    here: str
    save: str
    mark: str
    submit: str
    clock: str
    hand_in: str
    result: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One running sitting as its page shows it."""

    id: str
    title: str
    line: str
    lease: str
    addresses: Addresses
    deadline_at: datetime
    remaining_ms: int
    questions: Sequence[PaperQuestion]
    saved: Mapping[int, SavedAnswer]
    marks: Mapping[int, Mark]
    pictures: Any
    is_rehearsal: bool = False
    told: Sequence[str] = ()
    """What staff have said and the candidate has not confirmed, for a page without scripts."""

    @property
    def answered(self) -> int:
        """How many questions have an answer; one that was taken back is none."""
        return sum(1 for one in self.saved.values() if one.chosen)

    def mark(self, position: int) -> Mark:
        """Return the mark of a question."""
        return self.marks.get(position, UNMARKED)


@lru_cache(maxsize=64)
def _names(_language: str, count: int) -> tuple[str, ...]:
    """Return how the questions of a paper are called in the reader's language, by their position."""
    return ("", *(_("第 %(n)s 题", n=position) for position in range(1, count + 1)))


def show(sheet: Sheet) -> str:
    """Draw the page."""
    groups = [
        (_(TYPE_NAMES[kind]), list(some))
        for kind, some in groupby(sheet.questions, lambda question: question.type)
    ]
    return render_template(
        "exam/runner.html", sheet=sheet, questions=sheet.questions, saved=sheet.saved, groups=groups,
        names=_names(str(get_locale()), len(sheet.questions)),
        type_names=TYPE_NAMES, written_max=WRITTEN_MAX, pictures=sheet.pictures, now=arrived_at(),
    )  # fmt: skip
