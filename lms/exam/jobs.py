"""What happens without anybody asking: papers drawn ahead, and overdue attempts closed."""

import logging
from datetime import datetime

from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.exam import queries
from lms.exam.policy import GRACE, SWEEP_MARGIN
from lms.exam.service import attempts, papers
from lms.plans.policy import StageKind
from lms.plans.queries import get_plan

log = logging.getLogger(__name__)
SWEEPER = Actor.system("exam:sweeper")


def prepare_paper(
    runtime: Runtime,
    *,
    person_id: str,
    plan_id: str,
    kind: str = "exam",
    now: datetime | None = None,
    **_ids: str | int,
) -> None:
    """Draw a person's next paper before he starts (K1). Follows StageOpened, AttemptGraded and AttemptVoided.

    May run twice: the first paper of a sitting stays. Raises PaperMissing, so that the outbox tries again.
    """
    if kind != StageKind.EXAM:
        return
    with runtime.read(now) as uow:
        facts = queries.exam_facts(uow, person_id, get_plan(uow, plan_id))
        if facts.attempts_left == 0:
            return
        serial = papers.next_serial(uow, person_id, plan_id)
        if papers.find_paper(uow, person_id, plan_id, serial) is not None:
            return
        paper = papers.draw(uow, person_id, plan_id, serial)
    with runtime.write(now) as uow:
        papers.keep(uow, paper)


def sweep_overdue(runtime: Runtime) -> None:
    """Close and grade what no client closed, each in its own transaction (H18). Run it every second or two."""
    with runtime.read() as uow:
        overdue = queries.overdue_attempts(uow, uow.now - GRACE - SWEEP_MARGIN)
    for attempt_id in overdue:
        try:
            with runtime.write() as uow:
                attempts.close_overdue(uow, SWEEPER, attempt_id)
        except Refusal as refusal:
            log.warning("attempt %s was not closed: %s", attempt_id, refusal.code)
        except Exception:
            # One damaged paper must not keep the others open.
            log.exception("attempt %s could not be closed", attempt_id)
