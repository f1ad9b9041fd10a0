"""Reading applications and what other rooms need of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal_column, or_, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import OrganisationKind, Role
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import (
    REVIEWABLE_STATES,
    ApplicationFacts,
    ApplicationState,
    Outcome,
    StageChoice,
    StageFacts,
    StageState,
    stage_reasons,
)
from lms.plans.models import Plan
from lms.plans.policy import ExaminerLevel, StageKind
from lms.plans.queries import exam_lasts_beyond, plans_by_id

CASE_STAFF = (
    Role.REVIEWER, Role.INSTITUTION_OFFICER, Role.EXAM_ADMIN, Role.REGISTRAR, Role.AUDITOR, Role.ADMINISTRATOR,
)  # fmt: skip


_WITH_STAGES: Select[*tuple[Any, ...]] = select(
    *Application.__table__.columns,
    *(column.label(f"stage_{column.key}") for column in ApplicationStage.__table__.columns),
).outerjoin(ApplicationStage, ApplicationStage.application_id == Application.id)
"""Applications with, a row for each, their stages."""
# Hundreds who start or hand in within one minute ask these.
_ONE = ReadyStatement(
    _WITH_STAGES.where(Application.id == bindparam("application")).order_by(ApplicationStage.position)
)
_LIVE = ReadyStatement(
    _WITH_STAGES.where(
        Application.person_id == bindparam("person"),
        Application.plan_id == bindparam("plan"),
        Application.state != ApplicationState.REJECTED,
        Application.state != ApplicationState.WITHDRAWN,
    ).order_by(ApplicationStage.position)
)


def application_facts(uow: UnitOfWork, application_id: str) -> ApplicationFacts:
    """Return an application, without looking at who asks: for services and jobs. Raises NotFound."""
    found = _told(_ONE.rows(uow.session, {"application": application_id}))
    if not found:
        raise NotFound
    return found[0]


def get_application(uow: UnitOfWork, actor: Actor, application_id: str) -> ApplicationFacts:
    """Return an application that is the actor's own or lies within a staff scope. Raises NotFound (I2)."""
    found = application_facts(uow, application_id)
    if found.person_id != actor.person_id and not actor.covers(found.employer_path, CASE_STAFF):
        raise NotFound
    return found


def applications_of(uow: UnitOfWork, person_id: str) -> list[ApplicationFacts]:
    """Return a person's applications, newest first."""
    mine = _WITH_STAGES.where(Application.person_id == person_id)
    return _told(uow.session.execute(mine.order_by(Application.created_at.desc(), ApplicationStage.position)))


def stage_choices(uow: UnitOfWork, person_id: str, kind: StageKind) -> list[StageChoice]:
    """Return a person's applications whose plan has a stage, newest first, with why each is not open now.

    An application that came to nothing is none of them.
    """
    mine = [
        one
        for one in applications_of(uow, person_id)
        if one.is_live or one.state is ApplicationState.APPROVED
    ]
    plans = plans_by_id(uow, (one.plan_id for one in mine))
    return [
        StageChoice(one, plan, tuple(stage_reasons(one, plan, kind, uow.now)))
        for one in mine
        if kind in (plan := plans[one.plan_id]).stages
    ]


def live_application(uow: UnitOfWork, person_id: str, plan_id: str) -> ApplicationFacts | None:
    """Return a person's application in a plan that was neither refused nor withdrawn, or None."""
    found = _told(_LIVE.rows(uow.session, {"person": person_id, "plan": plan_id}))
    return found[0] if found else None


def approved_application(uow: UnitOfWork, person_id: str, plan_id: str) -> ApplicationFacts | None:
    """Return a person's approved application in a plan, or None."""
    found = live_application(uow, person_id, plan_id)
    return found if found is not None and found.state is ApplicationState.APPROVED else None


def live_rival(
    uow: UnitOfWork, id_number_index: str, edition: str, code: str, level: ExaminerLevel
) -> ApplicationFacts | None:
    """Return the live application for the same ID number, occupation and level, or None (A6)."""
    found = _told(
        uow.session.execute(
            _WITH_STAGES.where(
                Application.id_number_index == id_number_index,
                Application.occupation_edition == edition,
                Application.occupation_code == code,
                Application.level == level,
                Application.outcome.is_(None),
                Application.state.not_in((ApplicationState.REJECTED, ApplicationState.WITHDRAWN)),
            ).order_by(ApplicationStage.position)
        )
    )
    return found[0] if found else None


_RESTS_ON_IDENTITY = ReadyStatement(
    select(Application.id)
    .where(
        Application.person_id == bindparam("person"),
        or_(*(Application.state == state for state in (*REVIEWABLE_STATES, ApplicationState.APPROVED))),
        or_(Application.outcome.is_(None), Application.outcome == Outcome.COMPLETED),
    )
    .limit(literal_column("1"))
)


def rests_on_identity(uow: UnitOfWork, person_id: str) -> bool:
    """Tell whether an application under review or in force rests on a person's identity as it stands (A12)."""
    return _RESTS_ON_IDENTITY.first(uow.session, {"person": person_id}) is not None


