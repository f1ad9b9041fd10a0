"""Reading what was played and not counted: beats with their stretch of server time, and sessions that stopped."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Subquery, and_, func, or_, select

from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import LessonFacts, lessons
from lms.plans.policy import PlanFacts
from lms.study.models import CreditWindow, LessonCoverage, StudyBeat, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.appeals import NO_LOSS, PlayedBeat
from lms.study.policy.credit import WindowState

STOPS_MAX = 50


@dataclass(frozen=True, slots=True)
class Stop:
    """A session that stopped counting because another device took over, or nothing was played for long."""

    device: str
    opened_at: datetime
    closed_at: datetime
    reason: str


def played_beats(
    uow: UnitOfWork, person_id: str, plan: PlanFacts, keys: Collection[tuple[str, int]] | None = None
) -> list[PlayedBeat]:
    """Return the beats of a person in a plan with seconds that were not counted, in the order of their arrival.

    `keys` narrows to some beats by session and number.
    """
    lengths = {lesson.id: lesson.seconds for lesson in taught(uow, plan)}
    stops_at = _open_seconds(uow, person_id, plan)
    beats = _with_free_time(person_id)
    rows = uow.session.execute(
        select(beats, CreditWindow.state.label("window_state"))
        .outerjoin(
            CreditWindow,
            and_(
                CreditWindow.person_id == person_id, CreditWindow.plan_id == beats.c.plan_id,
                CreditWindow.window_no == beats.c.window_no,
            ),
        )
        .where(
            beats.c.plan_id == plan.id,
            beats.c.to_ms > beats.c.from_ms,
            or_(
                beats.c.refusal.not_in(NO_LOSS),
                and_(beats.c.credit_seconds > 0, CreditWindow.state == WindowState.VOID),
            ),
        )
        .order_by(beats.c.span_from, beats.c.arrival, beats.c.seq)
    )  # fmt: skip
    return [
        PlayedBeat(
            session_id=row.session_id, seq=row.seq, lesson_id=row.lesson_id,
            lesson_seconds=lengths.get(row.lesson_id, 0),
            open_seconds=stops_at.get(row.lesson_id, 0), window_no=row.window_no,
            is_void=row.window_state == WindowState.VOID, arrival=to_ms(row.arrival),
            interval_seconds=row.interval_seconds, from_ms=row.from_ms, to_ms=row.to_ms, refusal=row.refusal,
            credit_seconds=row.credit_seconds, span_from=row.span_from, span_to=row.span_to,
            free_until=row.next_from if row.next_from is not None else _settled_until(row),
        )
        for row in rows
        if keys is None or (row.session_id, row.seq) in keys
    ]  # fmt: skip


def _settled_until(row: Row[Any]) -> int:
    """Return up to which moment nothing can be credited any more, where a beat is the last one."""
    after = policy.credited_until_after(row.span_to, to_ms(row.arrival), row.interval_seconds)
    return max(to_ms(row.credited_from), after)


def _with_free_time(person_id: str) -> Subquery:
    """Select all beats of a person, each with the moment from which the next one could be credited.

    `span_from` never goes back from one beat to the next, whatever session or plan it belongs to, so the stretches
    from one to the next share no moment.
    """
    order = (StudyBeat.span_from, StudyBeat.span_to, StudyBeat.arrival, StudyBeat.seq)
    return (
        select(
            StudyBeat,
            StudySession.plan_id,
            StudySession.credited_from,
            func.lead(StudyBeat.span_from).over(order_by=order).label("next_from"),
        )
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(StudySession.person_id == person_id)
        .subquery()
    )


def _open_seconds(uow: UnitOfWork, person_id: str, plan: PlanFacts) -> dict[str, int]:
    """Return, by lesson, how many seconds may count: up to the next in-lesson question, or all."""
    rows = uow.session.execute(
        select(LessonCoverage.lesson_id, LessonCoverage.stop_at).where(
            LessonCoverage.person_id == person_id, LessonCoverage.plan_id == plan.id
        )
    )
    stops_at = {row.lesson_id: row.stop_at for row in rows}
    found = {}
    for lesson in taught(uow, plan):
        stop_at = stops_at.get(lesson.id, lesson.stop_at)
        found[lesson.id] = lesson.seconds if stop_at is None else min(lesson.seconds, stop_at)
    return found


def taught(uow: UnitOfWork, plan: PlanFacts) -> list[LessonFacts]:
    """Return the lessons of a plan's course."""
    return lessons(uow, plan.course_id) if plan.course_id else []


def coverage_bits(uow: UnitOfWork, person_id: str, plan_id: str) -> Mapping[str, tuple[int, int]]:
    """Return, by lesson, which seconds are counted and which are pending, as bits."""
    rows = uow.session.execute(
        select(LessonCoverage.lesson_id, LessonCoverage.counted, LessonCoverage.pending).where(
            LessonCoverage.person_id == person_id, LessonCoverage.plan_id == plan_id
        )
    )
    return {
        lesson_id: (policy.to_bits(counted), policy.to_bits(pending)) for lesson_id, counted, pending in rows
    }


def stops(uow: UnitOfWork, person_id: str, plan_id: str) -> list[Stop]:
    """Return the sessions that stopped counting before the person meant to end, the newest first."""
    rows = uow.session.execute(
        select(StudySession.device, StudySession.opened_at, StudySession.closed_at, StudySession.close_reason)
        .where(
            StudySession.person_id == person_id,
            StudySession.plan_id == plan_id,
            StudySession.close_reason.in_(
                (policy.CloseReason.SUPERSEDED.value, policy.CloseReason.IDLE.value)
            ),
        )
        .order_by(StudySession.closed_at.desc())
        .limit(STOPS_MAX)
    )
    return [Stop(device, opened, closed, reason or "") for device, opened, closed, reason in rows if closed]
