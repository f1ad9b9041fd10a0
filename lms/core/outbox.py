"""The outbox: the row is the job.

A row is written in the transaction that causes it. A worker claims it for a short while, extends
the claim while it works, and marks it done; what is unclaimed or expired is sent again by the
sweeper. Redis only carries the wake-up: losing it loses no job.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Index, String, Text, and_, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.core.database import Base
from lms.core.identifiers import marked_id, new_id
from lms.core.ready_statement import ready_new_row

CLAIM_SECONDS = 20
RESEND_AFTER_SECONDS = 5
MAX_TRIES = 8
BACKOFF_SECONDS = (2, 5, 15, 30, 60, 120, 300)


LONG = "l"
"""How the ids of jobs of the long lane begin, so that whoever sends a wake-up sees the lane without asking."""


class OutboxJob(Base):
    """One job to be done, with its claim and its outcome."""

    __tablename__ = "outbox_job"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """The same key is never queued twice: a repeated event causes one job."""
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_outbox_job_waiting",
            "not_before",
            sqlite_where=text("done_at IS NULL AND failed_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        ),
    )


_WAITING = and_(OutboxJob.done_at.is_(None), OutboxJob.failed_at.is_(None))


def is_long(job_id: str) -> bool:
    """Tell whether a job goes by the long lane: it may take hours, and nothing urgent waits behind it."""
    return job_id.startswith(LONG)


_NEW_JOB = ready_new_row(OutboxJob, OutboxJob.id, OutboxJob.key)


def put(
    session: Session, name: str, key: str, payload: Mapping[str, Any], now: datetime, *, long: bool = False
) -> str | None:  # fmt: skip
    """Write a job row and return its id, or None when the key is there already."""
    made: str | None = _NEW_JOB.scalar(
        session,
        {
            "id": marked_id(LONG) if long else new_id(), "name": name, "key": key,
            "payload": json.dumps(dict(payload), ensure_ascii=False), "created_at": now, "not_before": now,
            "sent_at": now, "tries": 0,
        },
    )  # fmt: skip
    return made


def claim(session: Session, job_id: str, now: datetime) -> tuple[str, dict[str, Any]] | None:
    """Take a job for CLAIM_SECONDS. Return (name, payload), or None when it is done or taken."""
    taken = session.execute(
        update(OutboxJob)
        .where(OutboxJob.id == job_id, _WAITING, OutboxJob.not_before <= now, OutboxJob.tries < MAX_TRIES)
        .where(or_(OutboxJob.claimed_until.is_(None), OutboxJob.claimed_until < now))
        .values(claimed_until=now + timedelta(seconds=CLAIM_SECONDS), tries=OutboxJob.tries + 1)
        .returning(OutboxJob.name, OutboxJob.payload)
    ).first()
    return (taken.name, json.loads(taken.payload)) if taken else None


def extend(session: Session, job_id: str, now: datetime) -> None:
    """Prolong a claim while the work goes on."""
    session.execute(
        update(OutboxJob)
        .where(OutboxJob.id == job_id, _WAITING)
        .values(claimed_until=now + timedelta(seconds=CLAIM_SECONDS))
    )


def finish(session: Session, job_id: str, now: datetime) -> None:
    """Mark a job done."""
    session.execute(
        update(OutboxJob)
        .where(OutboxJob.id == job_id)
        .values(done_at=now, claimed_until=None, last_error=None)
    )


def give_back(session: Session, job_id: str, error: str, now: datetime) -> None:
    """Record a failed try: wait longer each time, and after MAX_TRIES leave a visible dead letter (fault O4).

    `error` names the kind of failure only; messages may carry personal values.
    """
    tries = session.execute(select(OutboxJob.tries).where(OutboxJob.id == job_id)).scalar_one()
    wait = BACKOFF_SECONDS[min(tries, len(BACKOFF_SECONDS)) - 1] if tries else BACKOFF_SECONDS[0]
    session.execute(
        update(OutboxJob)
        .where(OutboxJob.id == job_id)
        .values(
            claimed_until=None,
            not_before=now + timedelta(seconds=wait),
            last_error=error[:200],
            failed_at=now if tries >= MAX_TRIES else None,
        )
    )


def _spent(now: datetime) -> ColumnElement[bool]:
    return and_(_WAITING, OutboxJob.tries >= MAX_TRIES, OutboxJob.claimed_until < now)


def spent(session: Session, now: datetime) -> bool:
    """Tell whether a job has no try left, though none of its tries came back to say why."""
    return session.execute(select(OutboxJob.id).where(_spent(now)).limit(1)).first() is not None


def is_dead(session: Session, key: str) -> bool:
    """Tell whether the job of a key has become a dead letter: nobody will do it by itself any more."""
    return (
        session.execute(
            select(OutboxJob.id).where(OutboxJob.key == key, OutboxJob.failed_at.is_not(None))
        ).first()
        is not None
    )


def bury(session: Session, now: datetime) -> int:
    """Make dead letters of jobs whose last try killed the worker itself; return how many (fault O4)."""
    result = session.execute(
        update(OutboxJob)
        .where(_spent(now))
        .values(failed_at=now, claimed_until=None, last_error="the worker did not survive it")
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


def due(session: Session, now: datetime, limit: int = 200) -> list[str]:
    """Return ids of jobs that nobody works on and that were not sent lately."""
    return list(
        session.scalars(
            select(OutboxJob.id)
            .where(_WAITING, OutboxJob.not_before <= now, OutboxJob.tries < MAX_TRIES)
            .where(or_(OutboxJob.claimed_until.is_(None), OutboxJob.claimed_until < now))
            .where(
                or_(
                    OutboxJob.sent_at.is_(None),
                    OutboxJob.sent_at < now - timedelta(seconds=RESEND_AFTER_SECONDS),
                )
            )
            .order_by(OutboxJob.not_before)
            .limit(limit)
        )
    )


def mark_sent(session: Session, job_ids: list[str], now: datetime) -> None:
    """Remember that the wake-up of these jobs went out."""
    session.execute(update(OutboxJob).where(OutboxJob.id.in_(job_ids)).values(sent_at=now))


def tries_of(session: Session, job_id: str) -> int:
    """Return how often a job was tried; the wake-up's id is `<job>-<try>`."""
    return session.execute(select(OutboxJob.tries).where(OutboxJob.id == job_id)).scalar_one_or_none() or 0


