"""Reviewing: one decision at one step, by the right person, once."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.accounts.queries import get_profile
from lms.accounts.service import reveal_id_number as reveal
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import policy, queries
from lms.enrolment.errors import NotYourCase
from lms.enrolment.events import ApplicationApproved, ApplicationRejected, ApplicationReturned
from lms.enrolment.models import Application, ReviewDecision
from lms.enrolment.policy import APPLICATION, ApplicationFacts, ApplicationState, Decision
from lms.enrolment.service.identity import settle_identity
from lms.enrolment.service.spine import lay_out_stages, lock_application
from lms.plans.policy import PLAN_ZONE
from lms.plans.queries import get_plan


def approve(
    uow: UnitOfWork, actor: Actor, application_id: str, *, remark: str = "", seen_version: int | None = None
) -> ApplicationFacts:
    """Approve the present step; see `decide`."""
    return decide(uow, actor, application_id, Decision.APPROVE, remark=remark, seen_version=seen_version)


def return_for_correction(
    uow: UnitOfWork, actor: Actor, application_id: str, *, remark: str, seen_version: int | None = None
) -> ApplicationFacts:
    """Return the application for correction; see `decide`."""
    return decide(uow, actor, application_id, Decision.RETURN, remark=remark, seen_version=seen_version)


def reject(
    uow: UnitOfWork, actor: Actor, application_id: str, *, remark: str, seen_version: int | None = None
) -> ApplicationFacts:
    """Refuse the application for good; see `decide`."""
    return decide(uow, actor, application_id, Decision.REJECT, remark=remark, seen_version=seen_version)


def decide(
    uow: UnitOfWork,
    actor: Actor,
    application_id: str,
    decision: Decision,
    *,
    remark: str = "",
    seen_version: int | None = None,
) -> ApplicationFacts:
    """Decide the present step of an application.

    `seen_version` is the version the reviewer looked at; if the application has moved on since, nothing
    happens and the refusal is `stale` (C6). The same decision of the same reviewer on the same version,
    sent again after an unknown outcome, changes nothing (C8). The last approval opens the first stage.
    Raises NotFound out of scope, NotYourCase (fault I3), Invalid for a missing remark.
    """
    queries.get_application(uow, actor, application_id)
    application = lock_application(uow, application_id)
    version = application.version if seen_version is None else seen_version
    if _is_repeat(uow, actor, application_id, version, decision):
        return application
    if version != application.version:
        raise stale()
    _require_case(uow, actor, application)
    profile = get_profile(uow, application.person_id)
    today = uow.now.astimezone(PLAN_ZONE).date()
    concerns = policy.age_concerns(application.level, profile.sex, profile.birth_date, today)
    require(policy.remark_reasons(decision, remark, concerns), Invalid)
    _write_decision(uow, actor, application, decision, remark.strip())
    if application.state is ApplicationState.SUBMITTED:
        audit.move(
            uow, actor, APPLICATION, "take", Application.state, application_id, application.state,
            step=application.step,
        )  # fmt: skip
    _carry_out(uow, actor, application, decision, remark.strip())
    return queries.application_facts(uow, application_id)


def reveal_id_number(uow: UnitOfWork, actor: Actor, application_id: str, purpose: str) -> str:
    """Return the applicant's whole ID number to whoever may decide the case now, and record it.

    Raises NotFound out of scope, Conflict or NotYourCase as `decide` does, Invalid without a purpose.
    """
    queries.get_application(uow, actor, application_id)
    application = queries.application_facts(uow, application_id)
    _require_case(uow, actor, application)
    return reveal(uow, actor, application.person_id, purpose)


def _require_case(uow: UnitOfWork, actor: Actor, application: ApplicationFacts) -> None:
    require(policy.review_state_reasons(application), Conflict)
    earlier = [
        line.step
        for line in queries.decisions(uow, application.id)
        if line.actor_id == actor.person_id and line.decision is Decision.APPROVE
    ]
    require(policy.review_reasons(application, actor, earlier), NotYourCase)


def _carry_out(
    uow: UnitOfWork, actor: Actor, application: ApplicationFacts, decision: Decision, remark: str
) -> None:
    is_last = application.step == len(application.route) - 1
    changes: dict[str, object] = {"version": application.version + 1}
    if decision is Decision.APPROVE and not is_last:
        verb = "pass_on"
        step = application.step + 1
        changes |= {"step": step, "waiting_tier": application.route[step], "step_entered_at": uow.now}
    else:
        verb = str(decision)
        changes["waiting_tier"] = None
        if decision is not Decision.RETURN:
            changes["decided_at"] = uow.now
    audit.move(
        uow, actor, APPLICATION, verb, Application.state, application.id, ApplicationState.IN_REVIEW,
        remark=remark, changes=changes, step=application.step, tier=application.route[application.step],
    )  # fmt: skip
    settle_identity(uow, application.person_id)
    if decision is Decision.RETURN:
        uow.record(ApplicationReturned(application.id))
    elif decision is Decision.REJECT:
        uow.record(ApplicationRejected(application.id))
    elif is_last:
        uow.record(ApplicationApproved(application.id, application.person_id, application.plan_id))
        lay_out_stages(uow, actor, application, get_plan(uow, application.plan_id))


def _write_decision(
    uow: UnitOfWork, actor: Actor, application: ApplicationFacts, decision: Decision, remark: str
) -> None:
    tier = application.route[application.step]
    scope = next(
        path for path in policy.reviewing_scopes(actor, tier) if application.employer_path.startswith(path)
    )
    if actor.person_id is None:
        raise NotFound
    uow.session.add(
        ReviewDecision(
            id=new_id(), application_id=application.id, version=application.version, step=application.step,
            tier=tier, decision=decision, actor_id=actor.person_id, scope_path=scope, remark=remark, at=uow.now,
        )
    )  # fmt: skip
    try:
        uow.session.flush()
    except IntegrityError as error:
        raise stale() from error


def _is_repeat(uow: UnitOfWork, actor: Actor, application_id: str, version: int, decision: Decision) -> bool:
    return (
        uow.session.scalar(
            select(ReviewDecision.id).where(
                ReviewDecision.application_id == application_id,
                ReviewDecision.version == version,
                ReviewDecision.actor_id == actor.person_id,
                ReviewDecision.decision == decision,
            )
        )
        is not None
    )
