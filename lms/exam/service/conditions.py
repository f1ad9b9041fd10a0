"""Fair conditions: extra time granted ahead, time given and pauses during an exam.

Each verb writes its reason, one audit row, and for every sitting it reached one row that says by how much its deadline
moved. The deadline itself stays the one stored truth, which saving, handing in and the sweeper judge by.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Forbidden, Invalid, NotFound, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt
from lms.exam.models.conditions import AttemptTime, ExtraTime, Measure
from lms.exam.models.rooms import ExamRoom
from lms.exam.policy.attempts import AttemptState, deadline, is_overdue
from lms.exam.policy.conditions import (
    INVIGILATOR_SECONDS_MOST,
    MEASURE_SECONDS_MOST,
    MeasureKind,
    MessageKind,
    Shift,
    Target,
    TargetKind,
    TimeKind,
    extra_reasons,
    extra_seconds,
    is_paused,
    not_paused,
    own_attempt,
    pause_reasons,
    pause_shift,
    reason_reasons,
    resume_shift,
    time_reasons,
)
from lms.exam.queries import conditions as queries
from lms.exam.queries import reach as reaches
from lms.exam.queries import windows
from lms.exam.queries.conditions import Terms
from lms.exam.queries.reach import STEWARDS, Reach
from lms.exam.service.messages import tell
from lms.plans.service import prolong_exam
from lms.questions.queries import chunks


def grant_extra(
    uow: UnitOfWork, actor: Actor, plan_id: str, person_id: str, percent: int, seconds: int, reason: str,
    *, extends_window: bool = True,
) -> str:  # fmt: skip
    """Grant a person more time in a plan's exam; an exam that runs already gets it at once. Return the grant's id.

    Raises NotFound outside the actor's scope, Invalid with the reasons, Refusal for somebody who has a grant already.
    """
    reach = reaches.reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    if person_id not in {one[0] for one in reaches.examinees(uow, plan_id)}:
        raise NotFound
    _require_somebody_else(actor, person_id)
    require(extra_reasons(percent, seconds, reason), Invalid)
    if queries.standing_extra(uow, person_id, plan_id) is not None:
        raise stale()
    extra_id = new_id()
    uow.session.execute(
        insert(ExtraTime).values(
            id=extra_id, plan_id=plan_id, person_id=person_id, percent=percent, seconds=seconds,
            extends_window=extends_window, reason=reason.strip(), granted_by=str(actor.person_id), granted_at=uow.now,
        )
    )  # fmt: skip
    audit.record(
        uow, actor, "exam_extra_time:grant", extra_id, plan_id=plan_id, person_id=person_id, percent=percent,
        seconds=seconds, extends_window=extends_window, reason=reason.strip(),
    )  # fmt: skip
    _add_to_running(uow, actor, reach, extra_id, person_id, percent, seconds, reason, extends=extends_window)
    return extra_id


def withdraw_extra(uow: UnitOfWork, actor: Actor, plan_id: str, extra_id: str, reason: str) -> None:
    """Take back a grant that has not been used yet; an exam that began with it keeps it.

    Raises NotFound outside the actor's scope, Invalid without a reason.
    """
    reaches.reach_of(uow, actor, plan_id, Role.EXAM_ADMIN)
    extra = queries.find_extra(uow, plan_id, extra_id)
    _require_somebody_else(actor, extra.person_id)
    require(reason_reasons(reason), Invalid)
    if extra.withdrawn_at is not None:
        raise stale()
    uow.session.execute(
        update(ExtraTime)
        .where(ExtraTime.id == extra_id, ExtraTime.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now, withdrawn_by=str(actor.person_id))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        uow, actor, "exam_extra_time:withdraw", extra_id, plan_id=plan_id, person_id=extra.person_id,
        reason=reason.strip(),
    )  # fmt: skip


def give_time(
    uow: UnitOfWork, actor: Actor, plan_id: str, target: Target, seconds: int, reason: str,
    *, extends_window: bool = True,
) -> int:  # fmt: skip
    """Give time to one, a room, a place or everyone who sits now; return how many it reached.

    Raises NotFound for a target out of reach, Invalid with the reasons, Refusal for one's own exam.
    """
    reach = reaches.reach_of(uow, actor, plan_id, *STEWARDS)
    is_administrator = actor.covers(reach.plan.issuer_path, [Role.EXAM_ADMIN])
    most = MEASURE_SECONDS_MOST if is_administrator else INVIGILATOR_SECONDS_MOST
    require(time_reasons(seconds, reason, most=most), Invalid)
    running = _hold(uow, actor, reach, target)
    measure_id = _take(
        uow, actor, plan_id, MeasureKind.TIME, target, seconds, reason, running, extends=extends_window
    )
    shift = Shift(seconds, seconds if extends_window else 0)
    for attempt in running:
        _move(uow, actor, attempt, measure_id, TimeKind.TIME, shift)
    _prolong(uow, reach, running)
    tell(uow, actor, plan_id, target, MessageKind.TIME, reason, [one.id for one in running], seconds=seconds)
    return len(running)


def pause(
    uow: UnitOfWork, actor: Actor, plan_id: str, target: Target, seconds: int, reason: str
) -> tuple[str, int]:
    """Let the time stand still for at most so long; return the measure's id and how many sittings it reached.

    The deadlines move by the whole length at once, and the window with them; `resume` takes back what was not used.
    Who pauses already pauses on until the later end. Raises as `give_time` does.
    """
    reach = reaches.reach_of(uow, actor, plan_id, *STEWARDS)
    require(pause_reasons(seconds, reason), Invalid)
    running = _hold(uow, actor, reach, target)
    measure_id = _take(
        uow, actor, plan_id, MeasureKind.PAUSE, target, seconds, reason, running, extends=True,
        until=uow.now + timedelta(seconds=seconds),
    )  # fmt: skip
    for attempt in running:
        found = pause_shift(attempt.paused_until, uow.now, seconds)
        if found is None:
            continue
        until, shift = found
        if attempt.paused_until is None or attempt.paused_until <= uow.now:
            attempt.paused_from = uow.now
        attempt.paused_until, attempt.pause_id = until, measure_id
        _move(uow, actor, attempt, measure_id, TimeKind.PAUSE, shift)
    _prolong(uow, reach, running)
    tell(uow, actor, plan_id, target, MessageKind.PAUSE, reason, [one.id for one in running], seconds=seconds)
    return measure_id, len(running)


def resume(uow: UnitOfWork, actor: Actor, plan_id: str, measure_id: str) -> int:
    """Let the time go on before a pause has ended by itself; return for how many.

    Each pause ends only its own: whom another one still holds waits for the end of that one.
    Raises NotFound for a pause out of reach, the refusal `stale` when it is over.
    """
    reach = reaches.reach_of(uow, actor, plan_id, *STEWARDS)
    # Two who let the same pause go on at one moment queue up here.
    uow.session.execute(select(Measure.id).where(Measure.id == measure_id).with_for_update())
    measure = queries.get_measure(uow, reach, measure_id)
    if not measure.is_running(uow.now):
        raise stale()
    # Those whom it holds, wherever they sit by now: a pause lets go of all whom it took.
    waiting = _open_ones(uow, actor, reaches.held_by(uow, plan_id, measure_id))
    waiting = [one for one in waiting if one.pause_id == measure_id]
    uow.session.execute(
        update(Measure)
        .where(Measure.id == measure_id)
        .values(until=uow.now, ended_by=str(actor.person_id))
        .execution_options(synchronize_session=False)
    )
    others = queries.other_pauses(uow, plan_id, measure_id)
    going_on = []
    for attempt in waiting:
        assert attempt.paused_until is not None
        holder = queries.pause_that_stays(uow, attempt, others) if others else None
        goes_on_at = uow.now
        if holder is None or holder.until is None:
            going_on.append(attempt.id)
        else:
            attempt.pause_id, goes_on_at = holder.id, holder.until
        attempt.paused_until, shift = resume_shift(attempt.paused_until, goes_on_at)
        _move(uow, actor, attempt, measure_id, TimeKind.RESUME, shift)
    audit.record(uow, actor, "exam_measure:resume", measure_id, plan_id=plan_id, reached=len(going_on))
    tell(uow, actor, plan_id, measure.target, MessageKind.RESUME, "", going_on)
    return len(going_on)


def go_on(uow: UnitOfWork, actor: Actor, attempt_id: str) -> None:
    """Let the time of one who pauses together with others go on before theirs: he was given a seat elsewhere.

    What he has not used of the pause is taken back from him alone; the pause holds the others as before.
    Raises NotFound out of reach, Refusal for one's own exam or one that does not pause with others.
    """
    reach = reaches.attempt_reach(uow, actor, attempt_id, *STEWARDS)
    found = uow.session.get(Attempt, attempt_id)
    assert found is not None
    _require_somebody_else(actor, found.person_id)
    attempt, target = (
        next(iter(_open_ones(uow, actor, [attempt_id])), None),
        Target(TargetKind.ATTEMPT, attempt_id),
    )
    if attempt is None or not is_paused(attempt.paused_from, attempt.paused_until, uow.now):
        raise Refusal(not_paused())
    if attempt.pause_id is None or queries.paused_alone(uow, attempt.pause_id):
        raise Refusal(not_paused())
    assert attempt.paused_until is not None
    attempt.paused_until, shift = resume_shift(attempt.paused_until, uow.now)
    _move(uow, actor, attempt, attempt.pause_id, TimeKind.RESUME, shift)
    audit.record(
        uow, actor, "exam_measure:go_on", attempt.pause_id, plan_id=reach.plan.id, target=target.write(),
        seconds=-shift.seconds,
    )  # fmt: skip
    tell(uow, actor, reach.plan.id, target, MessageKind.RESUME, "", [attempt_id])


def note_terms(uow: UnitOfWork, attempt_id: str, terms: Terms, plan_id: str, deadline_at: datetime) -> None:
    """Write down what a starting attempt got beyond the plan's time, in the transaction of the start."""
    own = terms.extension_seconds - terms.late_seconds
    rows = []
    if terms.extra_id:
        rows.append((terms.extra_id, TimeKind.EXTRA, terms.granted_seconds, own))
    if terms.late_seconds:
        rows.append((plan_id, TimeKind.LATE, 0, terms.late_seconds))
    for source_id, kind, seconds, extension in rows:
        uow.session.execute(
            insert(AttemptTime).values(
                attempt_id=attempt_id, source_id=source_id, kind=kind, seconds=seconds, extension_seconds=extension,
                deadline_at=deadline_at, at=uow.now, actor_id=None,
            )
        )  # fmt: skip


