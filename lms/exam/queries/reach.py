"""Whose exam an actor reaches: everybody's of a plan, that of the people in some rooms, or of some organisations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.models.attempts import Attempt
from lms.exam.models.rooms import ExamRoom, RoomInvigilator, Seating
from lms.exam.policy.attempts import GRACE, AttemptState
from lms.exam.policy.conditions import Target, TargetKind
from lms.exam.policy.rooms import room_order
from lms.plans.models import Plan
from lms.plans.policy import PlanFacts, PlanState, StageKind
from lms.plans.queries import exam_lasts_beyond, get_plan, plans_by_id

WATCHERS = (Role.EXAM_ADMIN, Role.INVIGILATOR, Role.AUDITOR, Role.ADMINISTRATOR)
"""Who may look at the board and the evidence."""
STEWARDS = (Role.EXAM_ADMIN, Role.INVIGILATOR)
"""Who may do something about an exam."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose exam an actor reaches in a plan: everybody's, that of those in some rooms, or of some organisations."""

    plan: PlanFacts
    is_whole: bool
    scopes: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    """The rooms an invigilator is bound to; then nothing else is his in this plan, whatever his organisations are."""

    def condition(self) -> ColumnElement[bool]:
        """Build the condition on a joined `Application` and its employer's `Organisation.path`."""
        if self.is_whole:
            return true()
        if self.rooms:
            return sits_in(self.rooms)
        return within(Organisation.path, self.scopes)


def reach_of(uow: UnitOfWork, actor: Actor, plan_id: str, *roles: Role) -> Reach:
    """Return an actor's reach in a plan's exam. Raises NotFound when there is none (fault I2).

    Who holds a role over the plan's issuer reaches everybody; an invigilator also the people of his own organisations.
    An invigilator who is bound to rooms of the plan reaches these rooms alone, wherever their people work.
    """
    plan = get_plan(uow, plan_id)
    wanted = roles or WATCHERS
    if actor.covers(plan.issuer_path, [role for role in wanted if role is not Role.INVIGILATOR]):
        return Reach(plan, is_whole=True)
    scopes = actor.scope_paths(Role.INVIGILATOR) if Role.INVIGILATOR in wanted else ()
    if not scopes:
        raise NotFound
    if rooms := _rooms_bound_to(uow, actor, plan_id):
        return Reach(plan, is_whole=False, rooms=rooms)
    if actor.covers(plan.issuer_path, (Role.INVIGILATOR,)):
        return Reach(plan, is_whole=True)
    reach = Reach(plan, is_whole=False, scopes=scopes)
    is_anybody_there = uow.session.scalar(
        _people()
        .where(Application.plan_id == plan_id, reach.condition())
        .with_only_columns(Application.id)
        .limit(1)
    )
    if not is_anybody_there:
        raise NotFound
    return reach


def plans_watched(
    uow: UnitOfWork, actor: Actor, *roles: Role, since: datetime, until: datetime
) -> list[PlanFacts]:
    """Return published plans within an actor's reach whose exam window touches a span, the earliest first."""
    wanted = roles or WATCHERS
    scopes = actor.scope_paths(*wanted)
    own = actor.scope_paths(Role.INVIGILATOR) if Role.INVIGILATOR in wanted else ()
    issuers = select(Organisation.id).where(within(Organisation.path, scopes))
    theirs = _people().where(within(Organisation.path, own)).with_only_columns(Application.plan_id)
    in_rooms = _bindings(actor.person_id if own else None).with_only_columns(ExamRoom.plan_id)
    ids = uow.session.scalars(
        select(Plan.id).where(
            Plan.state == PlanState.PUBLISHED, Plan.exam_from < until, exam_lasts_beyond(since),
            or_(Plan.issuer_organisation_id.in_(issuers), Plan.id.in_(theirs), Plan.id.in_(in_rooms)),
        )
    )  # fmt: skip
    return sorted(plans_by_id(uow, ids).values(), key=lambda one: (one.exam_from, one.number))


