"""What the model of the attempt stands on: a whole site in which every run begins anew, and people with browsers."""

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from lms.accounts.policy import OrganisationKind, Role
from lms.core.clock import from_ms, to_ms
from lms.core.unit_of_work import Runtime
from lms.enrolment import service as enrolment
from lms.enrolment.policy import StageState
from lms.plans.policy import StageKind
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType
from tests.exam.attempt_oracle import ATTEMPTS, DURATION, ENDS, OPENS, PASS_MARK, Question
from tests.factories.plans import ELECTRICIAN, OPERATOR, PROVINCE_ONLY, a_plan, a_reviewer, an_applicant
from tests.factories.questions import fill_in, multiple, single, true_false
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.postgresql import TestPostgres
from tests.support.site import TEST_NOW, Site, copy_sqlite
from tests.support.virtual_clock import StillClock

WRITTEN = ("三", "3")
BANK = [
    *(single(f"单选第 {n} 题（ ）？", ("错甲", "对乙", "错丙", "错丁"), "B") for n in range(6)),
    *(multiple(f"多选第 {n} 题（ ）？", ("对甲", "对乙", "对丙", "错丁"), "ABC") for n in range(4)),
    *(true_false(f"判断第 {n} 题。", "A") for n in range(4)),
    *(fill_in(f"填空第 {n} 题：不少于____人。", WRITTEN) for n in range(4)),
]
"""Whoever knows the bank sees in each option whether it is right."""
SECTIONS = (
    BlueprintSection(ItemType.SINGLE, "workflow", None, 3, 10 * POINT),
    BlueprintSection(ItemType.MULTIPLE, None, None, 2, 20 * POINT, partial_credit=True),
    BlueprintSection(ItemType.TRUE_FALSE, None, None, 2, 5 * POINT),
    BlueprintSection(ItemType.FILL_IN, None, None, 2, 10 * POINT),
)
"""Nine questions, one hundred points. The area keeps out those that came with the plan: nobody knows their keys."""
PLACES = ("here", "here", "there")
"""Where the candidates work; the invigilator reaches those who work here."""
CHECKED = re.compile(r'name="q(\d+)" value="([^"]+)"[^>]* checked')
WRITTEN_IN = re.compile(r'name="w(\d+)" value="([^"]*)"')
ROW = re.compile(
    r'data-position="(\d+)" data-revision="(\d+)" data-mark-revision="(\d+)"( data-marked)?', re.ASCII
)


