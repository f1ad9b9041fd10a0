"""Recording acts and moves, and sealing them."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Update, bindparam, insert, update
from sqlalchemy.orm import InstrumentedAttribute

from lms.audit.models import AuditEvent, AuditSeal, StateLog
from lms.audit.policy import GENESIS
from lms.audit.queries import last_seal, link_of, unsealed
from lms.core.actors import Actor
from lms.core.errors import stale
from lms.core.state_machine import StateMachine
from lms.core.unit_of_work import UnitOfWork

State = TypeVar("State", bound=StrEnum)

# Written at every act of the house: made once, and as plain tables, which costs a third of building them each time.
_EVENTS, _LOG = AuditEvent.__table__, StateLog.__table__
_ADD_EVENT = insert(_EVENTS).returning(_EVENTS.c.id)  # type: ignore[arg-type]  # it is a table, not any FROM clause
_ADD_LOG = insert(_LOG)  # type: ignore[arg-type]  # as above


def record(uow: UnitOfWork, actor: Actor, tag: str, subject_id: str, **fields: Any) -> int:
    """Write an audit event in the caller's transaction and return its id.

    `fields` holds ids, field names and written reasons; personal values stay out (fault G1).
    """
    uow.session.flush()
    event_id: int = uow.session.execute(
        _ADD_EVENT,
        {
            "at": uow.now, "actor_id": actor.person_id, "actor_label": actor.label, "tag": tag,
            "subject_id": subject_id,
            "fields": json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str),
        },
    ).scalar_one()  # fmt: skip
    return event_id


def born(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    subject_id: str,
    remark: str = "",
    **detail: Any,
) -> None:
    """Log the birth of a subject in its machine's initial state (log row and audit row)."""
    _log(uow, actor, machine, subject_id, "create", None, machine.initial, remark, detail)


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
    uow.session.flush()
    result = uow.session.execute(
        _from_state(column),
        {"_subject_id": subject_id, "_state": state, column.key: target, **(changes or {})},
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise stale()
    _log(uow, actor, machine, subject_id, verb, state, target, remark, detail)
    uow.session.expire_all()
    return target


@lru_cache(maxsize=256)
def _from_state(column: InstrumentedAttribute[Any]) -> Update:
    """Build the move of a table's subjects once; what it sets is what is given beside the two it is found by."""
    table: Any = column.class_.__table__
    return update(table).where(
        table.c.id == bindparam("_subject_id"), table.c[column.key] == bindparam("_state")
    )


def _log(
    uow: UnitOfWork,
    actor: Actor,
    machine: StateMachine[State],
    subject_id: str,
    verb: str,
    source: State | None,
    target: State,
    remark: str,
    detail: dict[str, Any],
) -> None:
    event_id = record(
        uow,
        actor,
        f"{machine.name}:{verb}",
        subject_id,
        from_state=source,
        to_state=target,
        **({"remark": remark} if remark else {}),
        **detail,
    )
    uow.session.execute(
        _ADD_LOG,
        {
            "machine": machine.name, "subject_id": subject_id, "verb": verb, "from_state": source, "to_state": target,
            "actor_id": actor.person_id, "at": uow.now, "remark": remark[:500],
            "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
            "audit_event_id": event_id,
        },
    )  # fmt: skip


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
    ids = list(details)
    events = uow.session.execute(
        insert(AuditEvent).returning(AuditEvent.id, sort_by_parameter_order=True),
        [
            {
                "at": uow.now, "actor_id": actor.person_id, "actor_label": actor.label,
                "tag": f"{machine.name}:{verb}", "subject_id": subject_id,
                "fields": json.dumps(
                    {"from_state": source, "to_state": target, **details[subject_id]}, ensure_ascii=False,
                    sort_keys=True, default=str,
                ),
            }
            for subject_id in ids
        ],
    ).scalars()  # fmt: skip
    uow.session.execute(
        _ADD_LOG,
        [
            {
                "machine": machine.name, "subject_id": subject_id, "verb": verb, "from_state": source,
                "to_state": target, "actor_id": actor.person_id, "at": uow.now, "remark": "",
                "detail": json.dumps(dict(details[subject_id]), ensure_ascii=False, sort_keys=True, default=str),
                "audit_event_id": event_id,
            }
            for subject_id, event_id in zip(ids, events, strict=True)
        ],
    )  # fmt: skip


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
