"""Many people of a plan at once, as rows: how far they studied, what they scored, when their entries end.

Counting is what is tested with them, so nobody of them plays a video or answers a question.
"""

from datetime import date, datetime, timedelta
from itertools import count

from lms.accounts.models import LoginSession, Organisation, Profile
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, Outcome, StageState
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.attempts import AttemptState
from lms.plans.policy import ExaminerLevel, PlanFacts, StageKind
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryState
from lms.study.models import StudyProgress
from tests.support.people import People

_SERIAL = count(1)
DAY = timedelta(days=1)


class Population:
    """The people of one plan."""

    def __init__(self, runtime: Runtime, people: People, plan: PlanFacts) -> None:
        self.runtime = runtime
        self.people = people
        self.plan = plan

    def trainee(
        self, counted: int | None = 0, *, employer_id: str | None = None, stage: StageState | None = None
    ) -> str:
        """Approve somebody who has studied so long (None: has never opened a lesson); return the application."""
        person = self.people.trainee(employer_id=employer_id, photo=False, consents=False)
        employer = employer_id or self.people.institution_id
        complete = (counted or 0) >= self.plan.required_study_seconds
        application_id = new_id()
        with self.runtime.write() as uow:
            profile, organisation = (
                uow.session.get(Profile, person.id),
                uow.session.get(Organisation, employer),
            )
            assert profile is not None
            assert organisation is not None
            uow.session.add(
                Application(
                    id=application_id, person_id=person.id, plan_id=self.plan.id, occupation_edition="2022",
                    occupation_code="6-31-01-03", occupation_name="电工", level=ExaminerLevel.EXAMINER,
                    issuing_organisation_id=self.plan.issuer_organisation_id, employer_organisation_id=employer,
                    employer_path=organisation.path, id_number_index=profile.id_number_index,
                    state=ApplicationState.APPROVED, route=["province"], created_at=uow.now, submitted_at=uow.now,
                )
            )  # fmt: skip
            uow.session.flush()
            studying = stage or (StageState.PASSED if complete else StageState.OPEN)
            sitting = StageState.OPEN if complete else StageState.LOCKED
            for position, (kind, state) in enumerate(
                ((StageKind.STUDY, studying), (StageKind.EXAM, sitting))
            ):
                uow.session.add(
                    ApplicationStage(application_id=application_id, position=position, kind=kind, state=state)
                )
            if counted is not None:
                uow.session.add(
                    StudyProgress(
                        person_id=person.id, plan_id=self.plan.id, counted_seconds=counted,
                        required_seconds=self.plan.required_study_seconds, check_after_seconds=300,
                        completed_at=uow.now if complete else None,
                    )
                )  # fmt: skip
        return application_id

    def attempt(
        self, application_id: str, score: int | None, *, number: int = 1, voided: bool = False
    ) -> None:
        """Let somebody have sat and been graded (hundredths of a point); None is still sitting."""
        plan = self.plan
        with self.runtime.write() as uow:
            application = uow.session.get(Application, application_id)
            assert application is not None
            session, serial = self._session(application.person_id, uow.now), next(_SERIAL)
            paper = Paper(
                id=new_id(), person_id=application.person_id, plan_id=plan.id, serial=serial,
                blueprint_id=plan.blueprint_id, question_count=10, seed="", public="[]", key="[]", areas=[],
                content_hash="", created_at=uow.now,
            )  # fmt: skip
            uow.session.add_all((session, paper))
            uow.session.flush()
            graded = score is not None
            passed = graded and score >= plan.pass_mark
            state = AttemptState.GRADED if graded else AttemptState.IN_PROGRESS
            uow.session.add(
                Attempt(
                    person_id=application.person_id, plan_id=plan.id, application_id=application_id, attempt_no=number,
                    max_attempts=2, paper_id=paper.id, question_count=10,
                    state=AttemptState.VOIDED if voided else state, login_session_id=session.id, started_at=uow.now,
                    duration_seconds=3600, window_end=plan.exam_until, deadline_at=uow.now + timedelta(hours=1),
                    pass_mark=plan.pass_mark, closed_at=uow.now if graded else None,
                    is_timed_out=False if graded else None, score=score, full_score=100_00 if graded else None,
                    passed=passed if graded else None,
                )
            )  # fmt: skip
            if passed and not voided:
                application.outcome, application.ended_at = Outcome.COMPLETED, uow.now
                for stage in uow.session.query(ApplicationStage).filter_by(
                    application_id=application_id, kind=StageKind.EXAM
                ):
                    stage.state = StageState.PASSED

    def entry(
        self, valid_until: date, *, application_id: str | None = None, issuer_id: str | None = None,
        employer_id: str | None = None, state: EntryState = EntryState.ACTIVE,
    ) -> str:  # fmt: skip
        """Register somebody until a last valid day; return the entry."""
        application_id = application_id or self.trainee(employer_id=employer_id)
        serial = next(_SERIAL)
        issuer = issuer_id or self.people.institution_id
        with self.runtime.write() as uow:
            application = uow.session.get(Application, application_id)
            assert application is not None
            profile = uow.session.get(Profile, application.person_id)
            assert profile is not None
            shared = {
                "person_id": application.person_id, "id_number_index": profile.id_number_index,
                "holder_name": profile.name, "id_number_masked": profile.id_number_masked,
                "occupation_edition": "2022", "occupation_code": "6-31-01-03", "occupation_name": "电工",
                "level": ExaminerLevel.EXAMINER, "issuing_organisation_id": issuer,
                "employer_organisation_id": application.employer_organisation_id,
                "valid_from": valid_until - 1096 * DAY, "valid_until": valid_until,
            }  # fmt: skip
            certificate = Certificate(
                id=new_id(), application_id=application_id, number=f"99{serial:013d}", number_rule="changzhou-15",
                number_year=2099, institution_code="99999999", serial=serial, verification_code=new_id(), sex="男",
                issuer_name="云浦电力技能评价中心", state=CertificateState.ISSUED, created_at=uow.now,
                issued_at=uow.now, file_key="0" * 64, file_bytes=1, **shared,
            )  # fmt: skip
            uow.session.add(certificate)
            uow.session.flush()
            entry = RegistryEntry(
                id=new_id(), certificate_id=certificate.id, certificate_number=certificate.number, state=state,
                registered_at=uow.now, changed_at=uow.now, **shared,
            )  # fmt: skip
            uow.session.add(entry)
            return entry.id

    @staticmethod
    def _session(person_id: str, now: datetime) -> LoginSession:
        return LoginSession(
            id=new_id(), token_hash=new_id(), person_id=person_id, created_at=now, seen_at=now
        )
