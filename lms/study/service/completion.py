"""Reporting to the spine that a person has studied enough."""

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import service as spine
from lms.enrolment.policy import StageState
from lms.plans.policy import StageKind
from lms.study import queries
from lms.study.policy.credit import CloseReason
from lms.study.service.sessions import close_session


def report_complete(uow: UnitOfWork, actor: Actor, application_id: str) -> None:
    """Pass the study stage of an application and close the person's session; may run twice.

    Called after the hot write that reached the requirement was committed, and again by the sweeper
    should the process have died in between (B2, fault A13).
    """
    application = spine.complete_stage(uow, actor, application_id, StageKind.STUDY, StageState.PASSED)
    for row in queries.open_sessions(uow, application.person_id):
        if row.plan_id == application.plan_id:
            close_session(uow, actor, row.id, CloseReason.DONE)
