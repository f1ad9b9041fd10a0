"""Computing totals and coverage anew from what is never changed: beats, windows and grants."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Lesson
from lms.courses.policy import whole_seconds
from lms.plans.models import Plan
from lms.study.desk_models import StudyGrant
from lms.study.models import CreditWindow, LessonCoverage, StudyBeat, StudyProgress, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.credit import WindowState


@dataclass(slots=True)
class Derived:
    """What the rows of the ledger say of one person in one plan. Bits by lesson; seconds are whole."""

    counted: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    window_no: int = 1
    windows: dict[int, int] = field(default_factory=dict)
    """Number of a decided window -> the seconds of its beats."""
    completed_at: datetime | None = None
    reached: dict[str, int] = field(default_factory=dict)
    """Lesson -> one past the furthest second that was ever credited."""
    studied_at: datetime | None = None
    by_day: list[tuple[int, int, int]] = field(default_factory=list)
    """(Day, window, seconds) of each credited beat."""
    void: set[int] = field(default_factory=set)
    reserved_seconds: int = 0

    @property
    def day(self) -> int:
        """The last day on which something was credited."""
        return self.by_day[-1][0] if self.by_day else 0

    @property
    def day_seconds(self) -> int:
        """What was credited on that day and not voided."""
        return sum(
            seconds for day, window, seconds in self.by_day if day == self.day and window not in self.void
        )

    @property
    def counted_seconds(self) -> int:
        """All counted seconds."""
        return sum(bits.bit_count() for bits in self.counted.values())

    @property
    def pending_seconds(self) -> int:
        """All pending seconds."""
        return sum(bits.bit_count() for bits in self.pending.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored figure that is not what the ledger says. `about`: total, coverage or window; `key` says which."""

    about: str
    key: str
    stored: str
    derived: str


def people_with_totals(uow: UnitOfWork, plan_id: str = "", person_id: str = "") -> list[tuple[str, str]]:
    """Return (person, plan) of all totals there are, in order; the ids narrow."""
    wanted = select(StudyProgress.person_id, StudyProgress.plan_id).order_by(
        StudyProgress.plan_id, StudyProgress.person_id
    )
    if plan_id:
        wanted = wanted.where(StudyProgress.plan_id == plan_id)
    if person_id:
        wanted = wanted.where(StudyProgress.person_id == person_id)
    return [(person, plan) for person, plan in uow.session.execute(wanted)]


def derive(uow: UnitOfWork, person_id: str, plan_id: str, required: int) -> Derived:
    """Go through the beats of a person in a plan once more, as they were taken.

    Which seconds a beat covered follows from what it played and what was taken already; a window's end and each
    grant come where they came then. Beats are in their order because `span_from` never goes back.
    """
    found = Derived()
    seconds = _lesson_seconds(uow, person_id, plan_id)
    windows = {
        row.window_no: row
        for row in uow.session.scalars(
            select(CreditWindow).where(CreditWindow.person_id == person_id, CreditWindow.plan_id == plan_id)
        )
    }
    grants = list(
        uow.session.scalars(
            select(StudyGrant)
            .where(StudyGrant.person_id == person_id, StudyGrant.plan_id == plan_id)
            .order_by(StudyGrant.after_beats, StudyGrant.granted_at)
        )
    )
    for taken_beats, beat in enumerate([*_credited_beats(uow, person_id, plan_id), None]):
        number = beat.window_no if beat is not None else max(windows, default=0) + 1
        while grants and (beat is None or grants[0].after_beats <= taken_beats):
            grant = grants[0]
            # A grant that was made while the beat's own window was open lies before its end.
            _settle(found, windows, _window_at(windows, grant.granted_at, number), required)
            _add(found.counted, grant.lesson_id, policy.to_bits(grant.covered))
            _reach(found, grant.lesson_id, policy.to_bits(grant.covered))
            _note_completion(found, required, grant.granted_at)
            grants.pop(0)
        _settle(found, windows, number, required)
        if beat is None:
            break
        taken = found.counted.get(beat.lesson_id, 0) | found.pending.get(beat.lesson_id, 0)
        played = policy.seconds_between(beat.from_ms, beat.to_ms, seconds.get(beat.lesson_id, 0))
        covered = policy.earliest(played & ~taken, beat.credit_seconds)
        _add(found.pending, beat.lesson_id, covered)
        _reach(found, beat.lesson_id, covered)
        found.studied_at = max(beat.arrival, found.studied_at or beat.arrival)
        found.by_day.append((policy.day_of(to_ms(beat.arrival)), beat.window_no, beat.credit_seconds))
    found.reserved_seconds = _reserved(uow, plan_id, found)
    return found


def _reach(found: Derived, lesson_id: str, covered: int) -> None:
    found.reached[lesson_id] = max(found.reached.get(lesson_id, 0), covered.bit_length())


def _reserved(uow: UnitOfWork, plan_id: str, found: Derived) -> int:
    """Return what the lessons with a minimum lack."""
    rows = uow.session.execute(
        select(Lesson.id, Lesson.min_seconds)
        .join(Plan, Plan.course_id == Lesson.course_id)
        .where(Plan.id == plan_id, Lesson.min_seconds > 0)
    )
    return sum(
        policy.lacking(least, (found.counted.get(lesson_id, 0) | found.pending.get(lesson_id, 0)).bit_count())
        for lesson_id, least in rows
    )


