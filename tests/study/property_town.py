"""What the property tests of study stand on: a town that every run begins anew, and a reckoning of its own."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lms.accounts import service as accounts
from lms.accounts.credentials import token_hash
from lms.accounts.queries import live_session
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.courses.queries import lessons
from lms.courses.service import StoredLesson, add_course
from lms.enrolment import service as enrolment
from lms.plans.policy import PlanFacts
from tests.factories.plans import ELECTRICIAN, OPERATOR, PROVINCE_ONLY, WELDER, a_plan, a_question, a_reviewer
from tests.support.people import KnownPerson, People
from tests.support.site import TEST_NOW, Site, copy_sqlite
from tests.support.virtual_clock import VirtualClock

INTERVAL, PRESENCE, ANSWER = 10, 40, 30
GRACE_MS = 3000
LESSON_SECONDS, LESSONS = 110, 3
REQUIRED = 240
DAILY, MINIMUM, STOP = 150, 100, 70
"""What the second plan asks beside the total: a daily limit, a minimum in its second lesson, a stop in its first."""


class Town:
    """A database in which one person may study in two plans; every run begins with a copy of it."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.path = folder / "site.db"
        self.site = Site(folder, copy_sqlite(template, self.path))
        self.runtime = self.site.runtime
        self.turn_back_clock()
        self.people = People(self.runtime)
        key = self.runtime.storage.put(b"a film that nobody plays")
        reviewer = self.people.actor(a_reviewer(self.people, PROVINCE_ONLY[0]))
        self.person: KnownPerson = self.people.trainee()
        self.plans: list[PlanFacts] = []
        self.lessons: list[list[str]] = []
        strict = {"daily_limit_seconds": DAILY, "may_skip_ahead": False}
        for place, (choice, changes) in enumerate(((ELECTRICIAN, {}), (WELDER, strict))):
            stored = [
                StoredLesson(
                    f"第 {number} 课", "", LESSON_SECONDS * 1000, key, 24,
                    min_seconds=MINIMUM if place and number == 1 else 0,
                    questions=(a_question(STOP),) if place and number == 0 else (),
                )
                for number in range(LESSONS)
            ]  # fmt: skip
            with self.runtime.write() as uow:
                course_id = add_course(uow, OPERATOR, f"own{place}", "考评员培训", stored).id
            plan = a_plan(
                self.runtime, self.people, course_id=course_id, required_study_seconds=REQUIRED,
                beat_interval_seconds=INTERVAL, presence_min_seconds=PRESENCE, presence_max_seconds=PRESENCE,
                presence_answer_seconds=ANSWER, review_route=PROVINCE_ONLY, **changes,
            )  # fmt: skip
            with self.runtime.write() as uow:
                begun = enrolment.start(uow, self.people.actor(self.person), plan.id, choice)
                enrolment.submit_application(
                    uow, self.people.actor(self.person), begun.id, statements_accepted=True
                )
            with self.runtime.write() as uow:
                enrolment.approve(uow, reviewer, begun.id)
            with self.runtime.read() as uow:
                self.lessons.append([lesson.id for lesson in lessons(uow, course_id)])
            self.plans.append(plan)
        self.actor = self.people.actor(self.person)
        self._pristine = folder / "pristine.db"
        with closing(sqlite3.connect(self.path)) as live, closing(sqlite3.connect(self._pristine)) as kept:
            live.backup(kept)
        self._eyes = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Read the ledger as it lies on the disk: past the house's own queries, and faster."""
        return self._eyes.execute(statement, values).fetchall()

    def credited_by_day(self, plan: int) -> list[int]:
        """Return what was credited and not voided, day by day in Shanghai."""
        days = self.rows(
            "SELECT SUM(b.credit_seconds) FROM study_session s JOIN study_beat b ON b.session_id = s.id"
            " JOIN credit_window w ON w.person_id = s.person_id AND w.plan_id = s.plan_id AND w.window_no = b.window_no"
            " WHERE s.plan_id = :plan AND w.state <> 'void' GROUP BY (b.arrival + :zone) / :day",
            plan=self.plans[plan].id, zone=8 * 3600 * 1000, day=24 * 3600 * 1000,
        )  # fmt: skip
        return [seconds for (seconds,) in days]

    def turn_back_clock(self) -> None:
        """Begin the day anew."""
        self.clock = VirtualClock(to_ms(TEST_NOW))
        self.runtime.clock = self.clock

    def begin(self) -> None:
        """Put everything back to where nobody has studied yet."""
        self.turn_back_clock()
        with closing(sqlite3.connect(self._pristine)) as kept, closing(sqlite3.connect(self.path)) as live:
            kept.backup(live)

    def sign_in(self) -> Actor:
        """Open a login session."""
        with self.runtime.write() as uow:
            token = accounts.open_session(uow, self.person.id)
        with self.runtime.read() as uow:
            session = live_session(uow, token_hash(token))
        assert session is not None
        return replace(self.actor, login_session_id=session.id)


@dataclass
class OwnLedger:
    """What must be in the ledger of one plan, by a reckoning of its own."""

    counted: int = 0
    waiting: int = 0
    check_id: str = ""
    deadline: int = 0
    claimed: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Lesson -> the seconds (bits) that some visible, playing beat has touched."""
    kept: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Lesson -> the seconds that were counted once: they never go away."""

    def void_overdue(self, now: int) -> None:
        """Let the window go when its check can no longer be answered."""
        if self.check_id and now > self.deadline + GRACE_MS:
            self.decide(is_counted=False)

    def decide(self, *, is_counted: bool) -> None:
        """Count the window, or void it."""
        self.counted += self.waiting if is_counted else 0
        self.waiting, self.check_id = 0, ""


def touched(from_ms: int, to_ms: int) -> int:
    """Return the seconds that a stretch has any part of, as bits."""
    first, last = from_ms // 1000, -(-to_ms // 1000)
    return ((1 << last) - (1 << first)) if last > first else 0
