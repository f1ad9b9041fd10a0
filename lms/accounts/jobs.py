"""Periodic work of the accounts room."""

from datetime import timedelta

from lms.accounts.service import forget_device_marks, sweep_spent
from lms.core.unit_of_work import Runtime

KEEP = timedelta(days=2)
KEEP_DEVICE_MARKS = timedelta(days=7)
"""Findings look back 36 hours; the rest is for a scheduler that stood still."""


def forget_spent(runtime: Runtime) -> None:
    """Delete counters and links that are two days old, and marks of devices after a week; may run twice."""
    with runtime.write() as uow:
        sweep_spent(uow, uow.now - KEEP)
        forget_device_marks(uow, uow.now - KEEP_DEVICE_MARKS)
