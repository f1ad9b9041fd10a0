"""What the page of a running exam or rehearsal is made of: both are the same page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from flask import render_template
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from lms.core.formats import meter, time_cn
from lms.core.web import arrived_at
from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark
from lms.exam.queries.watching import LastSwitch
from lms.exam.views.moulds import Reader, cast
from lms.exam.views.page_mould import PageKind, cast_page, is_plain_request
from question_bank.items import TYPE_NAMES, ItemType, PaperQuestion

UNMARKED = Mark(0, is_set=False)
NEVER_AWAY = LastSwitch()
NOBODYS = "0" * 16
"""The id of no sitting: what is the same for all of them is looked up with it once."""


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

    def of(self, sitting_id: str) -> "Addresses":
        """Return the addresses of a sitting, from those that were looked up for `NOBODYS`."""
        return Addresses(*[getattr(self, name).replace(NOBODYS, sitting_id) for name in Addresses.__slots__])


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
    last_switch: LastSwitch = NEVER_AWAY
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
    kind = PageKind(language, count, sheet.is_rehearsal, bool(sheet.saved))
    words = _words(sheet, reader)
    left_at = sheet.last_switch.left_at
    if is_plain_request() and not sheet.told and left_at is None:
        return cast_page(kind, words)
    left_ms = (arrived_at() - left_at) // timedelta(milliseconds=1) if left_at else None
    return render_template("exam/runner.html", kind=kind, words=words, told=sheet.told, left_ms=left_ms)


def _words(sheet: Sheet, reader: Reader) -> dict[str, str]:
    """Return all that belongs to this sitting alone; what is markup already says so."""
    sections = [
        cast(reader, one, sheet.saved.get(one.position), sheet.mark(one.position), sheet.pictures)
        for one in sheet.questions
    ]
    return {
        "id": sheet.id,
        "title": sheet.title,
        "line": f"{current_user.name} · {sheet.line}",
        "lease": sheet.lease,
        "remaining": meter(sheet.remaining_ms // 1000),
        "remaining_ms": str(sheet.remaining_ms),
        "end": time_cn(sheet.deadline_at, seconds=True, now=arrived_at()),
        "switches": str(sheet.last_switch.serial),
        "first_revision": str(sheet.first_revision),
        "answered": str(sheet.answered),
        # Each was cast from a template and escaped words.
        "sections": Markup("\n".join(sections)),  # noqa: S704 - see the line above
        "numbers": _numbers(
            reader,
            tuple(one.type for one in sheet.questions),
            frozenset(position for position, one in sheet.saved.items() if one.chosen),
            frozenset(position for position, one in sheet.marks.items() if one.is_set),
        ),
        **{name: getattr(sheet.addresses, name) for name in Addresses.__slots__},
    }


@lru_cache(maxsize=256)
def _numbers(
    reader: Reader, kinds: tuple[ItemType, ...], done: frozenset[int], flagged: frozenset[int]
) -> Markup:
    """Draw the navigator. Hundreds open a page on which nothing is answered yet."""
    groups = []
    first = 1
    for kind, some in groupby(kinds):
        last = first + len(list(some)) - 1
        items = [
            {
                "number": number, "name": reader.names[number], "url": f"#q{number}", "done": number in done,
                "flag": number in flagged,
            }
            for number in range(first, last + 1)
        ]  # fmt: skip
        groups.append(Group(_(TYPE_NAMES[kind]), first, last, items))
        first = last + 1
    # A template escapes what it is given.
    return Markup(render_template("exam/_numbers.html", groups=groups))  # noqa: S704 - see the line above
