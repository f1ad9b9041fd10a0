"""Reading what happened."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from lms.audit.models import AuditEvent, AuditSeal, StateLog
from lms.audit.policy import GENESIS, chain_hash
from lms.core.unit_of_work import UnitOfWork

LATE_COMERS = 10_000


@dataclass(frozen=True, slots=True)
class LoggedMove:
    """One line of a subject's history."""

    verb: str
    from_state: str | None
    to_state: str
    actor_id: str | None
    at: datetime
    remark: str
    detail: str


def history(uow: UnitOfWork, machine: str, subject_id: str) -> list[LoggedMove]:
    """Return the moves of a subject, oldest first."""
    rows = uow.session.scalars(
        select(StateLog)
        .where(StateLog.machine == machine, StateLog.subject_id == subject_id)
        .order_by(StateLog.id)
    )
    return [
        LoggedMove(row.verb, row.from_state, row.to_state, row.actor_id, row.at, row.remark, row.detail)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a subject, with the ids and field names that were recorded of it."""

    tag: str
    subject_id: str
    at: datetime
    fields: dict[str, Any]


def acts_on(uow: UnitOfWork, subject_ids: Collection[str], after: datetime) -> list[Act]:
    """Return what was done to some subjects after a moment, oldest first."""
    rows = uow.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_id.in_(subject_ids), AuditEvent.at > after)
        .order_by(AuditEvent.id)
    )
    return [Act(row.tag, row.subject_id, row.at, json.loads(row.fields)) for row in rows]


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """One act of the record; `fields` is JSON."""

    id: int
    at: datetime
    actor_id: str | None
    actor_label: str
    tag: str
    subject_id: str
    fields: str


def recent_events(
    uow: UnitOfWork, *, tag: str = "", subject_id: str = "", people: Sequence[str] | None = None,
    since: datetime | None = None, until: datetime | None = None, page: int = 1, size: int = 50,
) -> tuple[list[LoggedAct], int]:  # fmt: skip
    """Return one page of audit events, newest first, and the total count; filters may be empty.

    A tag that ends with its colon stands for all acts of its kind. Of `people`, it is what they did and
    what was done to them.
    """
    wanted = select(AuditEvent)
    if tag.endswith(":"):
        wanted = wanted.where(AuditEvent.tag.startswith(tag, autoescape=True))
    elif tag:
        wanted = wanted.where(AuditEvent.tag == tag)
    if subject_id:
        wanted = wanted.where(AuditEvent.subject_id == subject_id)
    if people is not None:
        wanted = wanted.where(or_(AuditEvent.actor_id.in_(people), AuditEvent.subject_id.in_(people)))
    if since is not None:
        wanted = wanted.where(AuditEvent.at >= since)
    if until is not None:
        wanted = wanted.where(AuditEvent.at < until)
    total = uow.session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = uow.session.scalars(
        wanted.order_by(AuditEvent.id.desc()).limit(size).offset((page - 1) * size)
    ).all()
    acts = [
        LoggedAct(row.id, row.at, row.actor_id, row.actor_label, row.tag, row.subject_id, row.fields)
        for row in rows
    ]
    return acts, total


def last_seal(uow: UnitOfWork) -> AuditSeal | None:
    """Return the newest link of the chain, or None while there is none."""
    return uow.session.execute(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).scalar_one_or_none()


def unsealed(uow: UnitOfWork, limit: int) -> Sequence[AuditEvent]:
    """Return events without a seal in the order of their ids.

    Looks only at the tail of the record: the sealer asks each second, and a row may become visible
    after rows with higher ids by as many as there are transactions at one time, no more.
    """
    newest = last_seal(uow)
    start = newest.audit_event_id - LATE_COMERS if newest else 0
    return uow.session.scalars(
        select(AuditEvent)
        .outerjoin(AuditSeal, AuditSeal.audit_event_id == AuditEvent.id)
        .where(AuditEvent.id > start, AuditSeal.seq.is_(None))
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()


def broken_links(uow: UnitOfWork) -> list[tuple[Any, ...]]:
    """Return the chain's broken links: a hash that does not fit, or a gap in the sequence (U1)."""
    previous, expected, broken = GENESIS, 0, []
    rows = uow.session.execute(
        select(AuditSeal, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.audit_event_id)
        .order_by(AuditSeal.seq)
        .execution_options(yield_per=1000)
    )
    for seal, event in rows:
        expected += 1
        present: AuditEvent | None = event  # an outer join: the row may be gone
        previous = link_of(previous, present) if present else ""
        if seal.seq != expected or seal.hash != previous:
            broken.append((seal.seq, seal.audit_event_id))
            previous, expected = seal.hash, seal.seq
    return broken


def link_of(previous: str, event: AuditEvent) -> str:
    """Return the hash that seals an event behind the previous link."""
    return chain_hash(
        previous,
        event.id,
        event.at,
        event.actor_id,
        event.actor_label,
        event.tag,
        event.subject_id,
        event.fields,
    )
