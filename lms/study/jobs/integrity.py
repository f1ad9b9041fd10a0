"""The sweeper that examines what was played since it last ran."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.study.queries import integrity as integrity_queries
from lms.study.service import examining, sharing

EXAMINER = Actor.system("study.examine")
SESSIONS = 500
"""How many sessions one run examines; the next run goes on with the rest."""


def sweep_integrity(runtime: Runtime) -> None:
    """Examine sessions with new beats, each in a transaction of its own; twice changes nothing."""
    with runtime.read() as uow:
        waiting = integrity_queries.unexamined(uow, SESSIONS)
    for session_id, person_id, plan_id, until in waiting:
        with runtime.write() as uow:
            examining.examine(uow, EXAMINER, session_id, person_id, plan_id, until)
            sharing.examine_device(uow, EXAMINER, session_id, until)
