"""Reading classes in figures: how many are behind, in which tenth people are, and what each day brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, case, exists, func, or_, select, true, type_coerce

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.enrolment.policy import ApplicationState
from lms.plans.models import Plan, PlanStage
from lms.plans.policy import PlanState, StageKind
from lms.plans.queries import PLAN_STAFF
from lms.study.models import CreditWindow, StudyProgress
from lms.study.policy.credit import WindowState
from lms.study.policy.pace import DAY_MS, ZONE_MS
from lms.study.queries.classes import PAGE_SIZE, ClassScope, approved, counted_seconds, is_behind, people_of

PARTS = 10
DAYS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The class in figures: people by tenths of the requirement (the last have all of it), and seconds by day."""

    parts: tuple[int, ...]
    behind: int
    counted: int
    days: tuple[tuple[int, int], ...]

    @property
    def trainees(self) -> int:
        """How many people there are."""
        return sum(self.parts)

    @property
    def complete(self) -> int:
        """How many have all of the required time."""
        return self.parts[PARTS]

    @property
    def average(self) -> int:
        """The mean of the counted seconds, rounded down."""
        return self.counted // self.trainees if self.trainees else 0


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One plan in the list of classes."""

    id: str
    number: str
    title: str
    study_from: datetime
    study_until: datetime
    trainees: int
    complete: int
    behind: int


def classes(uow: UnitOfWork, actor: Actor, number: int = 1) -> tuple[list[ClassEntry], Page]:
    """Return one page of the plans with study that the actor sees somebody of, the newest first."""
    studies = exists().where(PlanStage.plan_id == Plan.id, PlanStage.kind == StageKind.STUDY)
    own = exists().where(
        Application.plan_id == Plan.id,
        Application.state == ApplicationState.APPROVED,
        within(Application.employer_path, actor.scope_paths(Role.INSTITUTION_OFFICER)),
    )
    wanted = (
        select(Plan)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(
            Plan.state.in_((PlanState.PUBLISHED, PlanState.CLOSED)),
            studies,
            or_(within(Organisation.path, actor.scope_paths(*PLAN_STAFF)), own),
        )
    )
    shown, page = page_of(uow, wanted, number, PAGE_SIZE)
    plans = uow.session.scalars(shown.order_by(Plan.number.desc())).all()
    counted = _counts(uow, actor, plans)
    return [
        ClassEntry(
            plan.id, plan.number, plan.title, plan.study_from, plan.study_until, *counted.get(plan.id, (0, 0, 0))
        )
        for plan in plans
    ], page  # fmt: skip


def _counts(uow: UnitOfWork, actor: Actor, plans: Sequence[Plan]) -> dict[str, tuple[int, int, int]]:
    if not plans:
        return {}
    seconds, required = (
        counted_seconds(),
        func.coalesce(StudyProgress.required_seconds, Plan.required_study_seconds),
    )
    rows = uow.session.execute(
        approved()
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(
            Application.plan_id.in_(plan.id for plan in plans),
            or_(
                within(Organisation.path, actor.scope_paths(*PLAN_STAFF)),
                within(Application.employer_path, actor.scope_paths(Role.INSTITUTION_OFFICER)),
            ),
        )
        .with_only_columns(
            Application.plan_id, func.count(), func.sum(case((seconds >= required, 1), else_=0)),
            func.sum(case((is_behind(uow.now), 1), else_=0)),
        )
        .group_by(Application.plan_id)
    )  # fmt: skip
    return {plan_id: (count, complete, late) for plan_id, count, complete, late in rows}


def figures(uow: UnitOfWork, scope: ClassScope) -> ClassFigures:
    """Return how far a class has come, and what was counted on each of the last days."""
    seconds, required = counted_seconds(), scope.plan.required_study_seconds
    each = (
        people_of(scope)
        .with_only_columns(
            seconds.label("seconds"),
            case((seconds >= required, PARTS), else_=seconds * PARTS // required).label("part"),
            case((is_behind(scope.now), 1), else_=0).label("late"),
        )
        .subquery()
    )
    rows = uow.session.execute(
        select(each.c.part, func.count(), func.sum(each.c.late), func.sum(each.c.seconds)).group_by(
            each.c.part
        )
    ).all()
    people = {part: count for part, count, _, _ in rows}
    return ClassFigures(
        tuple(people.get(part, 0) for part in range(PARTS + 1)), sum(late for _, _, late, _ in rows),
        sum(total for _, _, _, total in rows), _days(uow, scope),
    )  # fmt: skip


def _days(uow: UnitOfWork, scope: ClassScope) -> tuple[tuple[int, int], ...]:
    """Return (day, counted seconds) of the last days on which anything was counted."""
    day = (type_coerce(CreditWindow.decided_at, BigInteger) + ZONE_MS) // DAY_MS
    each = (
        select(day.label("day"), CreditWindow.seconds)
        .where(
            CreditWindow.plan_id == scope.plan.id,
            CreditWindow.state == WindowState.COUNTED,
            _of_scope(scope),
        )
        .subquery()
    )
    rows = uow.session.execute(
        select(each.c.day, func.sum(each.c.seconds))
        .group_by(each.c.day)
        .order_by(each.c.day.desc())
        .limit(DAYS_SHOWN)
    ).all()
    return tuple((int(number), int(seconds)) for number, seconds in reversed(rows))


def _of_scope(scope: ClassScope) -> ColumnElement[bool]:
    if scope.employers is None:
        return true()
    return CreditWindow.person_id.in_(people_of(scope).with_only_columns(Application.person_id))