def _window_at(windows: dict[int, CreditWindow], moment: datetime, number: int) -> int:
    """Return the first window up to a number that was not decided before a moment."""
    for at in range(1, number):
        row = windows.get(at)
        if row is None or row.decided_at is None or row.decided_at > moment:
            return at
    return number


def _settle(found: Derived, windows: dict[int, CreditWindow], number: int, required: int) -> None:
    """Decide, as they were, the windows before a number."""
    while found.window_no < number:
        row = windows.get(found.window_no)
        if row is None or row.state == WindowState.PENDING:
            return
        found.windows[found.window_no] = found.pending_seconds
        if row.state == WindowState.COUNTED:
            for lesson_id, bits in found.pending.items():
                _add(found.counted, lesson_id, bits)
        else:
            found.void.add(found.window_no)
        found.pending = {}
        found.window_no += 1
        _note_completion(found, required, row.decided_at)


def _note_completion(found: Derived, required: int, moment: datetime | None) -> None:
    if found.completed_at is None and found.counted_seconds >= required:
        found.completed_at = moment


def _add(bits: dict[str, int], lesson_id: str, more: int) -> None:
    bits[lesson_id] = bits.get(lesson_id, 0) | more


def _credited_beats(uow: UnitOfWork, person_id: str, plan_id: str) -> Iterator[StudyBeat]:
    yield from uow.session.scalars(
        select(StudyBeat)
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.person_id == person_id, StudySession.plan_id == plan_id, StudyBeat.credit_seconds > 0
        )
        .order_by(StudyBeat.window_no, StudyBeat.span_from, StudyBeat.seq)
    )


def _lesson_seconds(uow: UnitOfWork, person_id: str, plan_id: str) -> dict[str, int]:
    watched = (
        select(StudyBeat.lesson_id)
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(StudySession.person_id == person_id, StudySession.plan_id == plan_id)
    )
    rows = uow.session.execute(select(Lesson.id, Lesson.duration_ms).where(Lesson.id.in_(watched)))
    return {lesson_id: whole_seconds(duration_ms) for lesson_id, duration_ms in rows}


def differences(uow: UnitOfWork, row: StudyProgress, derived: Derived) -> Iterator[Difference]:
    """Yield every stored figure of a person in a plan that is not what the ledger says."""
    for name, stored, wanted in (
        ("counted_seconds", row.counted_seconds, derived.counted_seconds),
        ("pending_seconds", row.pending_seconds, derived.pending_seconds),
        ("window_no", row.window_no, derived.window_no),
        ("completed_at", row.completed_at, derived.completed_at),
        ("reserved_seconds", row.reserved_seconds, derived.reserved_seconds),
        ("day", row.day, derived.day),
        ("studied_at", row.studied_at, derived.studied_at),
        ("day_seconds", row.day_seconds, derived.day_seconds),
    ):
        if stored != wanted:
            yield Difference("total", name, str(stored), str(wanted))
    covered = coverage_rows(uow, row.person_id, row.plan_id)
    rows = uow.session.execute(
        select(LessonCoverage.lesson_id, LessonCoverage.reached).where(
            LessonCoverage.person_id == row.person_id, LessonCoverage.plan_id == row.plan_id
        )
    )
    reached = {one.lesson_id: one.reached for one in rows}
    for lesson_id in sorted({*covered, *derived.reached}):
        stored_bits = covered.get(lesson_id, (0, 0))
        furthest = reached.get(lesson_id, 0), derived.reached.get(lesson_id, 0)
        if furthest[0] != furthest[1]:
            yield Difference("coverage", f"{lesson_id}.reached", str(furthest[0]), str(furthest[1]))
        wanted_bits = derived.counted.get(lesson_id, 0), derived.pending.get(lesson_id, 0)
        for name, one, other in zip(("counted", "pending"), stored_bits, wanted_bits, strict=True):
            if one != other:
                yield Difference("coverage", f"{lesson_id}.{name}", _told(one), _told(other))
    for window in uow.session.scalars(
        select(CreditWindow)
        .where(CreditWindow.person_id == row.person_id, CreditWindow.plan_id == row.plan_id)
        .order_by(CreditWindow.window_no)
    ):
        wanted_seconds = derived.windows.get(window.window_no, 0)
        if window.state != WindowState.PENDING and window.seconds != wanted_seconds:
            yield Difference("window", str(window.window_no), str(window.seconds), str(wanted_seconds))


def coverage_rows(uow: UnitOfWork, person_id: str, plan_id: str) -> dict[str, tuple[int, int]]:
    """Return the stored coverage by lesson, as bits."""
    rows = uow.session.scalars(
        select(LessonCoverage).where(LessonCoverage.person_id == person_id, LessonCoverage.plan_id == plan_id)
    )
    return {row.lesson_id: (policy.to_bits(row.counted), policy.to_bits(row.pending)) for row in rows}


def _told(bits: int) -> str:
    """Say a set of seconds as stretches, so that a person can compare: 0-60 90-100."""
    return " ".join(f"{start}-{end}" for start, end in policy.spans(bits)) or "-"