def _take(
    uow: UnitOfWork, actor: Actor, plan_id: str, kind: MeasureKind, target: Target, seconds: int, reason: str,
    running: list[Attempt], *, extends: bool, until: datetime | None = None,
) -> str:  # fmt: skip
    measure_id = new_id()
    uow.session.execute(
        insert(Measure).values(
            id=measure_id, plan_id=plan_id, kind=kind, organisation_id=target.organisation_id,
            room_id=target.room_id, attempt_id=target.attempt_id, seconds=seconds, extends_window=extends,
            reason=reason.strip(), reached=len(running), taken_by=str(actor.person_id), taken_at=uow.now, until=until,
        )
    )  # fmt: skip
    fields = {
        "plan_id": plan_id, "target": target.write(), "seconds": seconds, "reached": len(running),
        "reason": reason.strip(),
    }  # fmt: skip
    if kind is MeasureKind.PAUSE:
        audit.record(uow, actor, "exam_measure:pause", measure_id, **fields)
    else:
        audit.record(uow, actor, "exam_measure:give_time", measure_id, extends_window=extends, **fields)
    return measure_id


def _hold(uow: UnitOfWork, actor: Actor, reach: Reach, target: Target) -> list[Attempt]:
    """Lock the running attempts of a target and return them as they are now, without the actor's own.

    Raises NotFound for a target out of reach, Refusal when nobody is left of a single target.
    """
    if target.kind is TargetKind.ROOM:
        # Who changes seats locks the room as well: its people are those of before or of after, never some of each.
        uow.session.execute(select(ExamRoom.id).where(ExamRoom.id == target.id).with_for_update())
    ids = reaches.target_attempts(uow, reach, target)
    others = _open_ones(uow, actor, ids)
    if target.kind is TargetKind.ATTEMPT and not others:
        attempt = uow.session.get(Attempt, target.id)
        own = attempt is not None and attempt.person_id == actor.person_id
        raise Refusal(own_attempt()) if own and ids else stale()
    return others


