"""Applying: start, change, hand in, hand in again, withdraw."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.accounts.policy import profile_reasons
from lms.accounts.queries import get_organisation, get_profile, profile_facts
from lms.accounts.service import lock_identity
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Forbidden, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import policy, queries
from lms.enrolment.errors import NotEligible, WrongState, applied_already
from lms.enrolment.events import ApplicationSubmitted
from lms.enrolment.models import Application
from lms.enrolment.policy import APPLICATION, ApplicationFacts, ApplicationState, Outcome
from lms.enrolment.service.identity import settle_identity
from lms.enrolment.service.spine import end_application, lock_application
from lms.plans.policy import OccupationChoice, PlanFacts, enrolment_reasons
from lms.plans.queries import get_plan

LAPSE_AFTER = timedelta(hours=1)
"""Attempts that end with the window are closed and reported well within this time."""


def eligibility(uow: UnitOfWork, person_id: str, plan: PlanFacts) -> list[Reason]:
    """Say why a person cannot apply in a plan now (A3, A5, A7, A8, A10, A11, H22)."""
    return [*enrolment_reasons(plan, uow.now), *profile_gaps(uow, person_id)]


def profile_gaps(uow: UnitOfWork, person_id: str) -> list[Reason]:
    """Say what of a person's profile is missing (A3)."""
    return profile_reasons(profile_facts(uow, person_id))


def start(uow: UnitOfWork, actor: Actor, plan_id: str, choice_key: str) -> ApplicationFacts:
    """Begin an application as a draft. Starting again in the same plan returns the live one.

    `choice_key` names the occupation and level (`OccupationChoice.key`). Raises NotEligible, Invalid
    when the plan does not offer the choice, Conflict when a live application for the same occupation
    and level exists (A6).
    """
    person_id = _person(actor)
    existing = queries.live_application(uow, person_id, plan_id)
    if existing is not None:
        return existing
    plan = get_plan(uow, plan_id)
    require(eligibility(uow, person_id, plan), NotEligible)
    choice = _choice(plan, choice_key)
    profile = get_profile(uow, person_id)
    if profile.employer_id is None:
        raise NotEligible
    employer = get_organisation(uow, profile.employer_id)
    rival = queries.live_rival(uow, profile.id_number_index, choice.edition, choice.code, choice.level)
    if rival is not None:
        raise applied_already()
    application = Application(
        id=new_id(),
        person_id=person_id,
        plan_id=plan.id,
        occupation_edition=choice.edition,
        occupation_code=choice.code,
        occupation_name=choice.name,
        level=choice.level,
        issuing_organisation_id=plan.issuer_organisation_id,
        employer_organisation_id=employer.id,
        employer_path=employer.path,
        id_number_index=profile.id_number_index,
        state=ApplicationState.DRAFT,
        route=list(policy.route_for(plan.review_route, employer.path)),
        step=0,
        version=0,
        created_at=uow.now,
    )
    uow.session.add(application)
    _flush(uow)
    audit.born(uow, actor, APPLICATION, application.id, plan_id=plan.id)
    return queries.application_facts(uow, application.id)


def change(uow: UnitOfWork, actor: Actor, application_id: str, choice_key: str) -> ApplicationFacts:
    """Choose another occupation or level in a draft or returned application."""
    application, plan = own_editable(uow, actor, application_id)
    choice = _choice(plan, choice_key)
    rival = queries.live_rival(uow, application.id_number_index, choice.edition, choice.code, choice.level)
    if rival is not None and rival.id != application.id:
        raise applied_already()
    uow.session.execute(
        update(Application)
        .where(Application.id == application_id)
        .values(
            occupation_edition=choice.edition, occupation_code=choice.code, occupation_name=choice.name,
            level=choice.level, version=Application.version + 1,
        )
    )  # fmt: skip
    uow.session.expire_all()
    audit.record(uow, actor, "application:change", application_id, fields=["occupation", "level"])
    return queries.application_facts(uow, application_id)


def submit_application(
    uow: UnitOfWork, actor: Actor, application_id: str, *, statements_accepted: bool
) -> ApplicationFacts:
    """Hand a draft in. Handing in twice changes nothing.

    Raises Invalid unless the applicant stands by the statements of A13 or A15, NotEligible, WrongState.
    """
    return _hand_in(uow, actor, application_id, "submit", statements_accepted=statements_accepted)


