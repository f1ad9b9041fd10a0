"""Reading what the rules of integrity look at, and what they found."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.plans.models import Plan
from lms.plans.queries import PLAN_STAFF
from lms.study.desk_models import ExaminedSession, StudyFinding
from lms.study.models import CreditWindow, StudyBeat, StudySession
from lms.study.policy.credit import WindowState
from lms.study.policy.integrity import EXAMINED_FOR, PassedCheck, Rule, SeenBeat

PAGE_SIZE = 50
ROWS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding as pages see it."""

    id: str
    rule: Rule
    person_id: str
    name: str
    plan_id: str
    plan_title: str
    plan_number: str
    issuer_path: str
    figures: dict[str, int]
    from_at: datetime
    until_at: datetime
    found_at: datetime
    looked_by: str | None
    looked_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class BeatRow:
    """One beat behind a finding."""

    arrival: datetime
    lesson_id: str
    from_ms: int
    to_ms: int
    credit_seconds: int
    refusal: str
    device: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One presence check behind a finding."""

    number: int
    raised_at: datetime
    answered_at: datetime
    seconds: int


def unexamined(uow: UnitOfWork, limit: int) -> list[tuple[str, str, str, datetime]]:
    """Return (session, person, plan, last beat) of sessions with beats that were not examined yet, oldest first.

    A session that was examined and closed long ago is not looked at again.
    """
    last = (
        select(StudyBeat.arrival)
        .where(StudyBeat.session_id == StudySession.id)
        .order_by(StudyBeat.seq.desc())
        .limit(1)
        .correlate(StudySession)
        .scalar_subquery()
        .label("last")
    )
    waiting = (
        select(StudySession.id, StudySession.person_id, StudySession.plan_id, last, ExaminedSession.until)
        .outerjoin(ExaminedSession, ExaminedSession.session_id == StudySession.id)
        .where(
            or_(
                ExaminedSession.session_id.is_(None),
                StudySession.closed_at.is_(None),
                StudySession.closed_at > uow.now - EXAMINED_FOR,
            )
        )
        .subquery()
    )
    rows = uow.session.execute(
        select(waiting.c.id, waiting.c.person_id, waiting.c.plan_id, waiting.c.last)
        .where(
            waiting.c.last.is_not(None),
            or_(waiting.c.until.is_(None), waiting.c.until < waiting.c.last),
        )
        .order_by(waiting.c.last)
        .limit(limit)
    )
    return [(session_id, person_id, plan_id, at) for session_id, person_id, plan_id, at in rows]


def seen_beats(uow: UnitOfWork, person_id: str, plan_id: str, until: datetime) -> list[SeenBeat]:
    """Return the beats of a person in a plan in the time before a moment, in the order of their arrival."""
    rows = uow.session.execute(
        select(
            StudyBeat.session_id, StudyBeat.arrival, StudyBeat.interval_seconds, StudyBeat.credit_seconds,
            StudyBeat.refusal,
        )
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.person_id == person_id, StudySession.plan_id == plan_id,
            StudyBeat.arrival.between(until - EXAMINED_FOR, until),
        )
        .order_by(StudyBeat.arrival, StudyBeat.seq)
    )  # fmt: skip
    return [
        SeenBeat(row.session_id, to_ms(row.arrival), row.interval_seconds, row.credit_seconds, row.refusal)
        for row in rows
    ]


def passed_checks(uow: UnitOfWork, person_id: str, plan_id: str, until: datetime) -> list[PassedCheck]:
    """Return the presence checks that a person passed in the time before a moment."""
    return [
        PassedCheck(to_ms(row.raised_at), to_ms(row.answered_at))
        for row in check_rows(uow, person_id, plan_id, until - EXAMINED_FOR, until)
    ]


def check_rows(
    uow: UnitOfWork, person_id: str, plan_id: str, began: datetime, ended: datetime
) -> list[CheckRow]:
    """Return the passed checks of some time. A check is raised by the last credited beat of its window."""
    raised = (
        select(StudyBeat.window_no, func.max(StudyBeat.arrival).label("raised_at"))
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.person_id == person_id, StudySession.plan_id == plan_id, StudyBeat.credit_seconds > 0
        )
        .group_by(StudyBeat.window_no)
        .subquery()
    )
    rows = uow.session.execute(
        select(CreditWindow.window_no, raised.c.raised_at, CreditWindow.decided_at, CreditWindow.seconds)
        .join(raised, raised.c.window_no == CreditWindow.window_no)
        .where(
            CreditWindow.person_id == person_id, CreditWindow.plan_id == plan_id,
            CreditWindow.state == WindowState.COUNTED, CreditWindow.decided_at.between(began, ended),
        )
        .order_by(CreditWindow.window_no)
    )  # fmt: skip
    return [CheckRow(number, raised_at, decided, seconds) for number, raised_at, decided, seconds in rows]


def beat_rows(uow: UnitOfWork, finding: FindingLine) -> list[BeatRow]:
    """Return the first beats of the time of a finding."""
    rows = uow.session.execute(
        select(StudyBeat, StudySession.device)
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.person_id == finding.person_id, StudySession.plan_id == finding.plan_id,
            StudyBeat.arrival.between(finding.from_at, finding.until_at),
        )
        .order_by(StudyBeat.arrival, StudyBeat.seq)
        .limit(ROWS_SHOWN)
    )  # fmt: skip
    return [
        BeatRow(
            beat.arrival, beat.lesson_id, beat.from_ms, beat.to_ms, beat.credit_seconds, beat.refusal, device
        )
        for beat, device in rows
    ]


def findings_in_scope(
    uow: UnitOfWork, actor: Actor, rule: str = "", looked: str = "", number: int = 1
) -> tuple[list[FindingLine], Page]:
    """Return one page of the findings in plans of the actor's scopes, those nobody has looked at first."""
    wanted = _lines(actor, *PLAN_STAFF)
    if rule in set(Rule):
        wanted = wanted.where(StudyFinding.rule == rule)
    if looked in {"0", "1"}:
        wanted = wanted.where(StudyFinding.looked_at.is_not(None) == (looked == "1"))
    shown, page = page_of(uow, wanted, number, PAGE_SIZE)
    rows = uow.session.execute(
        shown.order_by(StudyFinding.looked_at.is_not(None), StudyFinding.found_at.desc(), StudyFinding.id)
    )
    return [_line(*row) for row in rows], page


def get_finding(uow: UnitOfWork, actor: Actor, finding_id: str, *roles: Role) -> FindingLine:
    """Return a finding in a plan that one of the actor's roles reaches. Raises NotFound otherwise."""
    row = uow.session.execute(
        _lines(actor, *(roles or PLAN_STAFF)).where(StudyFinding.id == finding_id)
    ).first()
    if row is None:
        raise NotFound
    return _line(*row)


def _lines(actor: Actor, *roles: Role) -> Select[StudyFinding, str, str, str, str]:
    return (
        select(StudyFinding, Person.display_name, Plan.title, Plan.number, Organisation.path)
        .join(Plan, Plan.id == StudyFinding.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .join(Person, Person.id == StudyFinding.person_id)
        .where(within(Organisation.path, actor.scope_paths(*roles)))
    )


def _line(row: StudyFinding, name: str, title: str, number: str, path: str) -> FindingLine:
    return FindingLine(
        row.id, Rule(row.rule), row.person_id, name, row.plan_id, title, number, path, json.loads(row.figures),
        row.from_at, row.until_at, row.found_at, row.looked_by, row.looked_at, row.note,
    )  # fmt: skip
