"""The start of an exam as a page or a program asks for it."""

import logging

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.exam.errors import PaperMissing
from lms.exam.service import attempts, preparing

log = logging.getLogger(__name__)


def begin(runtime: Runtime, actor: Actor, plan_id: str) -> str:
    """Start an attempt, or find the one that is open already; return its id.

    The start only binds the paper that waits. Should none wait, because no worker has run since the person became
    eligible, it is drawn here, outside the write lane, rather than turning the candidate away.
    Raises what `attempts.start` raises.
    """
    try:
        with runtime.write() as uow:
            return attempts.start(uow, actor, plan_id)
    except PaperMissing:
        log.warning("no paper was waiting at a start of plan %s; drawing it now", plan_id)
        preparing.prepare(runtime, str(actor.person_id), plan_id)
    with runtime.write() as uow:
        return attempts.start(uow, actor, plan_id)