def resubmit(
    uow: UnitOfWork, actor: Actor, application_id: str, *, statements_accepted: bool
) -> ApplicationFacts:
    """Hand a returned application in again: it comes back to the step that returned it."""
    return _hand_in(uow, actor, application_id, "resubmit", statements_accepted=statements_accepted)


def _hand_in(
    uow: UnitOfWork, actor: Actor, application_id: str, verb: str, *, statements_accepted: bool
) -> ApplicationFacts:
    seen = _own(uow, actor, application_id)
    if seen.state in policy.REVIEWABLE_STATES:
        return seen
    application, plan = own_editable(uow, actor, application_id)
    require(policy.statement_reasons(accepted=statements_accepted), Invalid)
    person_id = _person(actor)
    # A returned application was in time once; only the profile must still be whole.
    require(
        eligibility(uow, person_id, plan) if verb == "submit" else profile_gaps(uow, person_id),
        NotEligible,
    )
    profile = get_profile(uow, person_id)
    employer = get_organisation(uow, profile.employer_id or "")
    route = policy.route_for(plan.review_route, employer.path)
    lock_identity(uow, person_id)
    moved_house = employer.path != application.employer_path
    step = 0 if moved_house else application.step  # another employer is another route, from its start
    if moved_house and application.step > 0:
        raise WrongState(
            Reason(
                "employer.changed", N_("审核开始后不能更换工作单位"), N_("您的工作单位和初审时不同"),
                N_("请撤回后重新报名"), source="A18",
            )
        )  # fmt: skip
    try:
        audit.move(
            uow, actor, APPLICATION, verb, Application.state, application_id, application.state,
            changes={
                "submitted_at": uow.now, "step_entered_at": uow.now, "step": step, "route": list(route),
                "waiting_tier": route[step], "employer_organisation_id": employer.id, "employer_path": employer.path,
                "id_number_index": profile.id_number_index, "version": application.version + 1,
            },
            step=step,
        )  # fmt: skip
    except IntegrityError as error:
        # The ID number was corrected since the draft was begun, and an application stands under the right one.
        raise applied_already() from error
    uow.record(ApplicationSubmitted(application_id))
    return queries.application_facts(uow, application_id)


def withdraw(uow: UnitOfWork, actor: Actor, application_id: str) -> ApplicationFacts:
    """Take an application back before a reviewer has begun, or after a return. Twice changes nothing."""
    _own(uow, actor, application_id)
    application = lock_application(uow, application_id)
    if application.state is ApplicationState.WITHDRAWN:
        return application
    require(policy.withdraw_reasons(application), WrongState)
    audit.move(
        uow, actor, APPLICATION, "withdraw", Application.state, application_id, application.state,
        changes={"waiting_tier": None, "version": application.version + 1},
    )  # fmt: skip
    settle_identity(uow, application.person_id)
    return queries.application_facts(uow, application_id)


def lapse_overdue(uow: UnitOfWork, actor: Actor, limit: int = 200) -> int:
    """End live applications whose plan is over, so that they stand in nobody's way; return how many."""
    overdue = queries.overdue_applications(uow, uow.now - LAPSE_AFTER, limit)
    for application_id in overdue:
        if lock_application(uow, application_id).is_live:
            end_application(uow, actor, application_id, Outcome.LAPSED)
    return len(overdue)


def own_editable(uow: UnitOfWork, actor: Actor, application_id: str) -> tuple[ApplicationFacts, PlanFacts]:
    """Hold the actor's own application for a change. Raises NotFound or WrongState."""
    _own(uow, actor, application_id)
    application = lock_application(uow, application_id)
    plan = get_plan(uow, application.plan_id)
    require(policy.edit_reasons(application, plan, uow.now), WrongState)
    return application, plan


def _own(uow: UnitOfWork, actor: Actor, application_id: str) -> ApplicationFacts:
    application = queries.application_facts(uow, application_id)
    if application.person_id != _person(actor):
        raise NotFound  # not even to staff: an application is changed by its owner alone
    return application


def _person(actor: Actor) -> str:
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id


def _choice(plan: PlanFacts, key: str) -> OccupationChoice:
    for choice in plan.occupations:
        if choice.key == key:
            return choice
    raise Invalid(
        Reason(
            "occupation.not_offered", N_("只能申报计划列出的职业和级别"), N_("您选的不在其中"), N_("请重新选择"),
            source="H21", field_name="choice",
        )
    )  # fmt: skip


def _flush(uow: UnitOfWork) -> None:
    try:
        uow.session.flush()
    except IntegrityError as error:
        # Another request of the same person came first; the constraint of A6 or H19 refused this one.
        raise applied_already() from error
