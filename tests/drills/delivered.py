"""What came of the exams: the candidates' ledgers held against attempts, answers, scores, receipts and certificates."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import text

from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.exam.policy.attempts import AttemptState
from lms.exam.queries import find_attempt, misgraded
from lms.exam.queries.receipts import receipt_of
from tests.drills.parts import Outage
from tests.drills.sitting import Answers, Sitting

PROMISED_MS = 5000
"""A sheet that nobody hands in is closed so long after its deadline at most (H18)."""
SETTLE_SECONDS = 150.0
"""A worker's claim on a job outlives it for twenty seconds, and a refused job waits longer with each try."""
LOOK_SECONDS = 0.2
Rows = Mapping[Any, Any]


@dataclass(frozen=True)
class Delivered:
    """Counts over all attempts. From `lost` on each of them should be 0."""

    attempts: int
    answers: int
    unanswered: int
    refused: int
    hand_ins: int
    timed_out: int
    passed: int
    swept_p95_ms: int
    """From the deadline to the close, of those whose deadline came while the scheduler ran."""
    lost: int
    """Acknowledged answers that are not stored as they were acknowledged."""
    invented: int
    """Stored answers that nobody sent, or that were refused."""
    unclosed: int
    misgraded: int
    late: int
    late_by_ms: int
    """How much later than allowed the last of them was closed; 0 when none was."""
    receipts_lost: int
    """Acknowledged hand-ins that are none, and receipts that are others now."""
    without_certificate: int
    dead_letters: int


def judge(runtime: Runtime, sittings: Sequence[Sitting], outages: Sequence[Outage]) -> Delivered:
    """Hold what the candidates were told against what is stored, once all processes are back and idle."""
    known = {one.attempt_id: one for one in sittings}
    down = [(round(one.began * 1000), round((one.ended or time.time()) * 1000)) for one in outages]
    with runtime.read() as uow:
        stored = _stored(uow)
        rows = uow.session.execute(
            text("SELECT id, state, deadline_at, closed_at, is_timed_out, passed FROM attempt")
        ).all()
        waits = [
            (row.closed_at - row.deadline_at, allowed_ms(row.deadline_at, down))
            for row in rows
            if row.is_timed_out and row.closed_at is not None
        ]
        undisturbed = sorted(waited for waited, allowed in waits if allowed == PROMISED_MS)
        return Delivered(
            attempts=len(rows),
            answers=sum(len(one.answers) for one in sittings),
            unanswered=sum(len(one.unanswered) for one in sittings),
            refused=sum(len(one.refused) for one in sittings),
            hand_ins=sum(one.is_handed_in for one in sittings),
            timed_out=len(waits),
            passed=sum(bool(row.passed) for row in rows),
            swept_p95_ms=undisturbed[int(0.95 * (len(undisturbed) - 1))] if undisturbed else 0,
            lost=sum(missing(one.answers, stored.get(one.attempt_id, {})) for one in sittings),
            invented=sum(
                missing(found, _sent(known.get(attempt_id))) for attempt_id, found in stored.items()
            ),
            unclosed=sum(row.state != AttemptState.GRADED for row in rows),
            misgraded=sum(1 for _ in misgraded(uow)),
            late=sum(waited > allowed for waited, allowed in waits),
            late_by_ms=max([0, *(waited - allowed for waited, allowed in waits)]),
            receipts_lost=sum(not _holds(uow, one) for one in sittings),
            without_certificate=scalar(
                uow,
                "SELECT COUNT(*) FROM attempt a WHERE a.passed AND (SELECT COUNT(*) FROM certificate c "
                "WHERE c.application_id = a.application_id AND c.state = 'issued') <> 1",
            ),
            dead_letters=scalar(uow, "SELECT COUNT(*) FROM outbox_job WHERE failed_at IS NOT NULL"),
        )


def missing(wanted: Rows, found: Rows) -> int:
    """Count rows that are wanted and not found with the very same content."""
    nothing = object()
    return sum(found.get(key, nothing) != value for key, value in wanted.items())


def allowed_ms(deadline_ms: int, down: Sequence[tuple[int, int]]) -> int:
    """Return how long after its deadline a sheet may be closed: the promise, and what the sweeper was not there.

    `down` are the times without a scheduler in order.
    """
    until = deadline_ms
    for began, ended in down:
        if began <= until + PROMISED_MS and ended > until:
            until = ended
    return until - deadline_ms + PROMISED_MS


def idle(uow: UnitOfWork) -> bool:
    """Tell whether no attempt is open and no job waits."""
    return not scalar(uow, "SELECT COUNT(*) FROM attempt WHERE state <> 'graded'") and not scalar(
        uow, "SELECT COUNT(*) FROM outbox_job WHERE done_at IS NULL AND failed_at IS NULL"
    )


def scalar(uow: UnitOfWork, sql: str) -> int:
    """Return the one number a statement asks for."""
    return int(uow.session.execute(text(sql)).scalar_one())


def wait_until_idle(runtime: Runtime) -> float:
    """Wait until every attempt is closed and every job done; return the seconds, whether it came to that or not."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < SETTLE_SECONDS:
        with runtime.read() as uow:
            if idle(uow):
                break
        time.sleep(LOOK_SECONDS)
    return waited


def _stored(uow: UnitOfWork) -> dict[str, Answers]:
    stored: dict[str, Answers] = {}
    for attempt_id, position, revision, choice in uow.session.execute(
        text("SELECT attempt_id, position, revision, choice FROM answer_revision")
    ):
        stored.setdefault(attempt_id, {})[position, revision] = choice
    return stored


def _sent(sitting: Sitting | None) -> Answers:
    """Return what may be stored."""
    return dict(chain(sitting.answers.items(), sitting.unanswered.items())) if sitting else {}


def _holds(uow: UnitOfWork, sitting: Sitting) -> bool:
    """Tell whether an acknowledged hand-in is one, and whether the receipt that was shown is still the receipt."""
    attempt = find_attempt(uow, sitting.attempt_id)
    if attempt is None:
        return False
    receipt = receipt_of(uow, attempt)
    if sitting.is_handed_in and (receipt is None or attempt.is_timed_out):
        return False
    return sitting.receipt is None or (receipt is not None and receipt.code == sitting.receipt)
