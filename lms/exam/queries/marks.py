"""Which questions a candidate marked for another look."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.sittings import ReviewMark


@dataclass(frozen=True, slots=True)
class Mark:
    """The last mark of one question, set or taken away."""

    revision: int
    is_set: bool


# Built once: every exam page asks it.
_MARKS = select(ReviewMark.position, ReviewMark.revision, ReviewMark.is_marked).where(
    ReviewMark.attempt_id == bindparam("attempt")
)


def review_marks(uow: UnitOfWork, attempt_id: str) -> dict[int, Mark]:
    """Return the marks of an attempt by position."""
    rows = uow.session.execute(_MARKS, {"attempt": attempt_id})
    return {position: Mark(revision, is_marked) for position, revision, is_marked in rows}