def waiting_count(session: Session) -> int:
    """Return how many jobs are not done yet, for the health page."""
    return session.execute(select(func.count()).select_from(OutboxJob).where(_WAITING)).scalar_one()


def revive(session: Session, job_id: str, now: datetime) -> bool:
    """Give a dead letter another round of tries; return whether there was one."""
    result = session.execute(
        update(OutboxJob)
        .where(OutboxJob.id == job_id, OutboxJob.failed_at.is_not(None))
        .values(failed_at=None, tries=0, not_before=now, sent_at=None)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def claimable(session: Session) -> list[tuple[str, datetime]]:
    """Return (id, the first moment at which it may be claimed) of unfinished jobs, oldest first."""
    rows = session.execute(
        select(OutboxJob.id, OutboxJob.not_before, OutboxJob.claimed_until)
        .where(_WAITING)
        .order_by(OutboxJob.created_at)
    )
    claim_over = timedelta(milliseconds=1)
    return [
        (job_id, max(not_before, claimed_until + claim_over) if claimed_until else not_before)
        for job_id, not_before, claimed_until in rows
    ]


def unfinished(session: Session) -> list[str]:
    """Return ids of jobs that are neither done nor dead, oldest first."""
    return list(session.scalars(select(OutboxJob.id).where(_WAITING).order_by(OutboxJob.created_at)))
