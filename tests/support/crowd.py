"""A crowd that studies and sits exams: made through the services, for benches and drills.

Everybody came an hour ago: registered, applied to two plans, was approved, and studied what the second plan asks
for. Then, now: one login session each, one open study session in the first plan, one open attempt in the second.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import text

from lms.accounts import service as accounts
from lms.accounts.credentials import token_hash
from lms.accounts.policy import Role
from lms.accounts.queries import live_session
from lms.app.handlers import HANDLERS
from lms.core import jobs, outbox
from lms.core.actors import Actor
from lms.core.clock import Clock
from lms.core.unit_of_work import Runtime
from lms.courses.queries import lessons
from lms.enrolment import service as enrolment
from lms.exam.queries import questions_of
from lms.exam.service import answers, attempts
from lms.plans.policy import PlanFacts
from lms.study import queries as study_queries
from lms.study import service as study
from lms.study.hot import keep_beat
from tests.factories.plans import ELECTRICIAN, WELDER, a_plan
from tests.support.people import KnownPerson, People

AGO_MS = 3_600_000
SHORT_STUDY_SECONDS = 60
NEVER_CHECKED = {"presence_min_seconds": 3600, "presence_max_seconds": 3600}
"""Nobody is asked whether he is there within the minute that a bench or a drill lasts."""


@dataclass(frozen=True)
class Member:
    """One of the crowd. `token` is what the cookie of his login session holds."""

    person: KnownPerson
    actor: Actor
    token: str


@dataclass(frozen=True)
class StudySeat:
    """An open study session, as its player knows it."""

    session_id: str
    lease: str
    nonce: str
    lesson_id: str
    person_id: str
    plan_id: str


@dataclass(frozen=True)
class ExamSeat:
    """An open attempt, as its runner page knows it: the options of each question in order."""

    attempt_id: str
    lease: str
    options: tuple[tuple[str, ...], ...]


class Crowd:
    """People with everything that the hot routes ask for."""

    def __init__(
        self, runtime: Runtime, size: int, *, studies: bool | int = True, sits: bool = True,
        exam_blueprint: Callable[[Runtime], str] | None = None,
    ) -> None:  # fmt: skip
        """Let so many people come.

        `studies` may say how many of them take part in the first plan; `exam_blueprint` fills the bank and returns
        the blueprint of the exam.
        """
        self.runtime = runtime
        self._now = runtime.clock
        # What an hour ago needs is done by a clock that is an hour behind; services are never told otherwise.
        runtime.clock = Clock(lambda: self._now.now_ms() - AGO_MS)
        self.people = People(runtime)
        self.reviewer = self.people.actor(self.people.staff(Role.REVIEWER))
        self.study_plan = a_plan(runtime, self.people, **NEVER_CHECKED) if studies else None
        own_paper = {"blueprint_id": exam_blueprint(runtime)} if exam_blueprint else {}
        self.exam_plan = (
            a_plan(
                runtime, self.people, required_study_seconds=SHORT_STUDY_SECONDS, beat_interval_seconds=60, **own_paper
            )
            if sits
            else None
        )  # fmt: skip
        students = size if studies is True else int(studies)
        came = [self._come(is_student=number < students) for number in range(size)]
        self._do_jobs()
        runtime.clock = self._now
        self.members = [self.sign_in(person) for person in came]

    def open_study(self, size: int | None = None) -> list[StudySeat]:
        """Open a study session for everybody, or for the first few; whatever session somebody had is closed by that."""
        assert self.study_plan is not None
        lesson_id = self._first_lesson(self.study_plan)
        seats = []
        for member in self.members[:size]:
            with self.runtime.write() as uow:
                opened = study.open_session(uow, member.actor, self.study_plan.id, "电脑")
            seats.append(
                StudySeat(
                    opened.session_id, opened.lease, opened.nonce, lesson_id, member.person.id, self.study_plan.id
                )
            )  # fmt: skip
        return seats

    def start_exams(self) -> list[ExamSeat]:
        """Start an attempt for everybody, or find the one that is open."""
        assert self.exam_plan is not None
        seats = []
        for member in self.members:
            with self.runtime.write() as uow:
                attempt_id = attempts.start(uow, member.actor, self.exam_plan.id)
                questions = questions_of(uow, attempt_id)
            lease = answers.give_lease(self.runtime.vault, attempt_id, str(member.actor.login_session_id))
            seats.append(
                ExamSeat(
                    attempt_id, lease, tuple(tuple(o.id for o in question.options) for question in questions)
                )
            )
        return seats

    def _come(self, *, is_student: bool) -> KnownPerson:
        person = self.people.trainee()
        for plan, choice in (
            (self.study_plan if is_student else None, ELECTRICIAN),
            (self.exam_plan, WELDER),
        ):
            if plan is not None:
                self._enrol(person, plan, choice)
        if self.exam_plan is not None:
            self._study_at_once(person, self.exam_plan)
        return person

    def _enrol(self, person: KnownPerson, plan: PlanFacts, choice: str) -> None:
        actor = self.people.actor(person)
        with self.runtime.write() as uow:
            begun = enrolment.start(uow, actor, plan.id, choice)
            enrolment.submit_application(uow, actor, begun.id, statements_accepted=True)
        with self.runtime.write() as uow:
            enrolment.approve(uow, self.reviewer, begun.id)

    def _study_at_once(self, person: KnownPerson, plan: PlanFacts) -> None:
        """Play the one minute that the plan asks for, answer the presence check, and report it."""
        runtime, member = self.runtime, self.sign_in(person)
        with runtime.write() as uow:
            opened = study.open_session(uow, member.actor, plan.id, "电脑")
        played_ms = SHORT_STUDY_SECONDS * 1000
        arrival = runtime.clock.now_ms() + played_ms + 1000
        beat = study.Beat(
            opened.session_id,
            1,
            opened.nonce,
            self._first_lesson(plan),
            0,
            played_ms,
            playing=True,
            visible=True,
        )
        told = json.loads(keep_beat(runtime, beat, arrival))
        with runtime.read() as uow:
            check = study_queries.open_check(uow, opened.session_id)
        assert check is not None, told
        answer = study.Answer(opened.session_id, check.id, 0, is_right=True)
        answered = runtime.journal.submit(lambda hot: study.answer_check(hot, answer, arrival + 1000))
        assert answered.is_complete, answered
        with runtime.write() as uow:
            study.report_complete(uow, Actor.system("study"), answered.application_id)

    def sign_in(self, person: KnownPerson) -> Member:
        """Open a login session for somebody."""
        with self.runtime.write() as uow:
            token = accounts.open_session(uow, person.id)
        with self.runtime.read() as uow:
            session = live_session(uow, token_hash(token))
        assert session is not None
        return Member(person, replace(self.people.actor(person), login_session_id=session.id), token)

    def _first_lesson(self, plan: PlanFacts) -> str:
        assert plan.course_id is not None
        with self.runtime.read() as uow:
            return lessons(uow, plan.course_id)[0].id

    def _do_jobs(self) -> None:
        """Do what a worker would have done since, papers drawn ahead among it."""
        while True:
            with self.runtime.read() as uow:
                waiting = outbox.unfinished(uow.session)
            done = [jobs.perform(self.runtime, HANDLERS, job_id) for job_id in waiting]
            if not any(done):
                return


def exam_takes(runtime: Runtime, plan_id: str, seconds: int) -> None:
    """Let the exams of a plan that start from now on take so long: less than the minute that a plan may ask for."""
    with runtime.write() as uow:
        uow.session.execute(
            text("UPDATE plan SET exam_duration_seconds = :seconds WHERE id = :id"),
            {"seconds": seconds, "id": plan_id},
        )
