"""Reading a person's rehearsal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core.clock import ms_left
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.rehearsals import Rehearsal, RehearsalAnswer
from lms.exam.policy.attempts import read_choice
from lms.exam.policy.rehearsals import is_running
from lms.exam.queries import SavedAnswer
from lms.exam.queries.marks import Mark


@dataclass(frozen=True, slots=True)
class RehearsalFacts:
    """One rehearsal."""

    id: str
    person_id: str
    login_session_id: str
    started_at: datetime
    deadline_at: datetime
    closed_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it still takes answers."""
        return is_running(self.deadline_at, self.closed_at, now)

    def remaining_ms(self, now: datetime) -> int:
        """Return the milliseconds until its time is over, never negative."""
        return ms_left(self.deadline_at, now)


def rehearsal_of(uow: UnitOfWork, person_id: str) -> RehearsalFacts | None:
    """Return the rehearsal a person began last, or None."""
    row = uow.session.scalar(select(Rehearsal).where(Rehearsal.person_id == person_id))
    return _facts(row) if row else None


def find_rehearsal(uow: UnitOfWork, rehearsal_id: str) -> RehearsalFacts | None:
    """Return a rehearsal whoever holds it, for the verbs of this room."""
    row = uow.session.get(Rehearsal, rehearsal_id)
    return _facts(row) if row else None


def own_rehearsal(uow: UnitOfWork, person_id: str | None, rehearsal_id: str) -> RehearsalFacts:
    """Return a person's own rehearsal. Somebody else's, or one that was replaced, is NotFound."""
    found = find_rehearsal(uow, rehearsal_id)
    if found is None or found.person_id != person_id:
        raise NotFound
    return found


def rehearsed(uow: UnitOfWork, rehearsal_id: str) -> tuple[dict[int, SavedAnswer], dict[int, Mark]]:
    """Return the answers of a rehearsal and its marks, both by position."""
    rows = uow.session.scalars(
        select(RehearsalAnswer)
        .where(RehearsalAnswer.rehearsal_id == rehearsal_id)
        .order_by(RehearsalAnswer.position)
    ).all()
    saved = {
        row.position: SavedAnswer(row.position, row.revision, read_choice(row.choice), row.received_at)
        for row in rows
        if row.revision
    }
    return saved, {row.position: Mark(row.mark_revision, row.is_marked) for row in rows if row.mark_revision}


def _facts(row: Rehearsal) -> RehearsalFacts:
    return RehearsalFacts(
        row.id, row.person_id, row.login_session_id, row.started_at, row.deadline_at, row.closed_at
    )
