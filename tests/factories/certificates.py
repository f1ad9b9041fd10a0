"""People who have passed everything, and their certificates."""

from dataclasses import dataclass

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.certificates import jobs as certificates
from lms.certificates.queries.certificates import CertificateFacts, get_certificate
from lms.certificates.service import certificates as service
from lms.core.actors import Actor
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application
from lms.enrolment.policy import ApplicationState, Outcome
from lms.plans.policy import ExaminerLevel, PlanFacts
from lms.registry.jobs import entries as registry
from lms.registry.service import decisions
from tests.support.people import KnownPerson, People

HOUSE = Actor.system("test")


@dataclass(frozen=True)
class Graduate:
    """Somebody whose application is completed."""

    person: KnownPerson
    application_id: str


def a_graduate(
    runtime: Runtime, people: People, plan: PlanFacts, *, person: KnownPerson | None = None,
    issuer_id: str | None = None, level: ExaminerLevel = ExaminerLevel.EXAMINER, photo: bool = True,
) -> Graduate:  # fmt: skip
    """Make a person whose last stage was passed a moment ago; the certificate is still to come."""
    person = person or people.trainee(photo=photo)
    application_id = new_id()
    with runtime.write() as uow:
        profile = uow.session.get(Profile, person.id)
        assert profile is not None
        uow.session.add(
            Application(
                id=application_id, person_id=person.id, plan_id=plan.id, occupation_edition="2022",
                occupation_code="6-31-01-03", occupation_name="电工", level=level,
                issuing_organisation_id=issuer_id or people.institution_id,
                employer_organisation_id=people.institution_id, employer_path="/",
                id_number_index=profile.id_number_index, state=ApplicationState.APPROVED,
                outcome=Outcome.COMPLETED, route=["province"], created_at=uow.now, ended_at=uow.now,
            )
        )  # fmt: skip
    return Graduate(person, application_id)


def number(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """Give a graduate the certificate number; the file is not printed."""
    with runtime.write() as uow:
        return get_certificate(uow, service.issue(uow, HOUSE, graduate.application_id))


def deliver_blank(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """Make a certificate valid with a stand-in for its file, where the printing is not what is tested."""
    certificate = number(runtime, graduate)
    data = f"%PDF stand-in {certificate.id}".encode()
    key = runtime.storage.put(data)
    with runtime.write() as uow:
        service.deliver(uow, HOUSE, certificate.id, key, len(data))
        certificate = get_certificate(uow, certificate.id)
    registry.register(runtime, certificate_id=certificate.id)
    return certificate


def issue_in_full(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """Number, print and register, as the jobs do."""
    certificates.issue(runtime, application_id=graduate.application_id)
    certificate = number(runtime, graduate)
    certificates.render(runtime, certificate_id=certificate.id)
    registry.register(runtime, certificate_id=certificate.id)
    with runtime.read() as uow:
        return get_certificate(uow, certificate.id)


def deliver_version(runtime: Runtime, certificate_id: str) -> CertificateFacts:
    """Make a later version valid with a stand-in for its file, and let the register follow."""
    data = f"%PDF stand-in {certificate_id}".encode()
    key = runtime.storage.put(data)
    with runtime.write() as uow:
        service.deliver(uow, HOUSE, certificate_id, key, len(data))
    registry.register(runtime, certificate_id=certificate_id)
    with runtime.read() as uow:
        return get_certificate(uow, certificate_id)


def revoke_by_two(runtime: Runtime, people: People, entry_id: str, reason: str) -> None:
    """Let one registrar propose that an entry be revoked, and another decide."""
    first, second = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    with runtime.write() as uow:
        decision_id = decisions.propose_revocation(uow, first, entry_id, reason)
    with runtime.write() as uow:
        decisions.decide(uow, second, entry_id, decision_id)
