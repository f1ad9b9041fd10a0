"""What happens without anybody asking: papers drawn ahead, and overdue attempts closed."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
CLOSERS = 2
"""So many attempts are closed at once on PostgreSQL."""
LOOK_AGAIN_MS = 500
"""How soon to look for others while one that cannot be graded stays open."""
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
    """Close and grade what no client closed, each in its own transaction (H18). Run it ten times a second.

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
    with runtime.read() as uow:
        overdue = queries.overdue_attempts(uow, uow.now - GRACE - SWEEP_MARGIN)
    due = [attempt_id for attempt_id in overdue if _is_worth_a_try(runtime, attempt_id, now_ms)]
    if not due:  # only what could not be closed before
        runtime.recent.put(_NEXT_DUE, (now_ms, now_ms + LOOK_AGAIN_MS))
        return
    # What is closed now is no longer the next one.
    runtime.recent.drop(_NEXT_DUE)
    _close_all(runtime, due)


def _is_worth_a_try(runtime: Runtime, attempt_id: str, now_ms: int) -> bool:
    tried_ms = runtime.recent.get(f"{_UNCLOSED}{attempt_id}") or 0
    return not 0 <= now_ms - tried_ms < TRY_AGAIN_MS


def _close_all(runtime: Runtime, attempt_ids: Sequence[str]) -> None:
    """Close attempts, the oldest first.

    A whole hall may end at one moment. PostgreSQL works on one while the next is being graded here; SQLite has one
    writer anyway.
    """
    closers = 1 if runtime.database.is_sqlite else min(CLOSERS, len(attempt_ids))
    if closers <= 1:
        for attempt_id in attempt_ids:
            _close(runtime, attempt_id)
        return
    with ThreadPoolExecutor(closers, thread_name_prefix="closing") as pool:
        for _ in pool.map(lambda attempt_id: _close(runtime, attempt_id), attempt_ids):
            pass


def _close(runtime: Runtime, attempt_id: str) -> None:
    try:
        with runtime.write() as uow:
            attempts.close_overdue(uow, SWEEPER, attempt_id)
    except Refusal as refusal:
        # Busy, mostly: the next turn comes soon enough.
        log.warning("attempt %s was not closed: %s", attempt_id, refusal.code)
    except Exception:
        # One damaged paper must keep neither the others open nor the log full.
        runtime.recent.put(f"{_UNCLOSED}{attempt_id}", runtime.clock.now_ms())
        log.exception("attempt %s could not be closed", attempt_id)
