"""Rehearsals leave no trace: what is a day old is forgotten."""

from datetime import timedelta

from lms.core.unit_of_work import Runtime
from lms.exam.service.rehearsals import forget_older

KEEP = timedelta(days=1)


def forget_rehearsals(runtime: Runtime) -> None:
    """Delete rehearsals that began a day ago; may run twice."""
    with runtime.write() as uow:
        forget_older(uow, uow.now - KEEP)
