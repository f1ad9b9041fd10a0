"""Periodic work of the accounts room."""

from datetime import timedelta

from lms.accounts.service import sweep_spent
from lms.core.unit_of_work import Runtime

KEEP = timedelta(days=2)


def forget_spent(runtime: Runtime) -> None:
    """Delete counters and links that are two days old; may run twice."""
    with runtime.write() as uow:
        sweep_spent(uow, uow.now - KEEP)
