"""Telling candidates something while they sit, and taking their word that they have read it."""

from collections.abc import Sequence

from sqlalchemy import insert

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.conditions import ExamMessage, MessageReceipt
from lms.exam.policy.conditions import MessageKind, Target, TargetKind, words_reasons
from lms.exam.queries.reach import STEWARDS, reach_of, target_attempts


def send(uow: UnitOfWork, actor: Actor, plan_id: str, target: Target, words: str) -> int:
    """Send words to one, a room, a place or everyone who sits now; return how many they reach.

    Raises NotFound for a target out of reach, Invalid without words.
    """
    if actor.person_id is None:
        raise Forbidden
    reach = reach_of(uow, actor, plan_id, *STEWARDS)
    require(words_reasons(words), Invalid)
    reached = target_attempts(uow, reach, target)
    if target.kind is TargetKind.ATTEMPT and not reached:
        raise stale()
    message_id = tell(uow, actor, plan_id, target, MessageKind.MESSAGE, words, reached)
    audit.record(
        uow,
        actor,
        "exam_message:send",
        message_id,
        plan_id=plan_id,
        target=target.write(),
        reached=len(reached),
    )
    return len(reached)


def tell(
    uow: UnitOfWork, actor: Actor, plan_id: str, target: Target, kind: MessageKind, words: str, reached: Sequence[str],
    *, seconds: int = 0,
) -> str:  # fmt: skip
    """Put words on the exam pages of some attempts, in the transaction of the act they belong to."""
    message_id = new_id()
    uow.session.flush()
    uow.session.execute(
        insert(ExamMessage).values(
            id=message_id, plan_id=plan_id, organisation_id=target.organisation_id, room_id=target.room_id,
            attempt_id=target.attempt_id, kind=kind, seconds=seconds, words=words.strip(), reached=len(reached),
            sent_by=str(actor.person_id), sent_at=uow.now,
        )
    )  # fmt: skip
    if reached:
        uow.session.execute(
            insert(MessageReceipt), [{"attempt_id": one, "message_id": message_id} for one in reached]
        )
    return message_id
