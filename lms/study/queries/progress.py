"""Reading study: totals, coverage, what was not counted and why, and who may watch a lesson."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import LessonFacts, lessons
from lms.plans.policy import PlanFacts
from lms.study.models import CreditWindow, LessonCoverage, StudyBeat, StudyProgress, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.credit import NotCounted, WindowState

_NOT_SHOWN = frozenset({NotCounted.NO, NotCounted.COMPLETE, NotCounted.PAUSED})
"""Nothing was lost, or nothing was played."""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A stretch of a lesson (whole seconds) that was played and not counted. `why`: NotCounted, or `void`."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """One lesson of one person. `spans`: (start, end, counted | pending | refused) in whole seconds, in order."""

    lesson: LessonFacts
    counted: int
    pending: int
    spans: tuple[tuple[int, int, str], ...]
    uncounted: tuple[Uncounted, ...]
    reached: int = 0
    """One past the furthest second that was ever credited."""
    stop_at: int | None = None
    """The second of the in-lesson question that is to be answered next."""

    @property
    def lacking(self) -> int:
        """How many seconds the lesson's minimum still asks for, beside what is counted or pending."""
        return policy.lacking(self.lesson.min_seconds, self.counted + self.pending)

    @property
    def is_complete(self) -> bool:
        """Whether every second of the lesson is counted."""
        return self.counted >= self.lesson.seconds

    @property
    def first_missing(self) -> int | None:
        """The first second that is neither counted nor pending, or None."""
        at = 0
        for start, end, state in self.spans:
            if state == "refused":
                continue
            if start > at:
                break
            at = end
        return at if at < self.lesson.seconds else None


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """The study of one person in one plan (H19). All figures are whole seconds."""

    counted: int
    pending: int
    required: int
    completed_at: datetime | None
    lessons: tuple[LessonProgress, ...]
    resume_lesson_id: str | None
    resume_ms: int
    credited_today: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the requirement is reached (B1, B2)."""
        return self.counted >= self.required

    @property
    def missing(self) -> int:
        """How many seconds are still to be counted."""
        return max(0, self.required - self.counted)


def progress(uow: UnitOfWork, person_id: str, plan: PlanFacts) -> StudyFacts:
    """Return the totals and the coverage of every lesson of a plan.

    Pending seconds whose presence check has run out are shown as not counted, even before the sweeper
    writes that down.
    """
    plan_id = plan.id
    row = uow.session.get(StudyProgress, (person_id, plan_id))
    taught = lessons(uow, plan.course_id) if plan.course_id else []
    deadline = row.check_deadline if row is not None else None
    is_void = policy.check_is_overdue(to_ms(deadline) if deadline else None, to_ms(uow.now))
    coverage = {
        covered.lesson_id: covered
        for covered in uow.session.scalars(
            select(LessonCoverage).where(
                LessonCoverage.person_id == person_id, LessonCoverage.plan_id == plan_id
            )
        )
    }
    last = uow.session.execute(
        select(StudyBeat.lesson_id, StudyBeat.to_ms)
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(StudySession.person_id == person_id, StudySession.plan_id == plan_id)
        .order_by(StudyBeat.arrival.desc(), StudyBeat.seq.desc())
        .limit(1)
    ).first()
    uncounted = _uncounted(uow, person_id, plan_id, row.window_no if row is not None and is_void else None)
    return StudyFacts(
        counted=row.counted_seconds if row else 0,
        pending=row.pending_seconds if row and not is_void else 0,
        required=row.required_seconds if row else plan.required_study_seconds,
        completed_at=row.completed_at if row else None,
        lessons=tuple(
            _lesson_progress(lesson, coverage.get(lesson.id), uncounted.get(lesson.id, []), is_void=is_void)
            for lesson in taught
        ),
        resume_lesson_id=last.lesson_id if last else None,
        resume_ms=last.to_ms if last else 0,
        credited_today=row.day_seconds if row and row.day == policy.day_of(to_ms(uow.now)) else 0,
    )


def _uncounted(
    uow: UnitOfWork, person_id: str, plan_id: str, void_window: int | None
) -> dict[str, list[tuple[int, int, str]]]:
    """Return, by lesson, (from ms, to ms, why) of beats with seconds that were not counted, oldest first."""
    is_void = or_(
        CreditWindow.state == WindowState.VOID,
        StudyBeat.window_no == (void_window if void_window is not None else -1),
    )
    rows = uow.session.execute(
        select(
            StudyBeat.lesson_id,
            StudyBeat.from_ms,
            StudyBeat.to_ms,
            StudyBeat.refusal,
            StudyBeat.credit_seconds,
            is_void,
        )
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .outerjoin(
            CreditWindow,
            (CreditWindow.person_id == StudySession.person_id)
            & (CreditWindow.plan_id == StudySession.plan_id)
            & (CreditWindow.window_no == StudyBeat.window_no),
        )
        .where(
            StudySession.person_id == person_id,
            StudySession.plan_id == plan_id,
            StudyBeat.to_ms > StudyBeat.from_ms,
        )
        .where(or_(StudyBeat.refusal.not_in(_NOT_SHOWN), and_(is_void, StudyBeat.credit_seconds > 0)))
        .order_by(StudyBeat.arrival)
    )
    found: dict[str, list[tuple[int, int, str]]] = {}
    for lesson_id, from_ms, to_ms_, refusal, credit_seconds, is_in_void in rows:
        why = policy.why_not_counted(refusal, credit_seconds, is_void=bool(is_in_void))
        found.setdefault(lesson_id, []).append((from_ms, to_ms_, why))
    return found


def _lesson_progress(
    lesson: LessonFacts,
    covered: LessonCoverage | None,
    uncounted: Sequence[tuple[int, int, str]],
    *,
    is_void: bool,
) -> LessonProgress:
    counted = policy.to_bits(covered.counted) if covered else 0
    pending = policy.to_bits(covered.pending) if covered and not is_void else 0
    by_reason: dict[str, int] = {}
    for from_ms, until_ms, why in uncounted:
        bits = policy.seconds_between(from_ms, until_ms, lesson.seconds) & ~(counted | pending)
        for other in by_reason:
            by_reason[other] &= ~bits
        by_reason[why] = by_reason.get(why, 0) | bits
    refused = sorted(
        (Uncounted(start, end, why) for why, bits in by_reason.items() for start, end in policy.spans(bits)),
        key=lambda one: one.start,
    )
    drawn = [(start, end, "counted") for start, end in policy.spans(counted)]
    drawn += [(start, end, "pending") for start, end in policy.spans(pending)]
    drawn += [(one.start, one.end, "refused") for one in refused]
    return LessonProgress(
        lesson,
        counted.bit_count(),
        pending.bit_count(),
        tuple(sorted(drawn)),
        tuple(refused),
        reached=covered.reached if covered else 0,
        stop_at=covered.stop_at if covered else lesson.stop_at,
    )


def coverage_differences(uow: UnitOfWork) -> list[tuple[str, str, int, int, int, int]]:
    """Return totals that differ from their bitmaps: (person, plan, counted, pending, counted bits, pending bits)."""
    bits: dict[tuple[str, str], list[int]] = {}
    for covered in uow.session.scalars(select(LessonCoverage)):
        sums = bits.setdefault((covered.person_id, covered.plan_id), [0, 0])
        counted, pending = policy.to_bits(covered.counted), policy.to_bits(covered.pending)
        sums[0] += counted.bit_count()
        sums[1] += pending.bit_count() if not counted & pending else -1
    rows = uow.session.execute(
        select(
            StudyProgress.person_id,
            StudyProgress.plan_id,
            StudyProgress.counted_seconds,
            StudyProgress.pending_seconds,
        )
    )
    found = []
    for person_id, plan_id, counted_seconds, pending_seconds in rows:
        sums = bits.get((person_id, plan_id), [0, 0])
        if sums != [counted_seconds, pending_seconds]:
            found.append((person_id, plan_id, counted_seconds, pending_seconds, sums[0], sums[1]))
    return found
