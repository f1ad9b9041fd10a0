"""Reading study: totals, coverage, what was not counted and why, and who may watch a lesson."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from lms.accounts.models import LoginSession, Person
from lms.core.clock import to_ms
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Lesson
from lms.courses.queries import HandoutFacts, LessonFacts, get_handout, lesson_facts, lessons
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.plans.models import Plan
from lms.plans.policy import StageKind
from lms.plans.queries import get_plan
from lms.study import policy
from lms.study.models import CreditWindow, LessonCoverage, StudyBeat, StudyProgress, StudySession
from lms.study.policy import NotCounted, SessionState, WindowState

VOID = "void"
"""Beside the words of `NotCounted`: the presence check of these seconds was not answered."""


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

    @property
    def is_complete(self) -> bool:
        """Whether the requirement is reached (B1, B2)."""
        return self.counted >= self.required

    @property
    def missing(self) -> int:
        """How many seconds are still to be counted."""
        return max(0, self.required - self.counted)


@dataclass(frozen=True, slots=True)
class OpenCheck:
    """A raised presence check. `deadline` in milliseconds of server time; `tries`: wrong answers so far."""

    id: str
    lesson_id: str
    course_id: str
    tries: int
    deadline: int


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A study session as its owner may see it."""

    id: str
    device: str
    opened_at: datetime


def progress(uow: UnitOfWork, person_id: str, plan_id: str) -> StudyFacts:
    """Return the totals and the coverage of every lesson. Raises NotFound for an unknown plan.

    Pending seconds whose presence check has run out are shown as not counted, even before the sweeper
    writes that down.
    """
    plan = get_plan(uow, plan_id)
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
        .where(StudyBeat.person_id == person_id, StudyBeat.plan_id == plan_id)
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
    )


def _uncounted(
    uow: UnitOfWork, person_id: str, plan_id: str, void_window: int | None
) -> dict[str, list[tuple[int, int, str]]]:
    """Return, by lesson, (from ms, to ms, why) of beats with seconds that were not counted, oldest first."""
    wanted = [WindowState.VOID.value]
    rows = uow.session.execute(
        select(StudyBeat.lesson_id, StudyBeat.from_ms, StudyBeat.to_ms, StudyBeat.refusal)
        .outerjoin(
            CreditWindow,
            (CreditWindow.person_id == StudyBeat.person_id)
            & (CreditWindow.plan_id == StudyBeat.plan_id)
            & (CreditWindow.window_no == StudyBeat.window_no),
        )
        .where(
            StudyBeat.person_id == person_id,
            StudyBeat.plan_id == plan_id,
            StudyBeat.to_ms > StudyBeat.from_ms,
        )
        .where(
            or_(
                StudyBeat.refusal.not_in(
                    (NotCounted.NO.value, NotCounted.COMPLETE.value, NotCounted.PAUSED.value)
                ),
                CreditWindow.state.in_(wanted),
                StudyBeat.window_no == (void_window if void_window is not None else -1),
            )
        )
        .order_by(StudyBeat.arrival)
    )
    found: dict[str, list[tuple[int, int, str]]] = {}
    for lesson_id, from_ms, to_ms_, refusal in rows:
        found.setdefault(lesson_id, []).append((from_ms, to_ms_, refusal or VOID))
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
        lesson, counted.bit_count(), pending.bit_count(), tuple(sorted(drawn)), tuple(refused)
    )


def totals(uow: UnitOfWork, person_id: str, plan_id: str) -> StudyProgress | None:
    """Return the row of totals, or None before the first session."""
    return uow.session.get(StudyProgress, (person_id, plan_id))


def hold_person(uow: UnitOfWork, person_id: str) -> None:
    """Hold a person's row until the end of the transaction, so that two openings at once queue up (PostgreSQL)."""
    uow.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def open_sessions(uow: UnitOfWork, person_id: str) -> Sequence[StudySession]:
    """Return the person's open session, if there is one."""
    return uow.session.scalars(
        select(StudySession).where(
            StudySession.person_id == person_id, StudySession.state == SessionState.OPEN
        )
    ).all()


def credited_until(uow: UnitOfWork, person_id: str) -> datetime | None:
    """Return up to which moment the person was credited in whatever session or plan."""
    return uow.session.scalar(
        select(func.max(StudySession.credited_until)).where(StudySession.person_id == person_id)
    )


