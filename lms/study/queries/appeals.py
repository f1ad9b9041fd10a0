"""Reading appeals: one's own, those of a scope, and the trace behind one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, func, or_, select

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import ApplicationFacts, StageState
from lms.enrolment.queries import application_facts
from lms.plans.models import Plan
from lms.plans.policy import StageKind
from lms.plans.queries import PLAN_STAFF
from lms.study.desk_models import AppealedBeat, StudyAppeal, StudyGrant
from lms.study.models import CreditWindow, StudyBeat, StudySession
from lms.study.policy.appeals import AppealFacts, AppealState

PAGE_SIZE = 50
AROUND = timedelta(minutes=3)
TRACE_MAX = 400


@dataclass(frozen=True, slots=True)
class AppealLine:
    """One appeal in the list of a member of staff."""

    appeal: AppealFacts
    name: str
    plan_title: str
    plan_number: str


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One beat of the time an appeal is about. `state` is that of its window, `seconds` those of a grant."""

    session_id: str
    seq: int
    lesson_id: str
    arrival: datetime
    from_ms: int
    to_ms: int
    credit_seconds: int
    refusal: str
    window_no: int
    state: str
    is_asked: bool
    granted: int


@dataclass(frozen=True, slots=True)
class WindowLine:
    """A presence check of that time: when it was asked, and how it ended."""

    number: int
    asked_at: datetime | None
    decided_at: datetime | None
    state: str
    seconds: int
    granted: int
    """What of it was counted after an appeal, as far as its beats are listed."""


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A study session of that time."""

    id: str
    device: str
    opened_at: datetime
    closed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What the ledger holds of the time an appeal is about, and shortly before and after."""

    beats: tuple[TraceLine, ...]
    windows: tuple[WindowLine, ...]
    sessions: tuple[DeviceLine, ...]
    is_cut: bool


def own_appeals(uow: UnitOfWork, person_id: str, plan_id: str) -> list[AppealFacts]:
    """Return a person's appeals in a plan, the newest first."""
    rows = uow.session.scalars(
        select(StudyAppeal)
        .where(StudyAppeal.person_id == person_id, StudyAppeal.plan_id == plan_id)
        .order_by(StudyAppeal.created_at.desc(), StudyAppeal.id)
    )
    return [_facts(row) for row in rows]


def unread_decisions(uow: UnitOfWork, person_id: str) -> list[tuple[AppealFacts, str]]:
    """Return a person's decided appeals that he has not read, the newest first, each with the title of its plan."""
    rows = uow.session.execute(
        select(StudyAppeal, Plan.title)
        .join(Plan, Plan.id == StudyAppeal.plan_id)
        .where(
            StudyAppeal.person_id == person_id,
            StudyAppeal.state.in_((AppealState.GRANTED, AppealState.REFUSED)),
            StudyAppeal.read_at.is_(None),
        )
        .order_by(StudyAppeal.decided_at.desc(), StudyAppeal.id)
    )
    return [(_facts(row), title) for row, title in rows]


def get_appeal(uow: UnitOfWork, appeal_id: str) -> AppealFacts:
    """Return an appeal. Raises NotFound."""
    row = uow.session.get(StudyAppeal, appeal_id)
    if row is None:
        raise NotFound
    return _facts(row)


def get_own_appeal(uow: UnitOfWork, actor: Actor, appeal_id: str) -> AppealFacts:
    """Return one of the actor's own appeals. Raises NotFound, also for somebody else's (fault I2)."""
    facts = get_appeal(uow, appeal_id)
    if facts.person_id != actor.person_id:
        raise NotFound
    return facts


def get_appeal_in_scope(uow: UnitOfWork, actor: Actor, appeal_id: str, *roles: Role) -> AppealLine:
    """Return an appeal in a plan that one of the actor's roles reaches. Raises NotFound otherwise."""
    row = uow.session.execute(
        _lines(actor, *(roles or PLAN_STAFF)).where(StudyAppeal.id == appeal_id)
    ).first()
    if row is None:
        raise NotFound
    return _line(*row)


