"""From whom an actor may count to the condition of a statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, true
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation
from lms.accounts.policy import OrganisationKind
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Figure, Reach, reach_of
from lms.enrolment.models import Application
from lms.enrolment.policy import ApplicationState
from lms.plans.models import Plan, PlanStage
from lms.plans.policy import PlanState, StageKind

PLANS_OFFERED = 200
"""More plans than anybody scrolls through; an older one still opens by its address."""

Issuer = aliased(Organisation)
"""The organisation that holds the plan, in every statement that counts its people."""


def counted(reach: Reach, within_path: str) -> ColumnElement[bool]:
    """Build the condition that an application is one a figure may count.

    The statement joins `Application` and, as `Issuer`, the plan's organisation. `within_path` narrows to the
    people employed below an organisation; empty does not narrow.
    """
    return and_(
        or_(within(Issuer.path, reach.issuers), within(Application.employer_path, reach.employers)),
        within(Application.employer_path, (within_path,)) if within_path else true(),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation that figures can be narrowed to."""

    id: str
    name: str
    kind: OrganisationKind
    path: str


def places(uow: UnitOfWork, actor: Actor) -> list[Place]:
    """Return the organisations within the scopes of the actor's figures, each below the one it belongs to."""
    reach = reach_of(actor, *Figure)
    rows = uow.session.execute(
        select(Organisation.id, Organisation.name, Organisation.kind, Organisation.path)
        .where(within(Organisation.path, sorted({*reach.issuers, *reach.employers})))
        .order_by(Organisation.path)
    )
    return [Place(row.id, row.name, OrganisationKind(row.kind), row.path) for row in rows]


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan whose figures can be looked at."""

    id: str
    number: str
    title: str
    peopled: bool
    """Whether anybody was approved in it."""
    studies: bool
    examines: bool
    study_from: datetime
    study_until: datetime
    required_seconds: int
    pass_mark: int
    max_attempts: int


def plan_choices(uow: UnitOfWork, actor: Actor, wanted_id: str = "") -> list[PlanChoice]:
    """Return the plans, newest first, that the actor may count people of: one statement.

    These are the plans his issuers hold, and those in which people of his employers were approved. The wanted
    one is among them however old it is, or it is not his to see.
    """
    reach = reach_of(actor, Figure.STUDY, Figure.SCORES, Figure.PASSES)
    people = (Application.plan_id == Plan.id, Application.state == ApplicationState.APPROVED)
    own_people = exists().where(*people, within(Application.employer_path, reach.employers))
    rows = uow.session.execute(
        select(Plan, exists().where(*people), _has_stage(StageKind.STUDY), _has_stage(StageKind.EXAM))
        .join(Issuer, Issuer.id == Plan.issuer_organisation_id)
        .where(
            Plan.state.in_((PlanState.PUBLISHED, PlanState.CLOSED)),
            or_(within(Issuer.path, reach.issuers), own_people),
        )
        .order_by(case((Plan.id == wanted_id, 0), else_=1), Plan.number.desc())
        .limit(PLANS_OFFERED)
    )
    found = [
        PlanChoice(
            id=plan.id, number=plan.number, title=plan.title, peopled=bool(peopled), studies=bool(studies),
            examines=bool(examines), study_from=plan.study_from, study_until=plan.study_until,
            required_seconds=plan.required_study_seconds, pass_mark=plan.pass_mark, max_attempts=plan.max_attempts,
        )
        for plan, peopled, studies, examines in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.number, reverse=True)


def _has_stage(kind: StageKind) -> ColumnElement[bool]:
    return exists().where(PlanStage.plan_id == Plan.id, PlanStage.kind == kind)
