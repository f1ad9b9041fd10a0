"""Trying again what has no number or no file yet, because somebody has mended the cause."""

from lms.accounts.policy import Role
from lms.audit.service import record
from lms.certificates.errors import NotCompleted
from lms.certificates.events import NumberingAsked, PrintingAsked
from lms.certificates.policy.certificates import CertificateState, not_completed
from lms.certificates.queries.certificates import find_by_application, get_certificate
from lms.certificates.queries.pending import (
    job_of,
    numbering_key,
    printing_key,
    scope_of_application,
    scope_of_certificate,
)
from lms.core.actors import Actor
from lms.core.errors import NotFound, stale
from lms.core.events import Event
from lms.core.outbox import revive
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import application_facts


def number_again(uow: UnitOfWork, actor: Actor, application_id: str) -> None:
    """Have a passed application numbered now. Raises NotFound outside the registrar's scope, Refusal when not due."""
    if not actor.covers(scope_of_application(uow, application_id), [Role.REGISTRAR]):
        raise NotFound
    if find_by_application(uow, application_id) is not None:
        raise stale()
    if application_facts(uow, application_id).outcome is not Outcome.COMPLETED:
        raise NotCompleted(not_completed(application_id))
    record(uow, actor, "application:number_again", application_id)
    _again(uow, numbering_key(application_id), NumberingAsked(application_id))


def print_again(uow: UnitOfWork, actor: Actor, certificate_id: str) -> None:
    """Have a numbered certificate printed now. Raises NotFound outside the scope, stale when it has been."""
    if not actor.covers(scope_of_certificate(uow, certificate_id), [Role.REGISTRAR]):
        raise NotFound
    if get_certificate(uow, certificate_id).state is not CertificateState.PENDING:
        raise stale()
    record(uow, actor, "certificate:again", certificate_id)
    _again(uow, printing_key(certificate_id), PrintingAsked(certificate_id))


def _again(uow: UnitOfWork, key: str, event: Event) -> None:
    """Give the dead letter another round of tries; where the job ended otherwise, queue a new one."""
    job = job_of(uow, key)
    if job is None or not revive(uow.session, job.id, uow.now):
        uow.record(event)
        return
    uow.queued.append(job.id)
