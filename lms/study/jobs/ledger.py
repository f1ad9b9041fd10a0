"""Periodic work of the study room; every sweeper may run twice."""

import logging
from functools import partial

from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.errors import Refusal
from lms.core.hot_statements import HotConnection
from lms.core.unit_of_work import Runtime
from lms.plans.queries import plans_by_id
from lms.study import queries, service
from lms.study.policy.credit import CloseReason

log = logging.getLogger(__name__)
_SWEEPER = Actor.system("study.sweeper")


def sweep_unanswered_checks(runtime: Runtime) -> None:
    """Void the pending seconds of presence checks that nobody answered in time (fault A8)."""
    with runtime.read() as uow:
        overdue = queries.overdue_checks(uow)
        plans = plans_by_id(uow, {plan_id for _, plan_id in overdue})
    for person_id, plan_id in overdue:
        presence = (plans[plan_id].presence_min_seconds, plans[plan_id].presence_max_seconds)
        now = to_ms(runtime.clock.now())
        runtime.journal.submit(
            partial(_void, person_id=person_id, plan_id=plan_id, presence=presence, now=now)
        )


def _void(hot: HotConnection, *, person_id: str, plan_id: str, presence: tuple[int, int], now: int) -> bool:
    return service.void_overdue(hot, person_id, plan_id, presence, now)


def sweep_completed(runtime: Runtime) -> None:
    """Report those who have studied enough and whose report got lost with a process (fault L1)."""
    with runtime.read() as uow:
        waiting = queries.reached_but_open(uow)
    for application_id in waiting:
        try:
            with runtime.write() as uow:
                service.report_complete(uow, _SWEEPER, application_id)
        except Refusal as refusal:
            log.warning("study of application %s was not reported: %s", application_id, refusal.code)


def sweep_idle_sessions(runtime: Runtime) -> None:
    """Close sessions that sent nothing for long, and those whose sign-in is over."""
    with runtime.read() as uow:
        forsaken = [(row.id, revoked) for row, revoked in queries.forsaken_sessions(uow)]
    for session_id, revoked in forsaken:
        try:
            with runtime.write() as uow:
                service.close_session(
                    uow, _SWEEPER, session_id, CloseReason.LOGOUT if revoked else CloseReason.IDLE
                )
        except Refusal:
            continue  # it was closed meanwhile
