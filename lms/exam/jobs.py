"""What happens without anybody asking: papers drawn ahead, and overdue attempts closed."""

import logging
from datetime import datetime

from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.exam import queries
from lms.exam.policy.attempts import GRACE, SWEEP_MARGIN
from lms.exam.queries.closing import next_due_ms
from lms.exam.service import attempts, outcomes
from lms.exam.service.preparing import prepare
from lms.plans.policy import StageKind

log = logging.getLogger(__name__)
SWEEPER = Actor.system("exam:sweeper")
SETTLER = Actor.system("exam:corrections")
ASK_EVERY_MS = 2000
TRY_AGAIN_MS = 30_000
"""How long an attempt that cannot be graded waits for the next try."""
_NEXT_DUE = "exam:next due"
_UNCLOSED = "exam:unclosed:"


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

    May run twice. Raises PaperMissing, so that the outbox tries again.
    """
    if kind == StageKind.EXAM:
        prepare(runtime, person_id, plan_id, now)


def settle_outcome(
    runtime: Runtime,
    *,
    application_id: str,
    person_id: str,
    plan_id: str,
    correction_id: str,
    now: datetime | None = None,
) -> None:
    """Let the spine stand as the attempts of a person say now. Follows ScoreTurned; may run twice, and late."""
    with runtime.write(now) as uow:
        outcomes.settle(uow, SETTLER, person_id, plan_id, application_id, correction_id)


def sweep_overdue(runtime: Runtime) -> None:
    """Close and grade what no client closed, each in its own transaction (H18). Run it twice a second.

    It asks for the next deadline once in two seconds, and in between only when that one has come. A deadline that
    is set later lies further ahead than two seconds.
    """
    now_ms = runtime.clock.now_ms()
    asked_ms, due_ms = runtime.recent.get(_NEXT_DUE) or (0, 0)
    if 0 <= now_ms - asked_ms < ASK_EVERY_MS and now_ms < due_ms:
        return
    with runtime.read() as uow:
        due_ms = next_due_ms(uow)
    runtime.recent.put(_NEXT_DUE, (now_ms, due_ms))
    if now_ms <= due_ms:
        return
    # What is closed now is no longer the next one.
    runtime.recent.drop(_NEXT_DUE)
    with runtime.read() as uow:
        overdue = queries.overdue_attempts(uow, uow.now - GRACE - SWEEP_MARGIN)
    for attempt_id in overdue:
        tried_ms = runtime.recent.get(f"{_UNCLOSED}{attempt_id}") or 0
        if 0 <= now_ms - tried_ms < TRY_AGAIN_MS:
            continue
        try:
            with runtime.write() as uow:
                attempts.close_overdue(uow, SWEEPER, attempt_id)
        except Refusal as refusal:
            # Busy, mostly: the next turn comes soon enough.
            log.warning("attempt %s was not closed: %s", attempt_id, refusal.code)
        except Exception:
            # One damaged paper must keep neither the others open nor the log full.
            runtime.recent.put(f"{_UNCLOSED}{attempt_id}", now_ms)
            log.exception("attempt %s could not be closed", attempt_id)
