"""Periodic work of the enrolment room."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.enrolment import service

BATCH = 200


def sweep_lapsed(runtime: Runtime) -> None:
    """End live applications whose plan is over; may run twice."""
    while True:
        with runtime.write() as uow:
            if service.lapse_overdue(uow, Actor.system("enrolment.sweep_lapsed"), BATCH) < BATCH:
                return
