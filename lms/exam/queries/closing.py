"""When the next attempt is to be closed."""

from sqlalchemy import func, select

from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import GRACE, SWEEP_MARGIN, AttemptState

NEVER_MS = 2**62


def next_due_ms(uow: UnitOfWork) -> int:
    """Return when the earliest open attempt is to be closed by the house, or a moment that never comes.

    One look into the index of open deadlines.
    """
    earliest = uow.session.scalar(
        select(func.min(Attempt.deadline_at)).where(Attempt.state == AttemptState.IN_PROGRESS)
    )
    return NEVER_MS if earliest is None else to_ms(earliest + GRACE + SWEEP_MARGIN)
