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
from markupsafe import Markup

from lms.core.web import arrived_at
from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from lms.exam.queries.watching import LastSwitch
from lms.exam.views.moulds import Reader, cast
from question_bank.items import TYPE_NAMES, ItemType, PaperQuestion

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
    first_revision: int
    """With which revision the changes made on this page begin, unless a higher one is stored."""
    marks: Mapping[int, Mark]
    pictures: Any
    is_rehearsal: bool = False
    last_switch: LastSwitch | None = None
    """What is known of switches away from the page; nobody watches over a rehearsal."""
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


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one type in the navigator: their first and last position, and an entry for each."""

    name: str
    first: int
    last: int
    items: Sequence[Mapping[str, Any]]


def show(sheet: Sheet) -> str:
    """Draw the page."""
    language, count = str(get_locale()), len(sheet.questions)
    reader = Reader(language, _names(language, count), count)
    sections = [
        cast(reader, one, sheet.saved.get(one.position), sheet.mark(one.position), sheet.pictures)
        for one in sheet.questions
    ]
    groups = [
        _group(sheet, kind, list(some), reader.names)
        for kind, some in groupby(sheet.questions, lambda question: question.type)
    ]
    return render_template(
        "exam/runner.html", sheet=sheet, questions=sheet.questions, saved=sheet.saved, groups=groups,
        sections=Markup("\n").join(sections), now=arrived_at(),
    )  # fmt: skip


def _group(sheet: Sheet, kind: ItemType, some: Sequence[PaperQuestion], names: Sequence[str]) -> Group:
    items = [
        {
            "number": number,
            "name": names[number],
            "url": f"#q{number}",
            "done": number in sheet.saved and bool(sheet.saved[number].chosen),
            "flag": sheet.mark(number).is_set,
        }
        for number in (one.position for one in some)
    ]
    return Group(_(TYPE_NAMES[kind]), some[0].position, some[-1].position, items)
