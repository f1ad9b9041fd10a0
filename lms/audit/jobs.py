"""Periodic work of the audit room."""

from lms.audit import service
from lms.audit.queries import unsealed
from lms.core.unit_of_work import Runtime


def seal(runtime: Runtime) -> None:
    """Chain the audit events that are not sealed yet; may run twice."""
    while True:
        with runtime.read() as uow:
            if not unsealed(uow, 1):
                return  # an idle second costs no turn of the write lane
        with runtime.write() as uow:
            if service.seal_waiting(uow) == 0:
                return