def _open_ones(uow: UnitOfWork, actor: Actor, ids: list[str]) -> list[Attempt]:
    """Lock attempts and return those that still run, without the actor's own.

    The locks are taken in the order of ids, so that two acts never wait for each other in a circle. What was handed in
    or swept meanwhile is closed, and closed stays closed.
    """
    if actor.person_id is None:
        raise Forbidden
    return [
        one
        for one in _locked(uow, ids)
        if one.state == AttemptState.IN_PROGRESS and not is_overdue(one.deadline_at, uow.now)
        if one.person_id != actor.person_id
    ]


def _locked(uow: UnitOfWork, ids: list[str]) -> Iterator[Attempt]:
    for some in chunks(ids):
        yield from uow.session.scalars(
            select(Attempt)
            .where(Attempt.id.in_(some))
            .order_by(Attempt.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )


def _move(
    uow: UnitOfWork, actor: Actor, attempt: Attempt, source_id: str, kind: TimeKind, shift: Shift
) -> None:
    """Move the deadline of a locked attempt, and write down by how much."""
    attempt.granted_seconds += shift.seconds
    attempt.extension_seconds += shift.extension_seconds
    attempt.deadline_at = deadline(
        attempt.started_at, attempt.duration_seconds, attempt.granted_seconds,
        attempt.window_end + timedelta(seconds=attempt.extension_seconds),
    )  # fmt: skip
    uow.session.add(
        AttemptTime(
            attempt_id=attempt.id, source_id=source_id, kind=kind, seconds=shift.seconds,
            extension_seconds=shift.extension_seconds, deadline_at=attempt.deadline_at, at=uow.now,
            actor_id=actor.person_id,
        )
    )  # fmt: skip


def _prolong(uow: UnitOfWork, reach: Reach, moved: list[Attempt]) -> None:
    """Tell the plan until when its exam lasts now, at the latest, for who sits and for who may still begin."""
    ends = [windows.door_closes(uow, reach.plan), *(one.deadline_at for one in moved)]
    prolong_exam(uow, reach.plan.id, max(ends))


def _add_to_running(
    uow: UnitOfWork, actor: Actor, reach: Reach, extra_id: str, person_id: str, percent: int, seconds: int, reason: str,
    *, extends: bool,
) -> None:  # fmt: skip
    running = uow.session.scalar(
        select(Attempt.id).where(
            Attempt.person_id == person_id, Attempt.plan_id == reach.plan.id,
            Attempt.state == AttemptState.IN_PROGRESS,
        )
    )  # fmt: skip
    for attempt in _locked(uow, [running] if running else []):
        if attempt.state != AttemptState.IN_PROGRESS or is_overdue(attempt.deadline_at, uow.now):
            continue
        added = extra_seconds(attempt.duration_seconds, percent, seconds)
        _move(uow, actor, attempt, extra_id, TimeKind.EXTRA, Shift(added, added if extends else 0))
        _prolong(uow, reach, [attempt])
        target = Target(TargetKind.ATTEMPT, attempt.id)
        tell(uow, actor, reach.plan.id, target, MessageKind.TIME, reason, [attempt.id], seconds=added)


def _require_somebody_else(actor: Actor, person_id: str) -> None:
    if actor.person_id is None:
        raise Forbidden
    if actor.person_id == person_id:
        raise Refusal(own_attempt())