def appeals_in_scope(
    uow: UnitOfWork, actor: Actor, state: str = "", plan_id: str = "", number: int = 1
) -> tuple[list[AppealLine], Page]:
    """Return one page of the appeals in plans of the actor's scopes: the open ones first, the oldest of them first."""
    wanted = _lines(actor, *PLAN_STAFF)
    if state in set(AppealState):
        wanted = wanted.where(StudyAppeal.state == state)
    if plan_id:
        wanted = wanted.where(StudyAppeal.plan_id == plan_id)
    shown, page = page_of(uow, wanted, number, PAGE_SIZE)
    is_open = StudyAppeal.state == AppealState.OPEN
    rows = uow.session.execute(
        shown.order_by(
            case((is_open, 0), else_=1), case((is_open, StudyAppeal.created_at)),
            StudyAppeal.decided_at.desc(), StudyAppeal.id,
        )
    )  # fmt: skip
    return [_line(*row) for row in rows], page


def beats_of(uow: UnitOfWork, appeal_id: str) -> frozenset[tuple[str, int]]:
    """Return which beats an appeal is about."""
    rows = uow.session.execute(
        select(AppealedBeat.session_id, AppealedBeat.seq).where(AppealedBeat.appeal_id == appeal_id)
    )
    return frozenset((session_id, seq) for session_id, seq in rows)


def waiting_beats(uow: UnitOfWork, person_id: str, plan_id: str) -> frozenset[tuple[str, int]]:
    """Return the beats of a person's open appeals in a plan."""
    rows = uow.session.execute(
        select(AppealedBeat.session_id, AppealedBeat.seq)
        .join(StudyAppeal, StudyAppeal.id == AppealedBeat.appeal_id)
        .where(StudyAppeal.person_id == person_id, StudyAppeal.plan_id == plan_id, AppealedBeat.is_open)
    )
    return frozenset((session_id, seq) for session_id, seq in rows)


def granted_beats(uow: UnitOfWork, person_id: str, plan_id: str) -> frozenset[tuple[str, int]]:
    """Return the beats of a person in a plan that were granted."""
    rows = uow.session.execute(
        select(StudyGrant.session_id, StudyGrant.seq).where(
            StudyGrant.person_id == person_id, StudyGrant.plan_id == plan_id
        )
    )
    return frozenset((session_id, seq) for session_id, seq in rows)


def credited_beats(uow: UnitOfWork, person_id: str, plan_id: str) -> int:
    """Return how many beats of a person in a plan were credited so far."""
    return (
        uow.session.scalar(
            select(func.count())
            .select_from(StudyBeat)
            .join(StudySession, StudySession.id == StudyBeat.session_id)
            .where(
                StudySession.person_id == person_id,
                StudySession.plan_id == plan_id,
                StudyBeat.credit_seconds > 0,
            )
        )
        or 0
    )


def studying_application(uow: UnitOfWork, appeal_id: str) -> ApplicationFacts:
    """Return the application whose study an appeal belongs to. Raises NotFound."""
    row = uow.session.get(StudyAppeal, appeal_id)
    if row is None:
        raise NotFound
    return application_facts(uow, row.application_id)


def is_over(application: ApplicationFacts) -> bool:
    """Tell whether the study of an application has ended, or never began."""
    stage = application.stage(StageKind.STUDY)
    return application.outcome is not None or stage is None or stage.state is not StageState.OPEN


