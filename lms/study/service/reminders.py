"""Reminding those who are behind: once a day each, by hand or by the plan's own rule (A21)."""

from collections.abc import Sequence

from sqlalchemy import CursorResult, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import N_, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.plans.queries import get_plan
from lms.study.desk_models import ReminderRule, StudyReminder
from lms.study.events import RemindersKept
from lms.study.policy.pace import EVERY_DAYS_MAX, daily_seconds, day_number, reminder_reasons
from lms.study.queries import classes as class_queries
from lms.study.queries import reminders as reminder_queries
from lms.study.queries.classes import ClassFilter, ClassScope


def remind(uow: UnitOfWork, actor: Actor, plan_id: str, wanted: ClassFilter) -> int:
    """Remind those of a class who are behind and pass a filter; return how many were.

    Who was reminded today already is left out. Raises NotFound outside the actor's scope, Invalid with reasons when
    nobody is left to remind.
    """
    scope = class_queries.class_scope(uow, actor, plan_id)
    if not scope.may_remind:
        raise NotFound
    return _remind(uow, actor, scope, wanted)


def remind_by_rule(uow: UnitOfWork, actor: Actor, plan_id: str) -> int:
    """Remind those of a plan who are behind because its rule says so; 0 when somebody else was faster."""
    today, plan = day_number(uow.now), get_plan(uow, plan_id)
    taken = uow.session.execute(
        update(ReminderRule)
        .where(
            ReminderRule.plan_id == plan_id,
            ReminderRule.every_days > 0,
            ReminderRule.last_day + ReminderRule.every_days <= today,
        )
        .values(last_day=today)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return 0
    scope = ClassScope(plan, None, may_manage=True, may_remind=True, now=uow.now)
    people, told = behind_and_told(uow, scope, ClassFilter())
    if reminder_reasons(
        opens=plan.study_from, closes=plan.study_until, now=uow.now, behind=len(people), reminded=told
    ):
        return 0
    return _remind(uow, actor, scope, ClassFilter())


def behind_and_told(
    uow: UnitOfWork, scope: ClassScope, wanted: ClassFilter
) -> tuple[list[tuple[str, int, int]], int]:
    """Return who is behind, with counted and required seconds, and how many of them were reminded today."""
    people = class_queries.behind_people(uow, scope, wanted)
    today = reminder_queries.reminded_today(uow, scope.plan.id)
    return people, sum(person_id in today for person_id, _, _ in people)


def _remind(uow: UnitOfWork, actor: Actor, scope: ClassScope, wanted: ClassFilter) -> int:
    plan = scope.plan
    people, told = behind_and_told(uow, scope, wanted)
    require(
        reminder_reasons(
            opens=plan.study_from, closes=plan.study_until, now=uow.now, behind=len(people), reminded=told
        ),
        Invalid,
    )
    round_id = new_id()
    _keep(uow, actor, scope, round_id, people)
    kept = reminder_queries.people_of_round(uow, round_id)
    audit.record(uow, actor, "study_reminder:send", plan.id, people=kept, round_id=round_id)
    uow.record(RemindersKept(round_id))
    return kept


def _keep(
    uow: UnitOfWork, actor: Actor, scope: ClassScope, round_id: str, people: Sequence[tuple[str, int, int]]
) -> None:
    """Write reminders down. The key is a person, a plan and a day, so a second one on a day finds its place taken."""
    rows = [
        {
            "person_id": person_id, "plan_id": scope.plan.id, "day": day_number(uow.now), "round_id": round_id,
            "sent_by": actor.person_id, "counted_seconds": counted, "created_at": uow.now,
            "daily_seconds": daily_seconds(required - counted, scope.days_left),
        }
        for person_id, counted, required in people
    ]  # fmt: skip
    fresh = insert_new(
        uow.session, StudyReminder, StudyReminder.person_id, StudyReminder.plan_id, StudyReminder.day
    )
    # By the driver, row for row: a class of ten thousand must not hold the lane of writers for seconds.
    uow.session.connection().execute(fresh, rows)


def note_mailed(uow: UnitOfWork, round_id: str, person_ids: Sequence[str]) -> None:
    """Write down which reminders of a round need no mail any more."""
    uow.session.execute(
        update(StudyReminder)
        .where(StudyReminder.round_id == round_id, StudyReminder.person_id.in_(person_ids))
        .values(mailed_at=uow.now)
        .execution_options(synchronize_session=False)
    )


def set_rule(uow: UnitOfWork, actor: Actor, plan_id: str, every_days: int) -> None:
    """Say how often a plan reminds by itself. Raises NotFound outside the actor's scope, Invalid with a reason."""
    if not class_queries.class_scope(uow, actor, plan_id).may_manage:
        raise NotFound
    if not 0 <= every_days <= EVERY_DAYS_MAX:
        raise Invalid(
            Reason(
                "reminder.every_days", N_("间隔为 0 至 %(most)s 天，0 表示不自动提醒"),
                way_out=N_("请填写这个范围内的整数"), field_name="every_days", params={"most": EVERY_DAYS_MAX},
            )
        )  # fmt: skip
    uow.session.execute(
        insert_new(uow.session, ReminderRule, ReminderRule.plan_id).values(
            plan_id=plan_id, every_days=0, last_day=0, changed_at=uow.now
        )
    )
    uow.session.execute(
        update(ReminderRule)
        .where(ReminderRule.plan_id == plan_id)
        .values(every_days=every_days, changed_at=uow.now)
        .execution_options(synchronize_session=False)
    )
    audit.record(uow, actor, "study_reminder:set_rule", plan_id, every_days=every_days)
