"""Reading a class: how far everybody of a plan has studied, as far as an actor's scope reaches.

A page costs the same number of statements however large the class is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    select,
    type_coerce,
)

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.enrolment.queries import CASE_STAFF
from lms.plans.models import Plan
from lms.plans.policy import PlanFacts, PlanState, StageKind
from lms.plans.queries import PLAN_STAFF, get_plan
from lms.study.desk_models import StudyGrant
from lms.study.models import CreditWindow, LessonCoverage, StudyBeat, StudyProgress, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.appeals import NO_LOSS
from lms.study.policy.credit import VOID, WindowState
from lms.study.policy.pace import daily_seconds, days_left, pace_seconds

CLASS_STAFF = (*PLAN_STAFF, Role.INSTITUTION_OFFICER)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ClassScope:
    """A plan and whom of it an actor sees: everybody, or the people employed within some paths."""

    plan: PlanFacts
    employers: tuple[str, ...] | None
    may_manage: bool
    """Whether the plan is the actor's own to look after."""
    may_remind: bool
    now: datetime

    @property
    def pace(self) -> int:
        """What somebody who studies evenly from the first day has by now."""
        plan = self.plan
        return pace_seconds(plan.required_study_seconds, plan.study_from, plan.study_until, self.now)

    @property
    def days_left(self) -> int:
        """On how many days, today among them, somebody can still study."""
        return days_left(self.plan.study_until, self.now)


