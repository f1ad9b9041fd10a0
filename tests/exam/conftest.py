"""An exam that is open: a small bank, a published plan, and candidates whose study is done."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest

from lms.accounts import service as accounts
from lms.accounts.credentials import token_hash
from lms.accounts.models import Profile
from lms.accounts.policy import OrganisationKind
from lms.accounts.queries import live_session
from lms.core.actors import Actor
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.exam.queries import find_attempt, questions_of
from lms.exam.service import answers, attempts, starting
from lms.exam.service.answers import Lease
from lms.plans.models import Plan, PlanStage
from lms.plans.policy import ExaminerLevel, PlanState, StageKind
from tests.support.exam_stock import OPERATOR, ExamStock, stock_exam
from tests.support.people import KnownPerson, People
from tests.support.site import TEST_NOW

_SERIAL = count(1)
EXAM_SECONDS = 3600


@dataclass(frozen=True)
class Candidate:
    """Somebody who may sit, with a login session."""

    person: KnownPerson
    actor: Actor
    application_id: str


class ExamHouse:
    """Makes plans and candidates, and plays a candidate's moves."""

    def __init__(self, runtime: Runtime, people: People, stock: ExamStock | None = None) -> None:
        self.runtime = runtime
        self.people = people
        self.operator = OPERATOR
        stock = stock or stock_exam(runtime)
        self.blueprint_id, self.course_id = stock.blueprint_id, stock.course_id
        self.plan_id = self.plan()

    def plan(self, *, max_attempts: int = 2, hours: int = 4) -> str:
        """Publish a plan whose exam window is open now."""
        plan_id = new_id()
        with self.runtime.write() as uow:
            day = timedelta(days=1)
            uow.session.add(
                Plan(
                    id=plan_id, number=f"202611{next(_SERIAL):010d}", title="考评员培训计划", template_code="anhui",
                    state=PlanState.PUBLISHED, issuer_organisation_id=self.people.province_id,
                    enrol_from=TEST_NOW - 3 * day, enrol_until=TEST_NOW + day, study_from=TEST_NOW - 3 * day,
                    study_until=TEST_NOW + day, exam_from=TEST_NOW - timedelta(minutes=1),
                    exam_until=TEST_NOW + timedelta(hours=hours), required_study_seconds=10800,
                    beat_interval_seconds=15, presence_min_seconds=300, presence_max_seconds=600,
                    presence_answer_seconds=60, pass_mark=9000, exam_duration_seconds=EXAM_SECONDS,
                    max_attempts=max_attempts, course_id=self.course_id, blueprint_id=self.blueprint_id,
                    review_route=[OrganisationKind.PROVINCE], number_rule="changzhou-15", validity_years=3,
                    created_at=TEST_NOW - 4 * day, published_at=TEST_NOW - 3 * day,
                )
            )  # fmt: skip
            uow.session.flush()
            for position, kind in enumerate((StageKind.STUDY, StageKind.EXAM)):
                uow.session.add(PlanStage(id=new_id(), plan_id=plan_id, position=position, kind=kind))
        return plan_id

    def candidate(
        self,
        plan_id: str | None = None,
        *,
        state: ApplicationState = ApplicationState.APPROVED,
        exam: StageState = StageState.OPEN,
        person: KnownPerson | None = None,
    ) -> Candidate:
        """Make a person whose application and exam stage are in a state."""
        person = person or self.people.trainee()
        application_id = new_id()
        with self.runtime.write() as uow:
            profile = uow.session.get(Profile, person.id)
            assert profile is not None
            uow.session.add(
                Application(
                    id=application_id, person_id=person.id, plan_id=plan_id or self.plan_id, occupation_edition="2022",
                    occupation_code=f"6-31-{next(_SERIAL):04d}", occupation_name="电工", level=ExaminerLevel.EXAMINER,
                    issuing_organisation_id=self.people.institution_id,
                    employer_organisation_id=self.people.institution_id, employer_path="/",
                    id_number_index=profile.id_number_index, state=state, route=[OrganisationKind.PROVINCE],
                    created_at=uow.now,
                )
            )  # fmt: skip
            uow.session.flush()
            done = StageState.PASSED if exam is not StageState.LOCKED else StageState.OPEN
            for position, (kind, now) in enumerate(((StageKind.STUDY, done), (StageKind.EXAM, exam))):
                uow.session.add(
                    ApplicationStage(
                        id=new_id(), application_id=application_id, position=position, kind=kind, state=now,
                        opened_at=uow.now,
                    )
                )  # fmt: skip
        return Candidate(person, self.sign_in(person), application_id)

    def sign_in(self, person: KnownPerson) -> Actor:
        """Open another login session of a person."""
        with self.runtime.write() as uow:
            token = accounts.open_session(uow, person.id)
        with self.runtime.read() as uow:
            session = live_session(uow, token_hash(token))
        assert session is not None
        return replace(self.people.actor(person), login_session_id=session.id)

    def start(self, candidate: Candidate, plan_id: str | None = None) -> str:
        """Start an attempt, as a page does."""
        return starting.begin(self.runtime, candidate.actor, plan_id or self.plan_id)

    def lease(self, candidate: Candidate, attempt_id: str) -> Lease:
        """Return the proof the runner page would carry."""
        return Lease(attempt_id, str(candidate.actor.login_session_id))

    def save(
        self, candidate: Candidate, attempt_id: str, position: int, revision: int, chosen: set[str]
    ) -> int:
        """Save one answer now."""
        now = self.runtime.clock.now_ms()
        return answers.save_answer(
            self.runtime, self.lease(candidate, attempt_id), position, revision, chosen, now
        )

    def options(self, attempt_id: str, position: int) -> list[str]:
        """Return the option ids of a question as the candidate sees them."""
        with self.runtime.read() as uow:
            return [option.id for option in questions_of(uow, attempt_id)[position - 1].options]

    def hand_in(self, candidate: Candidate, attempt_id: str) -> bool:
        """Hand in now."""
        with self.runtime.write() as uow:
            return attempts.hand_in(uow, self.lease(candidate, attempt_id))

    def attempt(self, attempt_id: str):
        """Return an attempt as it is now."""
        with self.runtime.read() as uow:
            found = find_attempt(uow, attempt_id)
        assert found is not None
        return found


@pytest.fixture
def house(runtime: Runtime, people: People, exam_stock: ExamStock) -> ExamHouse:
    """An open exam."""
    return ExamHouse(runtime, people, exam_stock)


@pytest.fixture
def candidate(house: ExamHouse) -> Candidate:
    """Somebody who may sit."""
    return house.candidate()
