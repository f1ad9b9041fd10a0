"""Reading plans. Other rooms see a plan as `PlanFacts`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select

from lms.accounts.models import Organisation
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.errors import NotFound, Reason
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import course_facts
from lms.plans import policy
from lms.plans.models import Plan, PlanOccupation, PlanStage
from lms.plans.policy import ExaminerLevel, OccupationChoice, PlanFacts, PlanState, StageKind
from lms.questions.queries import blueprint_facts

__all__ = [
    "OccupationChoice", "PlanFacts", "blueprints_in_use", "exam_lasts_beyond", "find_plan", "get_plan",
    "get_plan_in_scope", "open_plans", "plans_by_id", "plans_in_scope", "publish_reasons",
]  # fmt: skip

PLAN_STAFF = (Role.EXAM_ADMIN, Role.AUDITOR, Role.ADMINISTRATOR)


def get_plan(uow: UnitOfWork, plan_id: str) -> PlanFacts:
    """Return a plan. Raises NotFound."""
    plan = find_plan(uow, plan_id)
    if plan is None:
        raise NotFound
    return plan


def find_plan(uow: UnitOfWork, plan_id: str) -> PlanFacts | None:
    """Return a plan, or None."""
    rows = _ONE.rows(uow.session, {"plan": plan_id})
    if not rows:
        return None
    occupations = [_occupation(row) for row in _OCCUPATIONS_OF_ONE.rows(uow.session, {"plan": plan_id})]
    return _facts(rows[0], occupations, _stages(rows))


def plans_by_id(uow: UnitOfWork, plan_ids: Iterable[str]) -> dict[str, PlanFacts]:
    """Return plans by id in two statements, whatever their number."""
    wanted = set(plan_ids)
    return {plan.id: plan for plan in _read(uow, _BY_ID, {"plans": sorted(wanted)})} if wanted else {}


def get_plan_in_scope(uow: UnitOfWork, actor: Actor, plan_id: str, *roles: Role) -> PlanFacts:
    """Return a plan that one of the actor's roles reaches. Raises NotFound otherwise (fault I2)."""
    plan = get_plan(uow, plan_id)
    if not actor.covers(plan.issuer_path, roles or PLAN_STAFF):
        raise NotFound
    return plan


def plans_in_scope(uow: UnitOfWork, actor: Actor) -> list[PlanFacts]:
    """Return the plans whose issuer lies within the actor's scopes, newest first."""
    scopes = actor.scope_paths(*PLAN_STAFF)
    return _read(uow, _plans().where(within(Organisation.path, scopes)).order_by(Plan.number.desc()))


def open_plans(uow: UnitOfWork, now: datetime) -> list[PlanFacts]:
    """Return the published plans that can be enrolled in now or soon, the next deadline first."""
    return _read(
        uow,
        _plans().where(Plan.state == PlanState.PUBLISHED, Plan.enrol_until > now).order_by(Plan.enrol_until),
    )


def publish_reasons(uow: UnitOfWork, plan: PlanFacts, now: datetime) -> list[Reason]:
    """Say what is missing before a plan may be published: the page and the service ask here."""
    course = course_facts(uow, plan.course_id) if plan.course_id else None
    blueprint = blueprint_facts(uow, plan.blueprint_id) if plan.blueprint_id else None
    return policy.publish_reasons(
        plan,
        now,
        course_seconds=course.total_seconds if course else None,
        course_minimum=course.min_seconds if course else 0,
        blueprint_points=blueprint.total_points if blueprint else None,
        blueprint_shortages=blueprint.shortages if blueprint else (),
        is_blueprint_on_offer=blueprint is None or blueprint.is_on_offer,
    )


def blueprints_in_use(uow: UnitOfWork, now: datetime) -> set[str]:
    """Return the blueprints from which papers of published plans are still drawn."""
    rows = uow.session.scalars(
        select(Plan.blueprint_id).where(Plan.state == PlanState.PUBLISHED, exam_lasts_beyond(now))
    )
    return {blueprint_id for blueprint_id in rows if blueprint_id}


def exam_lasts_beyond(moment: datetime) -> ColumnElement[bool]:
    """Build the condition that a plan's exam is not over for everybody at a moment: `PlanFacts.exam_over_at`."""
    return func.coalesce(Plan.exam_prolonged_until, Plan.exam_until) > moment