def reached(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Build the condition that `reach_of` builds for one plan, for all plans at once.

    It stands on a joined `Plan`, its `Application` and the `Organisation` of the employer.
    """
    wanted = roles or WATCHERS
    own = actor.scope_paths(Role.INVIGILATOR) if Role.INVIGILATOR in wanted else ()
    others = actor.scope_paths(*(role for role in wanted if role is not Role.INVIGILATOR))
    if not own:
        return _issued_within(others)
    bound = _bindings(actor.person_id).where(ExamRoom.plan_id == Plan.id).with_only_columns(ExamRoom.id)
    is_bound = exists(bound.correlate(Plan))
    sits_there = exists(
        _bindings(actor.person_id)
        .join(Seating, Seating.room_id == ExamRoom.id)
        .where(
            Seating.plan_id == Plan.id, Seating.person_id == Application.person_id, Seating.left_at.is_(None)
        )
        .with_only_columns(Seating.id)
        .correlate(Plan, Application)
    )  # fmt: skip
    by_role = or_(_issued_within(own), within(Organisation.path, own))
    return or_(_issued_within(others), and_(is_bound, sits_there), and_(~is_bound, by_role))


def _issued_within(scopes: Sequence[str]) -> ColumnElement[bool]:
    return Plan.issuer_organisation_id.in_(select(Organisation.id).where(within(Organisation.path, scopes)))


def rooms_alone(
    uow: UnitOfWork, actor: Actor, plans: Iterable[PlanFacts], *roles: Role
) -> dict[str, list[str]]:
    """Return the names of the rooms with which an actor's reach ends, by plan, in the order of lists.

    As `reach_of` decides: a binding says nothing of somebody who no longer invigilates, nor of somebody whose other
    role reaches the whole plan.
    """
    wanted = roles or WATCHERS
    if Role.INVIGILATOR not in wanted or not actor.has_role(Role.INVIGILATOR):
        return {}
    others = [role for role in wanted if role is not Role.INVIGILATOR]
    plan_ids = [plan.id for plan in plans if not actor.covers(plan.issuer_path, others)]
    found: dict[str, list[str]] = {}
    for row in uow.session.scalars(_bindings(actor.person_id).where(ExamRoom.plan_id.in_(plan_ids))):
        found.setdefault(row.plan_id, []).append(row.name)
    return {plan_id: sorted(names, key=room_order) for plan_id, names in found.items()}


def target_attempts(uow: UnitOfWork, reach: Reach, target: Target) -> list[str]:
    """Return the running attempts that an act reaches, in the order of their ids.

    Raises NotFound for a target beyond the reach. Overdue ones are closed already in all but name: time is not given
    back to them.
    """
    require_target(uow, reach, target)
    wanted = (
        select(Attempt.id)
        .join(Application, Application.id == Attempt.application_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .where(
            Attempt.plan_id == reach.plan.id, Attempt.state == AttemptState.IN_PROGRESS,
            Attempt.deadline_at >= uow.now - GRACE, reach.condition(),
        )
        .order_by(Attempt.id)
    )  # fmt: skip
    if target.kind is TargetKind.PLACE:
        wanted = wanted.where(within(Organisation.path, [place_path(uow, target.id)]))
    elif target.kind is TargetKind.ROOM:
        wanted = wanted.where(sits_in([target.id]))
    elif target.kind is TargetKind.ATTEMPT:
        wanted = wanted.where(Attempt.id == target.id)
    return list(uow.session.scalars(wanted))


def require_target(uow: UnitOfWork, reach: Reach, target: Target) -> None:
    """Raise NotFound unless the whole target lies within the reach."""
    if target.kind is TargetKind.EVERYONE:
        if not reach.is_whole:
            raise NotFound
    elif target.kind is TargetKind.PLACE:
        path = place_path(uow, target.id)
        if not reach.is_whole and not any(path.startswith(scope) for scope in reach.scopes):
            raise NotFound
    elif target.kind is TargetKind.ROOM:
        is_theirs = reach.is_whole or target.id in reach.rooms
        if not is_theirs or not room_stands(uow, reach.plan.id, target.id):
            raise NotFound
    elif uow.session.get(Attempt, target.id) is None or not _reaches_attempt(uow, reach, target.id):
        raise NotFound


def held_by(uow: UnitOfWork, plan_id: str, measure_id: str) -> list[str]:
    """Return the attempts that a pause holds, in the order of their ids: wherever their people sit by now."""
    return list(
        uow.session.scalars(
            select(Attempt.id)
            .where(
                Attempt.plan_id == plan_id, Attempt.state == AttemptState.IN_PROGRESS, Attempt.pause_id == measure_id,
                Attempt.paused_until > uow.now,
            )
            .order_by(Attempt.id)
        )
    )  # fmt: skip


def room_stands(uow: UnitOfWork, plan_id: str, room_id: str) -> bool:
    """Tell whether a room belongs to a plan and was not removed."""
    found = uow.session.scalar(
        select(ExamRoom.id).where(
            ExamRoom.id == room_id, ExamRoom.plan_id == plan_id, ExamRoom.removed_at.is_(None)
        )
    )
    return found is not None


def sits_in(room_ids: Sequence[str]) -> ColumnElement[bool]:
    """Build the condition that the person of a joined `Application` sits in one of some rooms now."""
    return exists(
        select(Seating.id)
        .where(
            Seating.plan_id == Application.plan_id, Seating.person_id == Application.person_id,
            Seating.left_at.is_(None), Seating.room_id.in_(room_ids),
        )
        .correlate(Application)
    )  # fmt: skip


def _rooms_bound_to(uow: UnitOfWork, actor: Actor, plan_id: str) -> tuple[str, ...]:
    wanted = _bindings(actor.person_id).where(ExamRoom.plan_id == plan_id).with_only_columns(ExamRoom.id)
    return tuple(uow.session.scalars(wanted.order_by(ExamRoom.id)))


def _bindings(person_id: str | None) -> Select[ExamRoom]:
    return (
        select(ExamRoom)
        .join(RoomInvigilator, RoomInvigilator.room_id == ExamRoom.id)
        .where(RoomInvigilator.person_id == person_id, ExamRoom.removed_at.is_(None))
    )


def place_path(uow: UnitOfWork, organisation_id: str) -> str:
    """Return the path of an organisation. Raises NotFound."""
    path = uow.session.scalar(select(Organisation.path).where(Organisation.id == organisation_id))
    if path is None:
        raise NotFound
    return path


def places(uow: UnitOfWork, reach: Reach) -> list[tuple[str, str]]:
    """Return (id, name) of the organisations whose people take part, within the reach."""
    rows = uow.session.execute(
        select(Organisation.id, Organisation.name)
        .join(Application, Application.employer_organisation_id == Organisation.id)
        .where(Application.plan_id == reach.plan.id, reach.condition())
        .distinct()
        .order_by(Organisation.name)
    )
    return [(row[0], row[1]) for row in rows]


def attempt_reach(uow: UnitOfWork, actor: Actor, attempt_id: str, *roles: Role) -> Reach:
    """Return an actor's reach in the plan of an attempt. Raises NotFound for an attempt beyond it."""
    attempt = uow.session.get(Attempt, attempt_id)
    if attempt is None:
        raise NotFound
    reach = reach_of(uow, actor, attempt.plan_id, *roles)
    if not _reaches_attempt(uow, reach, attempt_id):
        raise NotFound
    return reach


def _reaches_attempt(uow: UnitOfWork, reach: Reach, attempt_id: str) -> bool:
    found = uow.session.scalar(
        select(Attempt.id)
        .join(Application, Application.id == Attempt.application_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .where(Attempt.id == attempt_id, Attempt.plan_id == reach.plan.id, reach.condition())
    )
    return found is not None


def _people() -> Select[Application]:
    return select(Application).join(Organisation, Organisation.id == Application.employer_organisation_id)


def examinees(uow: UnitOfWork, plan_id: str) -> list[tuple[str, str, str]]:
    """Return (person id, name, employer) of everybody who has an exam stage in a plan."""
    rows = uow.session.execute(
        select(Person.id, Person.display_name, Organisation.name)
        .join(Application, Application.person_id == Person.id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .join(
            ApplicationStage,
            and_(ApplicationStage.application_id == Application.id, ApplicationStage.kind == StageKind.EXAM),
        )
        .where(Application.plan_id == plan_id, Application.ended_at.is_(None))
        .order_by(Person.display_name, Person.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]