@dataclass(frozen=True, slots=True)
class ClassFilter:
    """What a list is narrowed to."""

    words: str = ""
    organisation: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One trainee of a class. Times are whole seconds."""

    application_id: str
    person_id: str
    name: str
    employer_name: str
    counted: int
    pending: int
    required: int
    is_studying: bool
    is_behind: bool
    last_seen: datetime | None
    needed_a_day: int
    may_open: bool
    refused: dict[str, int] = field(default_factory=dict)
    """Reason -> seconds that were played and not counted at that time, nor granted since."""
    lessons: dict[str, int] = field(default_factory=dict)
    """Lesson -> counted seconds."""
    granted: int = 0
    """Seconds that were counted after an appeal."""

    @property
    def is_complete(self) -> bool:
        """Whether the requirement is reached."""
        return self.counted >= self.required


def class_scope(uow: UnitOfWork, actor: Actor, plan_id: str) -> ClassScope:
    """Return whom of a plan the actor sees. Raises NotFound when that is nobody, or the plan has no study."""
    plan = get_plan(uow, plan_id)
    if StageKind.STUDY not in plan.stages or plan.state not in (PlanState.PUBLISHED, PlanState.CLOSED):
        raise NotFound
    if actor.covers(plan.issuer_path, PLAN_STAFF):
        manages = actor.covers(plan.issuer_path, [Role.EXAM_ADMIN])
        return ClassScope(plan, None, manages, manages, uow.now)
    scope = ClassScope(
        plan,
        actor.scope_paths(Role.INSTITUTION_OFFICER),
        may_manage=False,
        may_remind=True,
        now=uow.now,
    )
    if not uow.session.scalar(select(people_of(scope).exists())):
        raise NotFound
    return scope


def class_count(uow: UnitOfWork, scope: ClassScope, wanted: ClassFilter) -> int:
    """Return how many trainees of a class a filter leaves."""
    return uow.session.scalar(_filtered(scope, wanted).with_only_columns(func.count())) or 0


def class_page(
    uow: UnitOfWork, actor: Actor, scope: ClassScope, wanted: ClassFilter, number: int = 1, size: int = PAGE_SIZE
) -> tuple[list[ClassLine], Page]:  # fmt: skip
    """Return one page of the trainees: who is behind comes first, the least studied of them at the top."""
    shown, page = page_of(uow, _filtered(scope, wanted), number, size)
    return _lines(uow, actor, scope, shown), page


def class_line(uow: UnitOfWork, actor: Actor, scope: ClassScope, person_id: str) -> ClassLine:
    """Return one trainee of a class. Raises NotFound for anybody whom the scope does not reach."""
    wanted = _filtered(scope, ClassFilter()).where(Application.person_id == person_id)
    found = _lines(uow, actor, scope, wanted)
    if not found:
        raise NotFound
    return found[0]


def _lines(uow: UnitOfWork, actor: Actor, scope: ClassScope, shown: Select[str]) -> list[ClassLine]:
    late = is_behind(scope.now)
    rows = uow.session.execute(
        shown.join(Organisation, Organisation.id == Application.employer_organisation_id)
        .with_only_columns(
            Application.id, Application.person_id, Application.employer_path, Profile.name,
            Organisation.name.label("employer"), counted_seconds().label("counted"),
            func.coalesce(StudyProgress.pending_seconds, 0).label("pending"),
            func.coalesce(StudyProgress.required_seconds, scope.plan.required_study_seconds).label("required"),
            ApplicationStage.state, case((late, 1), else_=0).label("late"), StudyProgress.studied_at.label("last_seen"),
        )
        .order_by(
            case((late, 0), (ApplicationStage.state == StageState.OPEN, 1), else_=2), counted_seconds(), Profile.name,
            Application.id,
        )
    ).all()  # fmt: skip
    ids = [row.person_id for row in rows]
    lessons, granted = _by_lesson(uow, scope.plan.id, ids), _granted(uow, scope.plan.id, ids)
    refused = _refused(uow, scope.plan.id, ids, granted)
    return [
        ClassLine(
            row.id, row.person_id, row.name, row.employer, row.counted, row.pending, row.required,
            row.state == StageState.OPEN, bool(row.late), row.last_seen,
            daily_seconds(max(0, row.required - row.counted), scope.days_left),
            actor.covers(row.employer_path, CASE_STAFF), refused.get(row.person_id, {}),
            lessons.get(row.person_id, {}), sum(granted.get(row.person_id, {}).values()),
        )
        for row in rows
    ]  # fmt: skip


def employers(uow: UnitOfWork, scope: ClassScope) -> list[tuple[str, str]]:
    """Return (id, name) of the institutions that people of the class come from, by name."""
    rows = uow.session.execute(
        people_of(scope)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .with_only_columns(Organisation.id, Organisation.name)
        .distinct()
        .order_by(Organisation.name)
    )
    return [(organisation_id, name) for organisation_id, name in rows]


def behind_people(uow: UnitOfWork, scope: ClassScope, wanted: ClassFilter) -> list[tuple[str, int, int]]:
    """Return (person, counted, required) of those who are behind and pass a filter."""
    rows = uow.session.execute(
        _filtered(scope, wanted)
        .where(is_behind(scope.now))
        .with_only_columns(
            Application.person_id, counted_seconds(),
            func.coalesce(StudyProgress.required_seconds, scope.plan.required_study_seconds),
        )
        .order_by(Application.person_id)
    )  # fmt: skip
    return [(person_id, counted, required) for person_id, counted, required in rows]


def _refused(
    uow: UnitOfWork, plan_id: str, person_ids: Sequence[str], granted: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    """Return, by person and reason, the seconds that were played and not counted then, less those granted since."""
    lost = StudyBeat.to_ms - StudyBeat.from_ms - StudyBeat.credit_seconds * 1000
    rows = uow.session.execute(
        select(StudySession.person_id, StudyBeat.refusal, func.sum(case((lost > 0, lost), else_=0)))
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        .where(
            StudySession.plan_id == plan_id, StudySession.person_id.in_(person_ids), StudyBeat.refusal.not_in(NO_LOSS)
        )
        .group_by(StudySession.person_id, StudyBeat.refusal)
    ).all()  # fmt: skip
    voided = uow.session.execute(
        select(CreditWindow.person_id, func.sum(CreditWindow.seconds))
        .where(
            CreditWindow.plan_id == plan_id,
            CreditWindow.person_id.in_(person_ids),
            CreditWindow.state == WindowState.VOID,
        )
        .group_by(CreditWindow.person_id)
    )
    found: dict[str, dict[str, int]] = {}
    lost_by = [(person_id, why, int(lost_ms) // 1000) for person_id, why, lost_ms in rows]
    lost_by += [(person_id, VOID, int(seconds)) for person_id, seconds in voided]
    for person_id, why, seconds in lost_by:
        left = seconds - granted.get(person_id, {}).get(why, 0)
        if left > 0:
            found.setdefault(person_id, {})[why] = left
    return found


def _granted(uow: UnitOfWork, plan_id: str, person_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return, by person and the reason for which they did not count, the seconds that appeals have given back."""
    is_void = and_(StudyBeat.credit_seconds > 0, CreditWindow.state == WindowState.VOID)
    each = (
        select(
            StudyGrant.person_id,
            case((is_void, VOID), else_=StudyBeat.refusal).label("why"),
            StudyGrant.seconds,
        )
        .join(
            StudyBeat, and_(StudyBeat.session_id == StudyGrant.session_id, StudyBeat.seq == StudyGrant.seq)
        )
        .outerjoin(
            CreditWindow,
            and_(
                CreditWindow.person_id == StudyGrant.person_id, CreditWindow.plan_id == StudyGrant.plan_id,
                CreditWindow.window_no == StudyBeat.window_no,
            ),
        )
        .where(StudyGrant.plan_id == plan_id, StudyGrant.person_id.in_(person_ids))
        .subquery()
    )  # fmt: skip
    rows = uow.session.execute(
        select(each.c.person_id, each.c.why, func.sum(each.c.seconds)).group_by(each.c.person_id, each.c.why)
    )
    found: dict[str, dict[str, int]] = {}
    for person_id, why, seconds in rows:
        found.setdefault(person_id, {})[why] = int(seconds)
    return found