class SqliteStore:
    """Copies a file."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder, self._live = folder, folder / "site.db"
        self._pristine = folder / "pristine.db"
        self.first = copy_sqlite(template, self._live)

    def freeze(self) -> None:
        """Keep what the live file holds now."""
        with closing(sqlite3.connect(self._live)) as live, closing(sqlite3.connect(self._pristine)) as kept:
            live.backup(kept)

    def fresh(self) -> str:
        """Copy it anew; the address stays."""
        for leftover in self._folder.glob("site.db-*"):
            leftover.unlink()
        return copy_sqlite(self._pristine, self._live)


class PostgresqlStore:
    """Clones a database."""

    def __init__(self, server: TestPostgres, template: str) -> None:
        self._server = server
        self._pristine, self.first = server.database(template)

    def freeze(self) -> None:
        """Nothing to do: what was built stays the template."""

    def fresh(self) -> str:
        """Clone it anew; the address stays."""
        self._server.drop(f"{self._pristine}_live")
        self._server.execute(
            f"CREATE DATABASE {self._pristine}_live TEMPLATE {self._pristine} STRATEGY FILE_COPY"
        )
        return self._server.url(f"{self._pristine}_live")


class Visitor(Browser):
    """A browser that keeps its cookies while the site behind the door is restarted."""

    def __init__(self, door: Callable[..., Iterable[bytes]]) -> None:
        self.client = Client(door, TestResponse)  # type: ignore[assignment]  # Flask's own client belongs to one application
        self._token = ""


@dataclass
class Town:
    """A plan with three candidates, two administrators and an invigilator; `begin` puts everything back."""

    folder: Path
    store: "SqliteStore | PostgresqlStore"
    requests: int = 0
    candidates: list[KnownPerson] = field(default_factory=list)
    staff: list[KnownPerson] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._offset_file = self.folder / "clock-offset"
        site = Site(self.folder, self.store.first)
        people = People(site.runtime)
        with site.runtime.write() as uow:
            taken = questions.import_questions(uow, OPERATOR, "题.xlsx", write_items(BANK))
            assert (taken.added, taken.faults) == (len(BANK), ())
            blueprint_id = questions.ensure_blueprint(uow, OPERATOR, "model", "模型", Blueprint(SECTIONS))
        plan = a_plan(
            site.runtime, people, blueprint_id=blueprint_id, exam_from=from_ms(OPENS), exam_until=from_ms(ENDS),
            enrol_until=from_ms(ENDS), study_until=from_ms(ENDS),
            exam_duration_seconds=DURATION, max_attempts=ATTEMPTS, pass_mark=PASS_MARK, review_route=PROVINCE_ONLY,
        )  # fmt: skip
        self.plan_id = plan.id
        self.place_ids = {"here": people.institution_id, "there": people.other_institution_id}
        reviewer = people.actor(a_reviewer(people, OrganisationKind.PROVINCE))
        for place in PLACES:
            person, application = an_applicant(
                site.runtime, people, plan, choice=ELECTRICIAN, employer_id=self.place_ids[place]
            )
            with site.runtime.write() as uow:
                enrolment.approve(uow, reviewer, application.id)
                enrolment.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
            self.candidates.append(person)
        self.staff = [people.staff(Role.EXAM_ADMIN), people.staff(Role.EXAM_ADMIN)]
        self.staff.append(people.staff(Role.INVIGILATOR, organisation_id=people.institution_id))
        site.run_jobs()
        site.close()
        self.store.freeze()
        self._site: Site | None = None

    def begin(self) -> None:
        """Put everything back to the moment at which the exam opens."""
        self.shut()
        url = self.store.fresh()
        self.set_clock(OPENS)
        if self._site is None:
            self._open(url)

    def restart(self) -> None:
        """Let the site's process end and another begin on the same database."""
        self.shut()
        self._open(self.runtime.database.url)

    def _open(self, url: str) -> None:
        self._site = Site(self.folder, url)
        self._site.runtime.clock = StillClock(to_ms(TEST_NOW), self._offset_file)
        self.set_clock(self.now)
        self._app = self._site.app()

    def shut(self) -> None:
        """Let go of the database."""
        if self._site is not None:
            self._site.close()

    @property
    def runtime(self) -> Runtime:
        """The house as the other processes see it: for the sweepers and the worker."""
        assert self._site is not None
        return self._site.runtime

    def door(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Let a request in, a millisecond after whatever happened before."""
        self.requests += 1
        self.set_clock(self.now + 1)
        return self._app(environ, start)

    def set_clock(self, moment: int) -> None:
        """Set the clock through its own test offset."""
        self.now = moment
        fresh = self._offset_file.with_suffix(".new")
        fresh.write_text(str(moment - to_ms(TEST_NOW)))
        fresh.replace(self._offset_file)

    def visitor(self) -> Visitor:
        """Open another browser."""
        return Visitor(self.door)


def read_sheet(sent: dict[str, Any]) -> tuple[Question, ...]:
    """Read the questions of a started attempt as somebody does who knows the bank."""
    sheet = tuple(
        Question(
            one["type"], one["points"], tuple(option["id"] for option in one["options"]),
            frozenset(option["id"] for option in one["options"] if option["text"].startswith(("对", "正确")))
            if one["options"]
            else frozenset(WRITTEN),
        )
        for one in sent["questions"]
    )  # fmt: skip
    assert all(question.right for question in sheet), (
        "the model would judge answers to a question it does not know"
    )
    return sheet


@dataclass(frozen=True)
class Page:
    """What the page of a running exam holds."""

    lease: str
    remaining_ms: int
    revisions: dict[int, int]
    marks: dict[int, tuple[int, bool]]
    answers: dict[int, frozenset[str]]


def read_page(text: str) -> Page:
    """Read the page of a running exam."""
    lease = re.search(r'name="lease" value="([^"]+)"', text)
    remaining = re.search(r'data-remaining-ms="(\d+)"', text)
    assert lease is not None, text[:2000]
    assert remaining is not None
    rows = [
        (int(place), int(revision), int(mark), bool(is_set))
        for place, revision, mark, is_set in ROW.findall(text)
    ]
    answers: dict[int, frozenset[str]] = {place: frozenset() for place, *_ in rows}
    for place, option in CHECKED.findall(text):
        answers[int(place)] |= {option}
    for place, words in WRITTEN_IN.findall(text):
        answers[int(place)] = frozenset({words} - {""})
    return Page(
        lease[1], int(remaining[1]), {place: revision for place, revision, *_ in rows},
        {place: (mark, is_set) for place, _, mark, is_set in rows}, answers,
    )  # fmt: skip
