"""Reading sessions and presence checks: who studies now, what is raised, what the sweepers have to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Label, func, or_, select

from lms.accounts.models import LoginSession, Person
from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.plans.policy import StageKind
from lms.study.models import CreditWindow, StudyBeat, StudyProgress, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.credit import SessionState, WindowState


@dataclass(frozen=True, slots=True)
class OpenCheck:
    """A raised presence check. `deadline` in milliseconds of server time; `tries`: wrong answers so far.

    `after_void`: whether the window before this one was voided.
    """

    id: str
    lesson_id: str
    course_id: str
    tries: int
    deadline: int
    after_void: bool


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A study session as its owner may see it. `same_login`: it has the login of the session it took over from."""

    id: str
    device: str
    opened_at: datetime
    same_login: bool


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


def last_beat_at(uow: UnitOfWork, person_id: str) -> datetime | None:
    """Return when the person's last beat came, in whatever session or plan: nothing before it is credited again."""
    lasts = select(_last_arrival()).where(StudySession.person_id == person_id).subquery()
    latest: datetime | None = uow.session.scalar(select(func.max(lasts.c.arrival)))
    return latest


def _last_arrival() -> Label[datetime]:
    """Return when the last beat of a session came: one look at the end of its stretch of the table."""
    return (
        select(StudyBeat.arrival)
        .where(StudyBeat.session_id == StudySession.id)
        .order_by(StudyBeat.seq.desc())
        .limit(1)
        .correlate(StudySession)
        .scalar_subquery()
        .label("arrival")
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
    return SessionLine(
        newest.id, newest.device, newest.opened_at, newest.login_session_id == row.login_session_id
    )


def open_check(uow: UnitOfWork, session_id: str) -> OpenCheck | None:
    """Return the presence check that is raised for a session's person and plan, or None."""
    row = uow.session.execute(
        select(StudyProgress, StudySession.course_id, CreditWindow.state)
        .join(
            StudySession,
            (StudySession.person_id == StudyProgress.person_id)
            & (StudySession.plan_id == StudyProgress.plan_id),
        )
        .outerjoin(
            CreditWindow,
            (CreditWindow.person_id == StudyProgress.person_id)
            & (CreditWindow.plan_id == StudyProgress.plan_id)
            & (CreditWindow.window_no == StudyProgress.window_no - 1),
        )
        .where(StudySession.id == session_id)
    ).first()
    return _check(row[0], row[1], row[2]) if row else None


def _check(row: StudyProgress, course_id: str, before: str | None) -> OpenCheck | None:
    if row.check_id is None or row.check_lesson_id is None or row.check_deadline is None:
        return None
    return OpenCheck(
        row.check_id, row.check_lesson_id, course_id, row.check_tries, to_ms(row.check_deadline),
        after_void=before == WindowState.VOID,
    )  # fmt: skip


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
                func.coalesce(_last_arrival(), StudySession.opened_at) < uow.now - policy.SESSION_IDLE_LIMIT,
                LoginSession.revoked_at.is_not(None),
            ),
        )
        .limit(limit)
    )
    return [(row, revoked_at is not None) for row, revoked_at in rows]