def latest_session(uow: UnitOfWork, session_id: str) -> SessionLine | None:
    """Return the newest session of the same person, for the words of a takeover."""
    row = uow.session.get(StudySession, session_id)
    if row is None:
        return None
    newest = uow.session.scalars(
        select(StudySession)
        .where(StudySession.person_id == row.person_id)
        .order_by(StudySession.opened_at.desc())
        .limit(1)
    ).one()
    return SessionLine(newest.id, newest.device, newest.opened_at)


def open_check(uow: UnitOfWork, session_id: str) -> OpenCheck | None:
    """Return the presence check that is raised for a session's person and plan, or None."""
    row = uow.session.execute(
        select(StudyProgress, StudySession.course_id)
        .join(
            StudySession,
            (StudySession.person_id == StudyProgress.person_id)
            & (StudySession.plan_id == StudyProgress.plan_id),
        )
        .where(StudySession.id == session_id)
    ).first()
    return _check(row[0], row[1]) if row else None


def _check(row: StudyProgress, course_id: str) -> OpenCheck | None:
    if row.check_id is None or row.check_lesson_id is None or row.check_deadline is None:
        return None
    return OpenCheck(row.check_id, row.check_lesson_id, course_id, row.check_tries, to_ms(row.check_deadline))


def overdue_checks(uow: UnitOfWork, limit: int = 200) -> list[tuple[str, str]]:
    """Return (person, plan) of checks that nobody answered in time."""
    latest = uow.now - policy.PRESENCE_GRACE
    rows = uow.session.execute(
        select(StudyProgress.person_id, StudyProgress.plan_id)
        .where(StudyProgress.check_id.is_not(None), StudyProgress.check_deadline < latest)
        .order_by(StudyProgress.check_deadline)
        .limit(limit)
    )
    return [(person_id, plan_id) for person_id, plan_id in rows]


def reached_but_open(uow: UnitOfWork, limit: int = 200) -> list[str]:
    """Return applications whose person has studied enough while the stage is still open."""
    return list(
        uow.session.scalars(
            select(Application.id)
            .join(
                StudyProgress,
                (StudyProgress.person_id == Application.person_id)
                & (StudyProgress.plan_id == Application.plan_id),
            )
            .join(ApplicationStage, ApplicationStage.application_id == Application.id)
            .where(
                StudyProgress.counted_seconds >= StudyProgress.required_seconds,
                Application.state == ApplicationState.APPROVED,
                ApplicationStage.kind == StageKind.STUDY,
                ApplicationStage.state == StageState.OPEN,
            )
            .limit(limit)
        )
    )


def forsaken_sessions(uow: UnitOfWork, limit: int = 200) -> list[tuple[StudySession, bool]]:
    """Return open sessions that sent nothing for long or whose sign-in was revoked (the second value)."""
    rows = uow.session.execute(
        select(StudySession, LoginSession.revoked_at)
        .join(LoginSession, LoginSession.id == StudySession.login_session_id)
        .where(
            StudySession.state == SessionState.OPEN,
            or_(
                StudySession.last_arrival < uow.now - policy.SESSION_IDLE_LIMIT,
                LoginSession.revoked_at.is_not(None),
            ),
        )
        .limit(limit)
    )
    return [(row, revoked_at is not None) for row, revoked_at in rows]


def watchable_lesson(uow: UnitOfWork, person_id: str, lesson_id: str) -> LessonFacts | None:
    """Return a lesson whose study stage is or was open to this person, or None (fault A10)."""
    row = uow.session.scalar(
        select(Lesson)
        .join(Plan, Plan.course_id == Lesson.course_id)
        .join(Application, Application.plan_id == Plan.id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .where(
            Lesson.id == lesson_id,
            Application.person_id == person_id,
            Application.state == ApplicationState.APPROVED,
            ApplicationStage.kind == StageKind.STUDY,
            ApplicationStage.state != StageState.LOCKED,
        )
        .limit(1)
    )
    return lesson_facts(row) if row else None


def readable_handout(uow: UnitOfWork, person_id: str, handout_id: str) -> HandoutFacts | None:
    """Return a handout of a lesson whose study stage is or was open to this person, or None."""
    try:
        found = get_handout(uow, handout_id)
    except NotFound:
        return None
    if found.lesson_id is None or watchable_lesson(uow, person_id, found.lesson_id) is None:
        return None
    return found


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
