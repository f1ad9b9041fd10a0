"""Recording acts and moves, and sealing them."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import InstrumentedAttribute

from lms.audit import moves
from lms.audit.models import AuditEvent, AuditSeal
from lms.audit.policy import GENESIS
from lms.audit.queries import last_seal, link_of, unsealed
from lms.core.actors import Actor
from lms.core.errors import stale
from lms.core.state_machine import StateMachine
from lms.core.unit_of_work import UnitOfWork

State = TypeVar("State", bound=StrEnum)


def record(uow: UnitOfWork, actor: Actor, tag: str, subject_id: str, **fields: Any) -> int:
    """Write an audit event in the caller's transaction and return its id.

    `fields` holds ids, field names and written reasons; personal values stay out (fault G1).
    """
    return moves.add_event(uow, _event(uow, actor, tag, subject_id, fields))


def born(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    subject_id: str,
    remark: str = "",
    **detail: Any,
) -> None:
    """Log the birth of a subject in its machine's initial state (log row and audit row)."""
    event, line = _written(uow, actor, machine, subject_id, "create", None, machine.initial, remark, detail)
    moves.add_line(uow, event, line)


def move(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    verb: str,
    column: InstrumentedAttribute[State],
    subject_id: str,
    state: State,
    *,
    remark: str = "",
    changes: dict[str, Any] | None = None,
    **detail: Any,
) -> State:
    """Move a subject by a verb: conditional update, state-log row and audit row in one transaction.

    `column` is the state column of the subject's table (whose primary key is `id`); `state` is the
    state the caller has seen. `changes` are columns that change in the same update. Raises the
    refusal `stale` when the subject is not in that state any more, or the table has no such move.
    """
    if not machine.allows(verb, state):
        raise stale()
    target = machine.moves[verb].target
    event, line = _written(uow, actor, machine, subject_id, verb, state, target, remark, detail)
    if not moves.move_row(
        uow, column, subject_id, state, {column.key: target, **(changes or {})}, event, line
    ):
        raise stale()
    uow.session.expire_all()
    return target


def _event(
    uow: UnitOfWork, actor: Actor, tag: str, subject_id: str, fields: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "at": uow.now, "actor_id": actor.person_id, "actor_label": actor.label, "tag": tag, "subject_id": subject_id,
        "fields": _json(fields),
    }  # fmt: skip


def _written(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    subject_id: str,
    verb: str,
    source: State | None,
    target: State,
    remark: str,
    detail: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the audit event of a move, and its line in the state log but for the event's id."""
    said = {"from_state": source, "to_state": target, **({"remark": remark} if remark else {}), **detail}
    event = _event(uow, actor, f"{machine.name}:{verb}", subject_id, said)
    line = {
        "machine": machine.name, "subject_id": subject_id, "verb": verb, "from_state": source, "to_state": target,
        "actor_id": actor.person_id, "at": uow.now, "remark": remark[:500], "detail": _json(detail),
    }  # fmt: skip
    return event, line


def _json(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str)


def log_many(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    verb: str,
    source: State | None,
    target: State,
    details: Mapping[str, Mapping[str, Any]],
) -> None:
    """Log the same move of many subjects at once, by id with the detail of each: one log row and one event each.

    For subjects that the caller inserts in the state they have come to; nothing is updated here.
    """
    written = [
        _written(uow, actor, machine, subject_id, verb, source, target, "", detail)
        for subject_id, detail in details.items()
    ]
    event_ids = uow.session.execute(
        insert(AuditEvent).returning(AuditEvent.id, sort_by_parameter_order=True),
        [event for event, _line in written],
    ).scalars()
    uow.session.execute(
        insert(moves.LOG),
        [
            {**line, "audit_event_id": event_id}
            for event_id, (_event, line) in zip(event_ids, written, strict=True)
        ],
    )


def seal_waiting(uow: UnitOfWork, limit: int = 500) -> int:
    """Chain audit events that have no seal yet, in the order of their ids; return how many."""
    last = last_seal(uow)
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    waiting = unsealed(uow, limit)
    links = []
    for event in waiting:
        seq += 1
        previous = link_of(previous, event)
        links.append({"seq": seq, "audit_event_id": event.id, "hash": previous})
    if links:
        uow.session.execute(insert(AuditSeal), links)
    return len(links)
