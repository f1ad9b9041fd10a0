"""What a candidate's page asks every few seconds, and what it is told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lms.accounts.models import LoginSession
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.conditions import ExamMessage, Measure, MessageReceipt, Presence, Sighting
from lms.exam.policy.conditions import MessageKind
from lms.exam.policy.watching import SightingKind
from lms.exam.queries.attempts import AttemptFacts, find_attempt


@dataclass(frozen=True, slots=True)
class Told:
    """A message that waits for the candidate's word that he has read it."""

    id: str
    kind: MessageKind
    seconds: int
    words: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How an attempt stands at a moment, for its own page."""

    attempt: AttemptFacts
    is_revoked: bool
    """Whether the asking login session has ended."""
    seen_at: datetime | None
    pause_reason: str
    unread: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class LastSwitch:
    """The last time somebody was seen leaving the page of a sitting."""

    serial: int = 0
    left_at: datetime | None = None
    """When, if it is not known that he came back."""


# Built once: every exam page asks it, and what was said.
_LAST_SWITCHES = (
    select(Sighting.serial, Sighting.kind, Sighting.at)
    .where(
        Sighting.attempt_id == bindparam("attempt"),
        Sighting.kind.in_((SightingKind.LEFT, SightingKind.AWAY)),
    )
    .order_by(Sighting.serial.desc())
    .limit(2)
)
_UNREAD = (
    select(ExamMessage)
    .join(MessageReceipt, MessageReceipt.message_id == ExamMessage.id)
    .where(MessageReceipt.attempt_id == bindparam("attempt"), MessageReceipt.acknowledged_at.is_(None))
    .order_by(ExamMessage.sent_at, ExamMessage.id)
)


def last_switch(uow: UnitOfWork, attempt_id: str) -> LastSwitch:
    """Return up to which number switches of a sitting are known: a page on another device goes on counting there."""
    rows = uow.session.execute(_LAST_SWITCHES, {"attempt": attempt_id}).all()
    if not rows:
        return LastSwitch()
    last = [row for row in rows if row.serial == rows[0].serial]
    is_back = any(row.kind == SightingKind.AWAY for row in last)
    return LastSwitch(rows[0].serial, None if is_back else last[0].at)


def standing(uow: UnitOfWork, attempt_id: str, login_session_id: str) -> Standing | None:
    """Return how an attempt stands, or None when there is no such attempt or login session."""
    attempt = find_attempt(uow, attempt_id)
    row = uow.session.execute(
        select(LoginSession.revoked_at, Presence.seen_at)
        .select_from(LoginSession)
        .outerjoin(Presence, Presence.attempt_id == attempt_id)
        .where(LoginSession.id == login_session_id)
    ).first()
    if attempt is None or row is None:
        return None
    return Standing(
        attempt, row.revoked_at is not None, row.seen_at, pause_reason(uow, attempt), unread(uow, attempt_id)
    )


def pause_reason(uow: UnitOfWork, attempt: AttemptFacts) -> str:
    """Return why an attempt is paused at this moment, or nothing."""
    if not attempt.is_paused(uow.now):
        return ""
    return uow.session.scalar(select(Measure.reason).where(Measure.id == attempt.pause_id)) or ""


def unread(uow: UnitOfWork, attempt_id: str) -> tuple[Told, ...]:
    """Return what the candidate has not confirmed yet, oldest first."""
    rows = uow.session.scalars(_UNREAD, {"attempt": attempt_id})
    return tuple(Told(row.id, MessageKind(row.kind), row.seconds, row.words, row.sent_at) for row in rows)