def trace(uow: UnitOfWork, person_id: str, plan_id: str, keys: frozenset[tuple[str, int]]) -> Trace:
    """Return the beats, checks and sessions of the time of some beats, and of the minutes around them."""
    sessions = {session_id for session_id, _ in keys}
    arrivals = [
        row.arrival
        for row in uow.session.execute(
            select(StudyBeat.session_id, StudyBeat.seq, StudyBeat.arrival).where(
                StudyBeat.session_id.in_(sessions)
            )
        )
        if (row.session_id, row.seq) in keys
    ]
    if not arrivals:
        return Trace((), (), (), is_cut=False)
    began, ended = min(arrivals) - AROUND, max(arrivals) + AROUND
    rows = uow.session.execute(
        select(StudyBeat, CreditWindow.state, StudyGrant.seconds)
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .outerjoin(
            CreditWindow,
            and_(
                CreditWindow.person_id == StudySession.person_id, CreditWindow.plan_id == StudySession.plan_id,
                CreditWindow.window_no == StudyBeat.window_no,
            ),
        )
        .outerjoin(
            StudyGrant, and_(StudyGrant.session_id == StudyBeat.session_id, StudyGrant.seq == StudyBeat.seq)
        )
        .where(
            StudySession.person_id == person_id, StudySession.plan_id == plan_id,
            StudyBeat.arrival.between(began, ended),
        )
        .order_by(StudyBeat.arrival, StudyBeat.seq)
        .limit(TRACE_MAX + 1)
    ).all()  # fmt: skip
    beats = tuple(
        TraceLine(
            beat.session_id, beat.seq, beat.lesson_id, beat.arrival, beat.from_ms, beat.to_ms, beat.credit_seconds,
            beat.refusal, beat.window_no, state or "", (beat.session_id, beat.seq) in keys, granted or 0,
        )
        for beat, state, granted in rows[:TRACE_MAX]
    )  # fmt: skip
    return Trace(
        beats,
        _windows(uow, person_id, plan_id, beats),
        _sessions(uow, person_id, began, ended),
        len(rows) > TRACE_MAX,
    )


def _windows(
    uow: UnitOfWork, person_id: str, plan_id: str, beats: Sequence[TraceLine]
) -> tuple[WindowLine, ...]:
    """Return the windows of some beats. The check of a window was asked by its last credited beat."""
    numbers = sorted({beat.window_no for beat in beats})
    granted: dict[int, int] = {}
    for beat in beats:
        granted[beat.window_no] = granted.get(beat.window_no, 0) + beat.granted
    asked = (
        select(StudyBeat.window_no, func.max(StudyBeat.arrival).label("asked_at"))
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.person_id == person_id,
            StudySession.plan_id == plan_id,
            StudyBeat.window_no.in_(numbers),
            StudyBeat.credit_seconds > 0,
        )
        .group_by(StudyBeat.window_no)
        .subquery()
    )
    rows = uow.session.execute(
        select(CreditWindow, asked.c.asked_at)
        .outerjoin(asked, asked.c.window_no == CreditWindow.window_no)
        .where(
            CreditWindow.person_id == person_id,
            CreditWindow.plan_id == plan_id,
            CreditWindow.window_no.in_(numbers),
        )
        .order_by(CreditWindow.window_no)
    )
    return tuple(
        WindowLine(
            row.window_no, asked_at if row.decided_at else None, row.decided_at, row.state, row.seconds,
            granted[row.window_no],
        )
        for row, asked_at in rows
    )  # fmt: skip


def _sessions(uow: UnitOfWork, person_id: str, began: datetime, ended: datetime) -> tuple[DeviceLine, ...]:
    rows = uow.session.scalars(
        select(StudySession)
        .where(
            StudySession.person_id == person_id,
            StudySession.opened_at <= ended,
            or_(StudySession.closed_at.is_(None), StudySession.closed_at >= began),
        )
        .order_by(StudySession.opened_at)
        .limit(TRACE_MAX)
    )
    return tuple(
        DeviceLine(row.id, row.device, row.opened_at, row.closed_at, row.close_reason or "") for row in rows
    )


def _lines(actor: Actor, *roles: Role) -> Select[StudyAppeal, str, str, str]:
    return (
        select(StudyAppeal, Person.display_name, Plan.title, Plan.number)
        .join(Plan, Plan.id == StudyAppeal.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .join(Person, Person.id == StudyAppeal.person_id)
        .where(within(Organisation.path, actor.scope_paths(*roles)))
    )


def _line(row: StudyAppeal, name: str, title: str, number: str) -> AppealLine:
    return AppealLine(_facts(row), name, title, number)


def _facts(row: StudyAppeal) -> AppealFacts:
    return AppealFacts(
        row.id, row.person_id, row.plan_id, AppealState(row.state), row.words, row.asked_seconds, row.granted_seconds,
        row.decision, row.decided_by, row.created_at, row.decided_at,
    )  # fmt: skip
