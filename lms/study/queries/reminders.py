"""Reading reminders: who was told when, what waits to be mailed, and which plans remind by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.accounts.policy import PersonState
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.policy import ApplicationFacts, StageState
from lms.plans.models import Plan
from lms.plans.policy import PlanFacts, PlanState, StageKind
from lms.study.desk_models import ReminderRule, StudyReminder
from lms.study.models import StudySession
from lms.study.policy.pace import daily_seconds, day_number, days_left, is_behind
from lms.study.queries import StudyFacts

ROUNDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReminderRound:
    """One time that people were reminded. `sent_by` is None when the house did so by itself."""

    at: datetime
    sent_by: str | None
    people: int
    mailed: int


@dataclass(frozen=True, slots=True)
class StandingReminder:
    """A reminder that its person still has to read, with what is needed on each day that is left."""

    at: datetime
    title: str
    closes: datetime
    daily: int


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A reminder whose mail is still to be sent; without an address there is none."""

    person_id: str
    plan_id: str
    name: str
    email: str | None
    counted: int
    daily: int


def reminded_today(uow: UnitOfWork, plan_id: str) -> frozenset[str]:
    """Return who of a plan was reminded today."""
    rows = uow.session.scalars(
        select(StudyReminder.person_id).where(
            StudyReminder.plan_id == plan_id, StudyReminder.day == day_number(uow.now)
        )
    )
    return frozenset(rows)


def people_of_round(uow: UnitOfWork, round_id: str) -> int:
    """Return how many people were reminded together."""
    wanted = select(func.count()).select_from(StudyReminder).where(StudyReminder.round_id == round_id)
    return uow.session.scalar(wanted) or 0


def rounds(uow: UnitOfWork, plan_id: str) -> list[ReminderRound]:
    """Return when people of a plan were reminded, the newest first."""
    rows = uow.session.execute(
        select(
            func.min(StudyReminder.created_at), func.min(StudyReminder.sent_by), func.count(),
            func.count(StudyReminder.mailed_at),
        )
        .where(StudyReminder.plan_id == plan_id)
        .group_by(StudyReminder.round_id)
        .order_by(func.min(StudyReminder.created_at).desc())
        .limit(ROUNDS_SHOWN)
    )  # fmt: skip
    return [ReminderRound(at, sent_by, people, mailed) for at, sent_by, people, mailed in rows]


def last_reminder(uow: UnitOfWork, person_id: str, plan_id: str) -> datetime | None:
    """Return when a person was last reminded in a plan."""
    return uow.session.scalar(
        select(func.max(StudyReminder.created_at)).where(
            StudyReminder.person_id == person_id, StudyReminder.plan_id == plan_id
        )
    )


def standing_reminder(
    uow: UnitOfWork, application: ApplicationFacts, plan: PlanFacts, facts: StudyFacts
) -> StandingReminder | None:
    """Return the last reminder of a person in a plan while what it says is still so."""
    stage = application.stage(StageKind.STUDY)
    if stage is None or stage.state is not StageState.OPEN or uow.now >= plan.study_until:
        return None
    if not is_behind(
        counted=facts.counted, required=facts.required, opens=plan.study_from, closes=plan.study_until,
        admitted=stage.opened_at, now=uow.now,
    ):  # fmt: skip
        return None
    told_at = last_reminder(uow, application.person_id, plan.id)
    if told_at is None:
        return None
    daily = daily_seconds(facts.missing, days_left(plan.study_until, uow.now))
    return StandingReminder(told_at, plan.title, plan.study_until, daily)


def began_studying(uow: UnitOfWork, person_id: str, plan_id: str) -> datetime | None:
    """Return when a person first opened the player of a plan."""
    return uow.session.scalar(
        select(func.min(StudySession.opened_at)).where(
            StudySession.person_id == person_id, StudySession.plan_id == plan_id
        )
    )


def every_days(uow: UnitOfWork, plan_id: str) -> int:
    """Return how often a plan reminds by itself, in days; 0 says never."""
    row = uow.session.get(ReminderRule, plan_id)
    return row.every_days if row is not None else 0


def due_plans(uow: UnitOfWork) -> Sequence[str]:
    """Return the plans that should remind by themselves today and have not yet."""
    today = day_number(uow.now)
    return uow.session.scalars(
        select(ReminderRule.plan_id)
        .join(Plan, Plan.id == ReminderRule.plan_id)
        .where(
            ReminderRule.every_days > 0,
            ReminderRule.last_day + ReminderRule.every_days <= today,
            Plan.state == PlanState.PUBLISHED,
            Plan.study_from <= uow.now,
            Plan.study_until > uow.now,
        )
        .order_by(ReminderRule.plan_id)
    ).all()


def waiting_mails(uow: UnitOfWork, round_id: str, limit: int) -> list[WaitingMail]:
    """Return some reminders of a round whose mail is still to be sent."""
    rows = uow.session.execute(
        select(StudyReminder, Person)
        .join(Person, Person.id == StudyReminder.person_id)
        .where(StudyReminder.round_id == round_id, StudyReminder.mailed_at.is_(None))
        .order_by(StudyReminder.person_id)
        .limit(limit)
    )
    return [
        WaitingMail(
            row.person_id, row.plan_id, person.display_name,
            person.email if person.state == PersonState.ACTIVE else None, row.counted_seconds, row.daily_seconds,
        )
        for row, person in rows
    ]  # fmt: skip