def _plans() -> Select[*tuple[Any, ...]]:
    """Ask for plans with their issuers and, a row for each, their stages.

    For columns: every page of a trainee asks this, and objects of rows take twice as long.
    """
    return (
        select(
            *Plan.__table__.columns,
            Organisation.name.label("issuer_name"),
            Organisation.path.label("issuer_path"),
            PlanStage.kind.label("stage"),
            PlanStage.position.label("stage_position"),
        )
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .outerjoin(PlanStage, PlanStage.plan_id == Plan.id)
    )


# Built once: hundreds who start in one minute ask these, and building them takes longer than their answers.
_BY_ID = _plans().where(Plan.id.in_(bindparam("plans", expanding=True)))
_ONE = ReadyStatement(_plans().where(Plan.id == bindparam("plan")))
_EVERY_OCCUPATION = select(
    PlanOccupation.plan_id,
    PlanOccupation.edition,
    PlanOccupation.code,
    PlanOccupation.name,
    PlanOccupation.level,
).order_by(PlanOccupation.position)
_OCCUPATIONS = _EVERY_OCCUPATION.where(PlanOccupation.plan_id.in_(bindparam("plans", expanding=True)))
_OCCUPATIONS_OF_ONE = ReadyStatement(_EVERY_OCCUPATION.where(PlanOccupation.plan_id == bindparam("plan")))


def _read(
    uow: UnitOfWork,
    wanted: Select[*tuple[Any, ...]],
    values: Mapping[str, Any] = MappingProxyType({}),
) -> list[PlanFacts]:
    found: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in uow.session.execute(wanted, values):
        found.setdefault(row.id, []).append(row)
    occupations: dict[str, list[OccupationChoice]] = {plan_id: [] for plan_id in found}
    if found:
        for row in uow.session.execute(_OCCUPATIONS, {"plans": list(occupations)}):
            occupations[row.plan_id].append(_occupation(row))
    return [_facts(rows[0], occupations[plan_id], _stages(rows)) for plan_id, rows in found.items()]


def _occupation(row: Row[*tuple[Any, ...]]) -> OccupationChoice:
    return OccupationChoice(row.edition, row.code, row.name, ExaminerLevel(row.level))


def _stages(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[StageKind]:
    """Return a plan's stages in their order; a plan without any has one row, with none in it."""
    return [
        StageKind(kind) for _, kind in sorted((row.stage_position, row.stage) for row in rows if row.stage)
    ]


def _facts(
    plan: Row[*tuple[Any, ...]], occupations: Sequence[OccupationChoice], stages: Sequence[StageKind]
) -> PlanFacts:
    return PlanFacts(
        id=plan.id,
        number=plan.number,
        title=plan.title,
        template_code=plan.template_code,
        state=PlanState(plan.state),
        issuer_organisation_id=plan.issuer_organisation_id,
        issuer_name=plan.issuer_name,
        issuer_path=plan.issuer_path,
        occupations=tuple(occupations),
        stages=tuple(stages),
        enrol_from=plan.enrol_from,
        enrol_until=plan.enrol_until,
        study_from=plan.study_from,
        study_until=plan.study_until,
        exam_from=plan.exam_from,
        exam_until=plan.exam_until,
        required_study_seconds=plan.required_study_seconds,
        beat_interval_seconds=plan.beat_interval_seconds,
        presence_min_seconds=plan.presence_min_seconds,
        presence_max_seconds=plan.presence_max_seconds,
        presence_answer_seconds=plan.presence_answer_seconds,
        may_skip_ahead=plan.may_skip_ahead,
        top_speed_percent=plan.top_speed_percent,
        daily_limit_seconds=plan.daily_limit_seconds,
        pass_mark=plan.pass_mark,
        exam_duration_seconds=plan.exam_duration_seconds,
        max_attempts=plan.max_attempts,
        course_id=plan.course_id,
        blueprint_id=plan.blueprint_id,
        review_route=tuple(OrganisationKind(tier) for tier in plan.review_route),
        number_rule=plan.number_rule,
        keeps_number=plan.keeps_number,
        validity_years=plan.validity_years,
        created_at=plan.created_at,
        published_at=plan.published_at,
        exam_prolonged_until=plan.exam_prolonged_until,
    )
