"""Papers drawn ahead for everybody who may sit, whatever a crash or a change of the bank left undone."""

import logging

from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.exam.queries.preparing import people_without_paper, stock_mark
from lms.exam.service.preparing import prepare

AT_ONCE = 200
"""Papers drawn in one run, so that the other sweepers have their turn."""
_COMPARED = "exam:papers compared with"

log = logging.getLogger(__name__)


def sweep_papers(runtime: Runtime) -> None:
    """Draw the papers that are missing, and exchange those whose questions have changed since; may run twice."""
    with runtime.read() as uow:
        mark = stock_mark(uow)
        bank_changed = runtime.recent.get(_COMPARED) != mark
        waiting = people_without_paper(uow, bank_changed=bank_changed, limit=AT_ONCE)
    thin = set()
    for one in waiting:
        if one.plan_id in thin:
            continue
        try:
            prepare(runtime, one.person_id, one.plan_id)
        except Refusal as refusal:
            thin.add(one.plan_id)
            log.warning("papers of plan %s cannot be drawn: %s", one.plan_id, refusal.code)
    if bank_changed and len(waiting) < AT_ONCE:
        runtime.recent.put(_COMPARED, mark)
