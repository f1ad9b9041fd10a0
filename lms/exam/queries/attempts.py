"""Attempts and their answers, for the person who sat them and for the verbs of this room."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select

from lms.accounts.models import LoginSession
from lms.core.clock import ms_left
from lms.core.errors import NotFound
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import AnswerRevision, Attempt, Paper
from lms.exam.policy.attempts import AttemptState, ExamRules, Sitting, is_overdue, read_choice
from lms.exam.policy.conditions import is_paused
from lms.plans.policy import PlanFacts
from question_bank.items import PaperQuestion
from question_bank.paper_json import questions_from_json


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """One attempt without its paper. Scores are hundredths of a point."""

    id: str
    person_id: str
    plan_id: str
    application_id: str
    attempt_no: int
    max_attempts: int
    state: AttemptState
    login_session_id: str
    hold_no: int
    question_count: int
    started_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    is_timed_out: bool
    pass_mark: int
    score: int | None
    full_score: int | None
    passed: bool | None
    breakdown: dict[str, Any]
    granted_seconds: int = 0
    pause_id: str | None = None
    paused_from: datetime | None = None
    paused_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether the candidate may still answer; an overdue attempt counts as closed before it is swept."""
        return self.state is AttemptState.IN_PROGRESS and not is_overdue(self.deadline_at, now)

    def remaining_ms(self, now: datetime) -> int:
        """Return the milliseconds until the deadline, never negative; while its time stands still, so do they."""
        counted_from = self.paused_until if self.paused_until is not None and self.is_paused(now) else now
        return ms_left(self.deadline_at, counted_from)

    def is_paused(self, now: datetime) -> bool:
        """Tell whether the time stands still."""
        return self.is_open(now) and is_paused(self.paused_from, self.paused_until, now)

    @property
    def used_seconds(self) -> int:
        """Whole seconds from the start to the close, at most to the deadline."""
        end = min(self.closed_at or self.deadline_at, self.deadline_at)
        return max(0, int((end - self.started_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """The last saved answer of one question: option ids, or the one text written."""

    position: int
    revision: int
    chosen: frozenset[str]
    received_at: datetime

    @property
    def written(self) -> str:
        """The text written into a fill-in question."""
        return "".join(self.chosen)


@dataclass(frozen=True, slots=True)
class ExamFacts:
    """Where a person stands in a plan's exam: for the entry page, the home page and the rules."""

    rules: ExamRules
    attempts: tuple[AttemptFacts, ...]
    """All attempts, voided ones too, oldest first."""
    sittings: tuple[Sitting, ...]
    elsewhere: Sitting | None

    @property
    def attempts_left(self) -> int:
        """How many attempts may still be started."""
        return 0 if self.passed else max(0, self.rules.max_attempts - len(self.sittings))

    @property
    def passed(self) -> bool:
        """Whether one attempt reached the pass mark."""
        return any(sitting.passed for sitting in self.sittings)

    @property
    def running(self) -> AttemptFacts | None:
        """The attempt that is in progress here, overdue or not, or None."""
        return next((one for one in self.attempts if one.state is AttemptState.IN_PROGRESS), None)

    def has_overdue(self, now: datetime) -> bool:
        """Tell whether an attempt of this person, here or elsewhere, waits to be closed."""
        deadlines = [one.deadline_at for one in (self.running, self.elsewhere) if one is not None]
        return any(is_overdue(one, now) for one in deadlines)

    def open_attempt(self, now: datetime) -> AttemptFacts | None:
        """Return the attempt that can be continued now, or None."""
        return next((attempt for attempt in self.attempts if attempt.is_open(now)), None)


def rules_of(plan: PlanFacts) -> ExamRules:
    """Return what a plan says of its exam."""
    return ExamRules(
        exam_from=plan.exam_from,
        exam_until=plan.exam_until,
        duration_seconds=plan.exam_duration_seconds,
        max_attempts=plan.max_attempts,
        pass_mark=plan.pass_mark,
    )


# Built once: everybody who starts asks these, and every exam page. Columns: objects of rows take twice as long.
_ROW = select(*Attempt.__table__.columns)
_BY_ID = ReadyStatement(_ROW.where(Attempt.id == bindparam("attempt")))
_HERE_OR_OPEN = ReadyStatement(
    _ROW.where(
        Attempt.person_id == bindparam("person"),
        or_(Attempt.plan_id == bindparam("plan"), Attempt.state == AttemptState.IN_PROGRESS),
    ).order_by(Attempt.started_at)
)
_SAVED = ReadyStatement(
    select(
        AnswerRevision.position, AnswerRevision.revision, AnswerRevision.choice, AnswerRevision.received_at
    )
    .where(AnswerRevision.attempt_id == bindparam("attempt"))
    .order_by(AnswerRevision.position, AnswerRevision.revision)
)


_USED = ReadyStatement(
    select(func.count(), func.count().filter(Attempt.passed.is_(True))).where(
        Attempt.person_id == bindparam("person"),
        Attempt.plan_id == bindparam("plan"),
        Attempt.state != AttemptState.VOIDED,
    )
)


def exam_facts(uow: UnitOfWork, person_id: str, plan: PlanFacts) -> ExamFacts:
    """Return where a person stands in a plan's exam."""
    rows = _HERE_OR_OPEN.rows(uow.session, {"person": person_id, "plan": plan.id})
    here = tuple(facts_of(row) for row in rows if row.plan_id == plan.id)
    elsewhere = [_sitting(facts_of(row)) for row in rows if row.plan_id != plan.id]
    return ExamFacts(
        rules=rules_of(plan),
        attempts=here,
        sittings=tuple(_sitting(attempt) for attempt in here if attempt.state is not AttemptState.VOIDED),
        elsewhere=elsewhere[0] if elsewhere else None,
    )


def used_attempts(uow: UnitOfWork, person_id: str, plan_id: str) -> tuple[int, bool]:
    """Return how many attempts of a plan a person has used up, and whether one of them is passed.

    What closing asks; `exam_facts` tells the whole, which takes five statements.
    """
    used, passed = _USED.first(uow.session, {"person": person_id, "plan": plan_id})
    return used, passed > 0


def open_attempt(uow: UnitOfWork, person_id: str, plan_id: str) -> AttemptFacts | None:
    """Return a person's attempt of a plan that is in progress, overdue or not."""
    row = uow.session.scalar(
        select(Attempt).where(
            Attempt.person_id == person_id,
            Attempt.plan_id == plan_id,
            Attempt.state == AttemptState.IN_PROGRESS,
        )
    )
    return facts_of(row) if row else None


def running_attempt(uow: UnitOfWork, person_id: str) -> AttemptFacts | None:
    """Return the attempt a person can go on with now, in whatever plan, or None."""
    row = uow.session.scalar(
        select(Attempt).where(Attempt.person_id == person_id, Attempt.state == AttemptState.IN_PROGRESS)
    )
    found = facts_of(row) if row else None
    return found if found is not None and found.is_open(uow.now) else None


def find_attempt(uow: UnitOfWork, attempt_id: str) -> AttemptFacts | None:
    """Return an attempt whoever sat it, for the verbs of this room."""
    row = _BY_ID.first(uow.session, {"attempt": attempt_id})
    return facts_of(row) if row else None


_LEASED = ReadyStatement(
    _ROW.add_columns(LoginSession.id.is_not(None).label("is_live"))
    .outerjoin(LoginSession, and_(LoginSession.id == bindparam("session"), LoginSession.revoked_at.is_(None)))
    .where(Attempt.id == bindparam("attempt"))
)


def leased_attempt(
    uow: UnitOfWork, attempt_id: str, login_session_id: str
) -> tuple[AttemptFacts | None, bool]:
    """Return an attempt, and whether a login session lives: what a hand-in asks of its lease."""
    row = _LEASED.first(uow.session, {"attempt": attempt_id, "session": login_session_id})
    return (facts_of(row), row.is_live) if row else (None, False)


def own_attempt(uow: UnitOfWork, person_id: str | None, attempt_id: str) -> AttemptFacts:
    """Return a person's own attempt. Somebody else's is NotFound (fault I2)."""
    attempt = find_attempt(uow, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound
    return attempt


def questions_of(uow: UnitOfWork, attempt_id: str) -> tuple[PaperQuestion, ...]:
    """Return what the candidate sees of an attempt's paper. Call only for an attempt that was started (fault B2)."""
    public = uow.session.execute(
        select(Paper.public).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
    ).scalar_one()
    return questions_from_json(json.loads(public))


def saved_answers(uow: UnitOfWork, attempt_id: str) -> dict[int, SavedAnswer]:
    """Return the last saved choice of each answered question."""
    rows = _SAVED.rows(uow.session, {"attempt": attempt_id})
    return {
        position: SavedAnswer(position, revision, read_choice(choice), received_at)
        for position, revision, choice, received_at in rows
    }


def has_passed(uow: UnitOfWork, attempt: AttemptFacts) -> bool:
    """Tell whether the person of an attempt has passed in its plan, by this attempt or another one."""
    found = uow.session.scalar(
        select(Attempt.id).where(
            Attempt.person_id == attempt.person_id, Attempt.plan_id == attempt.plan_id,
            Attempt.state == AttemptState.GRADED, Attempt.passed.is_(True),
        )
    )  # fmt: skip
    return found is not None


def overdue_attempts(uow: UnitOfWork, before: datetime) -> list[str]:
    """Return open attempts whose deadline lies before a moment, the oldest first."""
    return list(
        uow.session.scalars(
            select(Attempt.id)
            .where(Attempt.state == AttemptState.IN_PROGRESS, Attempt.deadline_at < before)
            .order_by(Attempt.deadline_at)
        )
    )


_REVOKED_AT = ReadyStatement(select(LoginSession.revoked_at).where(LoginSession.id == bindparam("session")))


def session_is_revoked(uow: UnitOfWork, login_session_id: str) -> bool:
    """Tell whether a login session has ended, or never was."""
    row = _REVOKED_AT.first(uow.session, {"session": login_session_id})
    return row is None or row.revoked_at is not None


def _sitting(attempt: AttemptFacts) -> Sitting:
    return Sitting(
        attempt.id, attempt.plan_id, attempt.attempt_no, attempt.state is AttemptState.IN_PROGRESS, attempt.passed,
        attempt.deadline_at,
    )  # fmt: skip


def facts_of(row: Attempt | Row[Any]) -> AttemptFacts:
    """Return an attempt's row as the other modules of the room see it."""
    return AttemptFacts(
        id=row.id,
        person_id=row.person_id,
        plan_id=row.plan_id,
        application_id=row.application_id,
        attempt_no=row.attempt_no,
        max_attempts=row.max_attempts,
        state=AttemptState(row.state),
        login_session_id=row.login_session_id,
        hold_no=row.hold_no,
        question_count=row.question_count,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        closed_at=row.closed_at,
        is_timed_out=bool(row.is_timed_out),
        pass_mark=row.pass_mark,
        score=row.score,
        full_score=row.full_score,
        passed=row.passed,
        breakdown=row.breakdown or {},
        granted_seconds=row.granted_seconds,
        pause_id=row.pause_id,
        paused_from=row.paused_from,
        paused_until=row.paused_until,
    )
