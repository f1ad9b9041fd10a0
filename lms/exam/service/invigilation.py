"""What staff decide about one sitting: another device, an end for cause, the second person's verdict, a note.

Nothing here happens by itself: each act has a person, a reason and an audit row.
"""

from sqlalchemy import func, insert, select, update

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, Reason, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam import queries
from lms.exam.models.attempts import AnswerRevision, Attempt
from lms.exam.models.conditions import Ending, Remark
from lms.exam.policy.attempts import ATTEMPT, AttemptState
from lms.exam.policy.conditions import (
    EndingCause,
    Verdict,
    ending_reasons,
    own_attempt,
    reason_reasons,
    verdict_reasons,
)
from lms.exam.queries import AttemptFacts
from lms.exam.queries.conditions import find_ending
from lms.exam.queries.reach import STEWARDS, attempt_reach
from lms.exam.service import attempts


def hand_over(uow: UnitOfWork, actor: Actor, attempt_id: str, reason: str) -> None:
    """Cut the device that holds an attempt, so that the candidate signs in on another one and goes on there (B9).

    Raises NotFound out of reach, Invalid without a reason, Refusal for a closed or one's own exam.
    """
    attempt = _held(uow, actor, attempt_id, *STEWARDS)
    _require(ending_reasons(is_open=attempt.is_open(uow.now), remark=reason))
    accounts.cut_session(uow, attempt.login_session_id, "handed_over")
    audit.record(
        uow,
        actor,
        "attempt:hand_over",
        attempt_id,
        from_session=attempt.login_session_id,
        reason=reason.strip(),
    )


def end(
    uow: UnitOfWork, actor: Actor, attempt_id: str, cause: EndingCause, reason: str, *, wants_void: bool
) -> None:
    """End a running exam for cause. It is graded at once, or waits for a second person who is asked to void it.

    Until the verdict nothing follows from it: no score, no certificate, no next attempt.
    Raises as `hand_over` does.
    """
    attempt = _held(uow, actor, attempt_id, *STEWARDS)
    _require(ending_reasons(is_open=attempt.is_open(uow.now), remark=reason))
    closed = audit.move(
        uow, actor, ATTEMPT, "end", Attempt.state, attempt_id, attempt.state, remark=reason.strip(),
        changes={"closed_at": uow.now, "is_timed_out": False}, cause=cause, wants_void=wants_void,
    )  # fmt: skip
    uow.session.execute(
        insert(Ending).values(
            attempt_id=attempt_id, cause=cause, reason=reason.strip(), wants_void=wants_void,
            ended_by=str(actor.person_id), ended_at=uow.now,
        )
    )  # fmt: skip
    if wants_void:
        _close_after_last_answer(uow, attempt_id)
    else:
        attempts.grade_closed(uow, attempt, closed)


def decide(uow: UnitOfWork, actor: Actor, attempt_id: str, verdict: Verdict, reason: str) -> None:
    """Decide as the second person: grade what was answered, or void it so that the person may sit again.

    Raises NotFound out of reach, Invalid without a reason, Refusal for whoever ended it, or sat it.
    """
    attempt = _held(uow, actor, attempt_id, Role.EXAM_ADMIN)
    ending = find_ending(uow, attempt_id)
    if ending is None:
        raise stale()
    _require(
        verdict_reasons(
            ended_by=ending.ended_by, is_decided=ending.verdict is not None, wants_void=ending.wants_void,
            actor_id=actor.person_id, remark=reason,
        )
    )  # fmt: skip
    uow.session.execute(
        update(Ending)
        .where(Ending.attempt_id == attempt_id, Ending.verdict.is_(None))
        .values(verdict=verdict, decided_by=str(actor.person_id), decided_at=uow.now, decision=reason.strip())
        .execution_options(synchronize_session=False)
    )
    audit.record(uow, actor, "attempt:decide", attempt_id, verdict=verdict, reason=reason.strip())
    if verdict is Verdict.VOID:
        attempts.give_back(uow, actor, attempt, reason)
    else:
        attempts.grade_closed(uow, attempt, AttemptState.SUBMITTED)


def remark(uow: UnitOfWork, actor: Actor, attempt_id: str, words: str, *, is_cleared: bool) -> None:
    """Note something on a sitting; `is_cleared` says that what was noticed so far needs nothing more.

    Raises as `hand_over` does.
    """
    _held(uow, actor, attempt_id, *STEWARDS)
    if words.strip() or not is_cleared:
        require(reason_reasons(words, "words"), Invalid)
    uow.session.execute(
        insert(Remark).values(
            id=new_id(), attempt_id=attempt_id, words=words.strip(), is_cleared=is_cleared,
            written_by=str(actor.person_id), at=uow.now,
        )
    )  # fmt: skip
    audit.record(uow, actor, "attempt:remark", attempt_id, is_cleared=is_cleared, words=words.strip())


def _held(uow: UnitOfWork, actor: Actor, attempt_id: str, *roles: Role) -> AttemptFacts:
    """Lock an attempt within reach and return it as it is now; never one's own."""
    if actor.person_id is None:
        raise Forbidden
    attempt_reach(uow, actor, attempt_id, *roles)
    uow.session.execute(select(Attempt.id).where(Attempt.id == attempt_id).with_for_update())
    uow.session.expire_all()
    attempt = queries.find_attempt(uow, attempt_id)
    assert attempt is not None
    if attempt.person_id == actor.person_id:
        raise Refusal(own_attempt())
    return attempt


def _close_after_last_answer(uow: UnitOfWork, attempt_id: str) -> None:
    """Let the close stand after the last stored answer: requests that came together may take their turns otherwise."""
    last = uow.session.scalar(
        select(func.max(AnswerRevision.received_at)).where(AnswerRevision.attempt_id == attempt_id)
    )
    if last is not None and last > uow.now:
        uow.session.execute(
            update(Attempt)
            .where(Attempt.id == attempt_id)
            .values(closed_at=last)
            .execution_options(synchronize_session=False)
        )


def _require(reasons: list[Reason]) -> None:
    require(reasons, Invalid if reasons and reasons[0].field_name else Refusal)