@dataclass(frozen=True, slots=True)
class CompletedApplication:
    """What a certificate needs of a completed application."""

    application_id: str
    person_id: str
    plan_id: str
    plan_number: str
    occupation_edition: str
    occupation_code: str
    occupation_name: str
    level: ExaminerLevel
    issuing_organisation_id: str
    employer_organisation_id: str
    id_number_index: str
    number_rule: str
    keeps_number: bool
    validity_years: int
    completed_at: datetime


def completed_application_facts(uow: UnitOfWork, application_id: str) -> CompletedApplication:
    """Return what a certificate needs. Raises NotFound unless the last stage was passed."""
    row = uow.session.execute(
        select(Application, Plan)
        .join(Plan, Plan.id == Application.plan_id)
        .where(Application.id == application_id, Application.outcome == Outcome.COMPLETED)
    ).first()
    if row is None:
        raise NotFound
    application, plan = row
    completed_at = application.ended_at
    if completed_at is None:
        raise NotFound
    return CompletedApplication(
        application_id=application.id,
        person_id=application.person_id,
        plan_id=plan.id,
        plan_number=plan.number,
        occupation_edition=application.occupation_edition,
        occupation_code=application.occupation_code,
        occupation_name=application.occupation_name,
        level=ExaminerLevel(application.level),
        issuing_organisation_id=application.issuing_organisation_id,
        employer_organisation_id=application.employer_organisation_id,
        id_number_index=application.id_number_index,
        number_rule=plan.number_rule,
        keeps_number=plan.keeps_number,
        validity_years=plan.validity_years,
        completed_at=completed_at,
    )


@dataclass(frozen=True, slots=True)
class ApplicantLine:
    """One line of a plan's list of applicants."""

    application: ApplicationFacts
    name: str
    employer_name: str


def applications_in(uow: UnitOfWork, plan_id: str, limit: int = 2000) -> list[ApplicantLine]:
    """Return who has handed in an application in a plan, by employer and name. The caller checks the scope."""
    rows = uow.session.execute(
        select(Application.id, Profile.name, Organisation.name)
        .join(Profile, Profile.person_id == Application.person_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .where(Application.plan_id == plan_id, Application.submitted_at.is_not(None))
        .order_by(Organisation.name, Profile.name)
        .limit(limit)
    ).all()
    found = {
        one.id: one
        for one in _told(
            uow.session.execute(
                _WITH_STAGES.where(Application.plan_id == plan_id).order_by(ApplicationStage.position)
            )
        )
    }
    return [ApplicantLine(found[application_id], name, employer) for application_id, name, employer in rows]


def overdue_applications(uow: UnitOfWork, ended_before: datetime, limit: int = 200) -> list[str]:
    """Return live applications whose plan's exam was over for everybody at a moment and that wait for nothing later.

    An approved one waits for something later when a stage without a plan window is open (B6, B7).
    """
    later_stage = exists().where(
        ApplicationStage.application_id == Application.id,
        ApplicationStage.state == StageState.OPEN,
        ApplicationStage.kind.in_((StageKind.OFFLINE, StageKind.QUALIFICATION_EXAM)),
    )
    return list(
        uow.session.scalars(
            select(Application.id)
            .join(Plan, Plan.id == Application.plan_id)
            .where(
                ~exam_lasts_beyond(ended_before),
                Application.outcome.is_(None),
                Application.state.not_in((ApplicationState.REJECTED, ApplicationState.WITHDRAWN)),
                ~later_stage,
            )
            .limit(limit)
        )
    )


def _told(rows: Iterable[Any]) -> list[ApplicationFacts]:
    """Turn rows of `_WITH_STAGES` into what other rooms see."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return [_facts_of(some[0], some) for some in found.values()]


def _facts_of(row: Any, stages: Sequence[Any]) -> ApplicationFacts:
    """Build an application from its rows: one for each stage, or one without any."""
    return ApplicationFacts(
        id=row.id,
        person_id=row.person_id,
        plan_id=row.plan_id,
        occupation_edition=row.occupation_edition,
        occupation_code=row.occupation_code,
        occupation_name=row.occupation_name,
        level=ExaminerLevel(row.level),
        issuing_organisation_id=row.issuing_organisation_id,
        employer_organisation_id=row.employer_organisation_id,
        employer_path=row.employer_path,
        id_number_index=row.id_number_index,
        state=ApplicationState(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        route=tuple(OrganisationKind(tier) for tier in row.route),
        step=row.step,
        version=row.version,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        step_entered_at=row.step_entered_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        stages=tuple(
            StageFacts(
                id=stage.stage_id,
                application_id=row.id,
                person_id=row.person_id,
                plan_id=row.plan_id,
                kind=StageKind(stage.stage_kind),
                position=stage.stage_position,
                state=StageState(stage.stage_state),
                opened_at=stage.stage_opened_at,
                closed_at=stage.stage_closed_at,
            )
            for stage in stages
            if stage.stage_id is not None
        ),
    )
