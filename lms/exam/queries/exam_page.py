"""What the page of a running exam has to ask for: most of it is not there while hundreds open theirs."""

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, select

from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import AnswerRevision
from lms.exam.models.conditions import MessageReceipt, Sighting
from lms.exam.models.rooms import Seating
from lms.exam.models.sittings import ReviewMark
from lms.exam.queries.attempts import AttemptFacts
from lms.plans.models import Plan


class OnPage(NamedTuple):
    """The plan's title, and which parts of an exam page there are to be read."""

    title: str
    has_seat: bool
    has_words: bool
    """Whether something was said that the candidate has not confirmed."""
    has_sightings: bool
    has_answers: bool
    has_marks: bool


_ATTEMPT: BindParameter[str] = bindparam("attempt")
# Built once: everybody who starts asks it.
_ON_PAGE = ReadyStatement(
    select(
        Plan.title,
        exists().where(Seating.person_id == bindparam("person"), Seating.plan_id == bindparam("plan")),
        exists().where(MessageReceipt.attempt_id == _ATTEMPT, MessageReceipt.acknowledged_at.is_(None)),
        exists().where(Sighting.attempt_id == _ATTEMPT),
        exists().where(AnswerRevision.attempt_id == _ATTEMPT),
        exists().where(ReviewMark.attempt_id == _ATTEMPT),
    ).where(Plan.id == bindparam("plan"))
)


def on_page(uow: UnitOfWork, attempt: AttemptFacts) -> OnPage:
    """Tell in one statement what the page of an attempt has to ask for."""
    row = _ON_PAGE.first(
        uow.session, {"attempt": attempt.id, "person": attempt.person_id, "plan": attempt.plan_id}
    )
    return OnPage(row[0], *map(bool, row[1:]))