def _by_lesson(uow: UnitOfWork, plan_id: str, person_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    rows = uow.session.execute(
        select(LessonCoverage.person_id, LessonCoverage.lesson_id, LessonCoverage.counted).where(
            LessonCoverage.plan_id == plan_id, LessonCoverage.person_id.in_(person_ids)
        )
    )
    found: dict[str, dict[str, int]] = {}
    for person_id, lesson_id, counted in rows:
        found.setdefault(person_id, {})[lesson_id] = policy.to_bits(counted).bit_count()
    return found


def approved() -> Select[str]:
    """Select everybody who was approved and has to study, with his plan and the totals if there are any."""
    return (
        select(Application.id)
        .join(Plan, Plan.id == Application.plan_id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .outerjoin(
            StudyProgress,
            and_(
                StudyProgress.person_id == Application.person_id, StudyProgress.plan_id == Application.plan_id
            ),
        )
        .where(
            Application.state == ApplicationState.APPROVED,
            ApplicationStage.kind == StageKind.STUDY,
            ApplicationStage.state != StageState.WAIVED,
        )
    )


def people_of(scope: ClassScope) -> Select[str]:
    """Select the approved trainees of a class that a scope reaches."""
    wanted = approved().where(Application.plan_id == scope.plan.id)
    if scope.employers is None:
        return wanted
    return wanted.where(within(Application.employer_path, scope.employers) if scope.employers else false())


def _filtered(scope: ClassScope, wanted: ClassFilter) -> Select[str]:
    people = people_of(scope).join(Profile, Profile.person_id == Application.person_id)
    if wanted.words:
        people = people.where(Profile.name.contains(wanted.words, autoescape=True))
    if wanted.organisation:
        people = people.where(Application.employer_organisation_id == wanted.organisation)
    return people.where(is_behind(scope.now)) if wanted.behind else people


def counted_seconds() -> ColumnElement[int]:
    """Return the counted seconds in a statement about people."""
    return func.coalesce(StudyProgress.counted_seconds, 0)


def is_behind(now: datetime) -> ColumnElement[bool]:
    """Build the condition that somebody who still studies has less than even study gives, as `pace_policy.is_behind`.

    Each has his own pace: it runs from the day on which his study was opened, where that came after the plan's.
    """
    opens, closes, admitted = (
        type_coerce(moment, BigInteger)
        for moment in (Plan.study_from, Plan.study_until, ApplicationStage.opened_at)
    )
    begins = case((admitted > opens, admitted), else_=opens)
    moment = literal(to_ms(now), BigInteger)
    pace = case(
        (moment <= begins, 0),
        (moment >= closes, Plan.required_study_seconds),
        else_=Plan.required_study_seconds * (moment - begins) // (closes - begins),
    )
    return and_(counted_seconds() < pace, ApplicationStage.state == StageState.OPEN)
