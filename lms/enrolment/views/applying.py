"""Applying: plans to choose from, the application with its road, evidence, handing in, withdrawing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, signed_in
from lms.accounts.forms import show_reasons
from lms.accounts.queries import find_profile, get_organisation, names_of
from lms.audit.queries import history
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.enrolment import policy, queries, service
from lms.enrolment.forms import ApplicationForm, EvidenceForm
from lms.enrolment.policy import (
    EDITABLE_STATES,
    EVIDENCE_NAMES,
    STATEMENTS,
    ApplicationFacts,
    EvidenceKind,
)
from lms.enrolment.views import story
from lms.enrolment.views.blueprint import blueprint
from lms.plans.policy import (
    LEVEL_NAMES,
    PLAN_ZONE,
    TIER_NAMES,
    PlanFacts,
    PlanState,
    enrolment_reasons,
)
from lms.plans.queries import get_plan, open_plans, plans_by_id

Reply = str | Response | tuple[str, int]
ENTERED = "entered_beside_evidence"
MAX_CHOICE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """One plan of the list, with why it cannot be enrolled in yet and the application already made."""

    plan: PlanFacts
    is_open: bool
    application_id: str | None


@blueprint.get("/applications")
@signed_in
def index() -> str:
    """List my applications and the plans that can be enrolled in."""
    actor, now = current_actor(), arrived_at()
    person_id = _me(actor)
    with runtime().read(now) as uow:
        mine = queries.applications_of(uow, person_id)
        plans = plans_by_id(uow, (one.plan_id for one in mine))
        kept = {one.plan_id: one.id for one in mine if one.state not in ("rejected", "withdrawn")}
        offered = [
            OpenPlan(plan, not enrolment_reasons(plan, now), kept.get(plan.id))
            for plan in open_plans(uow, now)
        ]
        gaps = service.profile_gaps(uow, person_id)
    return render_template(
        "enrolment/index.html", mine=mine, plans=plans, offered=offered, gaps=gaps,
        level_names=LEVEL_NAMES,
    )  # fmt: skip


@blueprint.route("/applications/plans/<plan_id>", methods=["GET", "POST"])
@signed_in
def apply(plan_id: str) -> Reply:
    """Show a plan and apply for it: as a draft, or handed in at once."""
    actor, now = current_actor(), arrived_at()
    person_id = _me(actor)
    form = ApplicationForm()
    with runtime().read(now) as uow:
        plan = get_plan(uow, plan_id)
        if plan.state is PlanState.DRAFT:
            raise NotFound
        existing = queries.live_application(uow, person_id, plan_id)
        reasons = enrolment_reasons(plan, now)
        gaps = service.profile_gaps(uow, person_id)
    form.offer(plan)
    if existing is not None:
        return redirect(url_for("enrolment.show", application_id=existing.id))
    if form.is_submitted() and _is_whole(form):
        try:
            with runtime().write(now) as uow:
                begun = service.start(uow, actor, plan_id, form.choice.data)
                if request.form.get("action") == "submit":
                    service.submit_application(uow, actor, begun.id, statements_accepted=form.statements.data)
        except Refusal as refusal:
            if not refusal.reasons:
                raise
            show_reasons(form, refusal)
        else:
            handed_in = request.form.get("action") == "submit"
            flash(_("申请已提交") if handed_in else _("草稿已保存，请补充材料后提交"), "ok")
            return redirect(url_for("enrolment.show", application_id=begun.id))
    page = render_template(
        "enrolment/apply.html", form=form, plan=plan, reasons=reasons, gaps=gaps, statements=_statements(plan),
        level_names=LEVEL_NAMES, tier_names=TIER_NAMES,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/applications/<application_id>")
@signed_in
def show(application_id: str) -> str:
    """Show my application with its road and its trail."""
    form = ApplicationForm(formdata=None)
    entered = session.pop(ENTERED, None)
    if isinstance(entered, dict) and entered.get("application") == application_id:
        form.choice.data, form.statements.data = entered.get("choice"), bool(entered.get("statements"))
    return _page(application_id, form, EvidenceForm(formdata=None))


@blueprint.post("/applications/<application_id>")
@signed_in
def save(application_id: str) -> Reply:
    """Save a draft or returned application, and hand it in when that button was used."""
    actor, now = current_actor(), arrived_at()
    form = ApplicationForm()
    with runtime().read(now) as uow:
        application = _mine(uow, actor, application_id)
        form.offer(get_plan(uow, application.plan_id))
    if _is_whole(form):
        hands_in = request.form.get("action") == "submit"
        try:
            with runtime().write(now) as uow:
                _save(uow, actor, application, form, hands_in=hands_in)
        except Refusal as refusal:
            if isinstance(refusal, NotFound) or not refusal.reasons:
                raise
            show_reasons(form, refusal)
        else:
            flash(_("申请已提交") if hands_in else _("已保存"), "ok")
            return redirect(url_for("enrolment.show", application_id=application_id))
    return _page(application_id, form, EvidenceForm(formdata=None)), 422


def _is_whole(form: ApplicationForm) -> bool:
    """Check the form; whoever hands in without his word on the statements is told with all the rest."""
    is_valid = bool(form.validate())
    if request.form.get("action") != "submit":
        return is_valid
    reasons = policy.statement_reasons(accepted=form.statements.data)
    if not is_valid:
        show_reasons(form, Invalid(reasons))
    return is_valid  # alone, the missing word is refused by the service, in the same words


def _save(
    uow: UnitOfWork, actor: Actor, application: ApplicationFacts, form: ApplicationForm, *, hands_in: bool
) -> None:
    if _choice_key(application) != form.choice.data:
        service.change(uow, actor, application.id, form.choice.data)
    if not hands_in:
        return
    hand_in = service.submit_application if application.state == "draft" else service.resubmit
    hand_in(uow, actor, application.id, statements_accepted=form.statements.data)


@blueprint.post("/applications/<application_id>/evidence")
@signed_in
def add_evidence(application_id: str) -> Reply:
    """Upload one proof; it is checked and stored before any transaction begins.

    What was chosen and ticked in the form beside it comes along and is there again afterwards.
    """
    actor, now = current_actor(), arrived_at()
    with runtime().read(now) as uow:
        _mine(uow, actor, application_id)
    form, beside = EvidenceForm(), ApplicationForm()
    upload = form.evidence.data
    data = upload.read() if upload else b""
    if not data:
        form.validate()
        form.evidence.errors = [*form.evidence.errors, _("请选择文件")]
    elif form.validate():
        try:
            clean = service.clean_evidence(runtime().storage, data)
            with runtime().write(now) as uow:
                service.attach_evidence(uow, actor, application_id, EvidenceKind(form.kind.data), clean)
        except Refusal as refusal:
            if isinstance(refusal, NotFound) or not refusal.reasons:
                raise
            show_reasons(form, refusal)
        else:
            flash(_("材料已上传"), "ok")
            session[ENTERED] = {
                "application": application_id, "choice": (beside.choice.data or "")[:MAX_CHOICE_LENGTH],
                "statements": beside.statements.data,
            }  # fmt: skip
            return redirect(url_for("enrolment.show", application_id=application_id))
    return _page(application_id, beside, form), 422


@blueprint.post("/applications/<application_id>/evidence/<evidence_id>/remove")
@signed_in
def remove_evidence(application_id: str, evidence_id: str) -> Response:
    """Take one proof out of the application."""
    with runtime().write(arrived_at()) as uow:
        service.put_evidence_aside(uow, current_actor(), application_id, evidence_id)
    flash(_("材料已移除"), "ok")
    return redirect(url_for("enrolment.show", application_id=application_id))


@blueprint.get("/applications/<application_id>/evidence/<evidence_id>")
@signed_in
def evidence(application_id: str, evidence_id: str) -> FlaskResponse:
    """Hand out one proof to its owner or to staff in scope.

    A picture was encoded anew here, so it may open in the browser; a PDF is as it was sent, so it is only ever
    a download (fault E1).
    """
    with runtime().read(arrived_at()) as uow:
        line = queries.get_evidence(uow, current_actor(), application_id, evidence_id)
    reply = FlaskResponse(runtime().storage.get(line.file_key), mimetype=line.media_type)
    name = f"evidence-{line.id}.{'jpg' if line.is_picture else 'pdf'}"
    shown = "inline" if line.is_picture else "attachment"
    reply.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    return reply


@blueprint.post("/applications/<application_id>/withdraw")
@signed_in
def withdraw(application_id: str) -> Response:
    """Take my application back."""
    with runtime().write(arrived_at()) as uow:
        service.withdraw(uow, current_actor(), application_id)
    flash(_("申请已撤回"), "ok")
    return redirect(url_for("enrolment.index"))


def _page(application_id: str, form: ApplicationForm, evidence_form: EvidenceForm) -> str:
    actor, now = current_actor(), arrived_at()
    with runtime().read(now) as uow:
        application = _mine(uow, actor, application_id)
        plan = get_plan(uow, application.plan_id)
        values = _page_values(uow, application, plan, now)
    form.offer(plan)
    if form.choice.data not in {one.key for one in plan.occupations}:
        form.choice.data = _choice_key(application)
    return render_template(
        "enrolment/show.html", application=application, plan=plan, form=form, evidence_form=evidence_form,
        **values,
    )  # fmt: skip


def _page_values(
    uow: UnitOfWork, application: ApplicationFacts, plan: PlanFacts, now: datetime
) -> dict[str, Any]:
    profile = find_profile(uow, application.person_id)
    moves = history(uow, policy.APPLICATION.name, application.id)
    names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
    made = queries.decisions(uow, application.id)
    concerns = (
        policy.age_concerns(
            application.level, profile.sex, profile.birth_date, now.astimezone(PLAN_ZONE).date()
        )
        if profile
        else []
    )
    return {
        "profile": profile,
        "employer": get_organisation(uow, application.employer_organisation_id),
        "evidence": queries.evidence(uow, application.id),
        "evidence_names": EVIDENCE_NAMES,
        "trail": story.trail(application, moves, names, for_owner=True),
        "road": story.road(application, plan),
        "returned": made[-1] if made and application.state == "returned" else None,
        "locked": policy.edit_reasons(application, plan, now),
        "is_editable": application.state in EDITABLE_STATES,
        "gaps": service.profile_gaps(uow, application.person_id),
        "may_withdraw": not policy.withdraw_reasons(application),
        "statements": _statements(plan),
        "concerns": concerns,
        "level_names": LEVEL_NAMES,
        "tier_names": TIER_NAMES,
    }


def _mine(uow: UnitOfWork, actor: Actor, application_id: str) -> ApplicationFacts:
    application = queries.application_facts(uow, application_id)
    if application.person_id != actor.person_id:
        raise NotFound
    return application


def _me(actor: Actor) -> str:
    if actor.person_id is None:
        raise NotFound
    return actor.person_id


def _choice_key(application: ApplicationFacts) -> str:
    return f"{application.occupation_edition}:{application.occupation_code}:{application.level}"


def _statements(plan: PlanFacts) -> dict[str, Any]:
    """Return the conditions of the levels this plan offers: nobody has to read those of another (A13, A15)."""
    offered = {one.level for one in plan.occupations}
    return {level: words for level, words in STATEMENTS.items() if level in offered}
