"""Periodic work of the audit room."""

from lms.audit import service
from lms.core.unit_of_work import Runtime


def seal(runtime: Runtime) -> None:
    """Chain the audit events that are not sealed yet; may run twice."""
    while True:
        with runtime.write() as uow:
            if service.seal_waiting(uow) == 0:
                return
