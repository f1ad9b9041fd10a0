"""Reviewing: the inbox, the case, the decision; and who has applied in a plan."""

from collections.abc import Sequence

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.queries import get_organisation, get_profile, names_of
from lms.audit.queries import acts_on, history
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.enrolment import policy, queries, service
from lms.enrolment.forms import DecisionForm, PurposeForm, RejectForm
from lms.enrolment.policy import (
    DECISION_LOOKS,
    DECISION_NAMES,
    EVIDENCE_NAMES,
    STATE_PILLS,
    STATEMENTS,
    ApplicationFacts,
    Decision,
)
from lms.enrolment.queries import DecisionLine
from lms.enrolment.views import story
from lms.enrolment.views.blueprint import blueprint
from lms.plans.policy import LEVEL_NAMES, PLAN_ZONE, STAGE_NAMES, TIER_NAMES
from lms.plans.queries import PLAN_STAFF, get_plan, get_plan_in_scope

Reply = str | Response | tuple[str, int]
LONGEST_QUESTION = 40
SECONDS_SHOWN = 60
"""How long a whole ID number stays on the screen."""


@blueprint.get("/desk/reviews")
@roles(*queries.DECIDERS)
def inbox() -> str:
    """List what waits for me, the longest waiting first."""
    with runtime().read(arrived_at()) as uow:
        lines = queries.inbox(uow, current_actor())
    words = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    shown = [
        line
        for line in lines
        if not words or words in f"{line.name} {line.employer_name} {line.occupation_name}"
    ]
    return render_template(
        "enrolment/inbox.html",
        lines=shown,
        total=len(lines),
        words=words,
        level_names=LEVEL_NAMES,
        tier_names=TIER_NAMES,
        now=arrived_at(),
    )


@blueprint.get("/desk/reviews/done")
@roles(*queries.DECIDERS)
def decided() -> str:
    """List what I have decided, newest first, filtered by words and decision."""
    words = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    decision = request.args.get("decision", "")[:LONGEST_QUESTION]
    page = page_asked()
    with runtime().read(arrived_at()) as uow:
        lines, total = queries.decided(uow, current_actor(), words=words, decision=decision, page=page)
        waiting = queries.inbox_count(uow, current_actor())
    return render_template(
        "enrolment/decided.html", lines=lines, page=Page(page, queries.DECIDED_PAGE, total), words=words,
        decision=decision, waiting=waiting, decision_names=DECISION_NAMES, looks=DECISION_LOOKS,
        level_names=LEVEL_NAMES, tier_names=TIER_NAMES,
    )  # fmt: skip


@blueprint.get("/desk/reviews/<application_id>")
@roles(*queries.CASE_STAFF)
def case(application_id: str) -> str:
    """Show one case, with the reasons why I may not decide it, if there are any."""
    return _case_page(application_id, DecisionForm(formdata=None), RejectForm(formdata=None))


@blueprint.post("/desk/reviews/<application_id>/decision")
@roles(*queries.DECIDERS)
def decide(application_id: str) -> Reply:
    """Approve the present step, or return the case for correction."""
    form = DecisionForm()
    wanted = request.form.get("decision", "")
    if wanted not in (Decision.APPROVE, Decision.RETURN):
        raise Invalid
    return _decide(application_id, Decision(wanted), form, form, RejectForm(formdata=None))


@blueprint.post("/desk/reviews/<application_id>/reject")
@roles(*queries.DECIDERS)
def reject(application_id: str) -> Reply:
    """Refuse the case for good."""
    form = RejectForm()
    return _decide(application_id, Decision.REJECT, form, DecisionForm(formdata=None), form)


def _decide(
    application_id: str, decision: Decision, form: DecisionForm | RejectForm, decision_form: DecisionForm,
    reject_form: RejectForm,
) -> Reply:  # fmt: skip
    if form.validate():
        try:
            with runtime().write(arrived_at()) as uow:
                settled = service.decide(
                    uow, current_actor(), application_id, decision, remark=form.remark.data or "",
                    seen_version=int(form.version.data),
                )  # fmt: skip
                name = get_profile(uow, settled.person_id).name
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            words = {
                Decision.APPROVE: _("已通过：%(name)s", name=name),
                Decision.RETURN: _("已退回补正：%(name)s", name=name),
                Decision.REJECT: _("已办理为不通过：%(name)s", name=name),
            }
            flash(escape(words[decision]) + _next_case(), "ok")
            return redirect(url_for("enrolment.inbox"))
    return _case_page(application_id, decision_form, reject_form, reopen=decision is Decision.REJECT), 422


def _next_case() -> Markup:
    """Return the way to the case that waits longest, to be said after a decision; nothing when none waits."""
    with runtime().read(arrived_at()) as uow:
        waiting = queries.inbox(uow, current_actor())
    if not waiting:
        return Markup("")
    address = url_for("enrolment.case", application_id=waiting[0].application_id)
    return Markup(' <a href="{}">{}</a>').format(address, _("下一件：%(name)s", name=waiting[0].name))


@blueprint.get("/desk/reviews/<application_id>/photo")
@roles(*queries.CASE_STAFF)
def case_photo(application_id: str) -> FlaskResponse:
    """Hand out the portrait of an applicant in scope."""
    with runtime().read(arrived_at()) as uow:
        application = _staff_case(uow, current_actor(), application_id)
        key = get_profile(uow, application.person_id).photo_key
    if key is None:
        raise NotFound
    return FlaskResponse(runtime().storage.get(key), mimetype="image/jpeg")


@blueprint.route("/desk/reviews/<application_id>/id-number", methods=["GET", "POST"])
@roles(*queries.DECIDERS)
def id_number(application_id: str) -> FlaskResponse:
    """Ask what a whole ID number is read for, then show it for a minute; the look is recorded (H22)."""
    actor, form, number, status = current_actor(), PurposeForm(), "", 200
    with runtime().read(arrived_at()) as uow:
        profile = get_profile(uow, _staff_case(uow, actor, application_id).person_id)
    if form.is_submitted():
        try:
            form.validate()
            with runtime().write(arrived_at()) as uow:
                number = service.reveal_id_number(uow, actor, application_id, form.purpose.data or "")
        except Invalid as refusal:
            status = refusal.status
            if not form.errors:
                show_reasons(form, refusal)
    page = render_template(
        "enrolment/id_number.html", application_id=application_id, profile=profile, form=form, number=number,
        seconds=SECONDS_SHOWN,
    )  # fmt: skip
    reply = FlaskResponse(page, status)
    if number:  # without any script the browser goes back by itself
        back = url_for("enrolment.case", application_id=application_id)
        reply.headers["Refresh"] = f"{SECONDS_SHOWN}; url={back}"
    return reply


@blueprint.get("/desk/plans/<plan_id>/applications")
@roles(*PLAN_STAFF)
def of_plan(plan_id: str) -> str:
    """List who has applied in a plan and where each stands."""
    with runtime().read(arrived_at()) as uow:
        plan = get_plan_in_scope(uow, current_actor(), plan_id)
        lines = queries.applications_in(uow, plan_id)
    return render_template(
        "enrolment/of_plan.html", plan=plan, lines=lines, state_pills=STATE_PILLS, level_names=LEVEL_NAMES,
        stage_names=STAGE_NAMES, tier_names=TIER_NAMES,
    )  # fmt: skip


def _case_page(
    application_id: str, form: DecisionForm, reject_form: RejectForm, *, reopen: bool = False
) -> str:
    actor, now = current_actor(), arrived_at()
    today = now.astimezone(PLAN_ZONE).date()
    with runtime().read(now) as uow:
        application = _staff_case(uow, actor, application_id)
        plan = get_plan(uow, application.plan_id)
        profile = get_profile(uow, application.person_id)
        employer = get_organisation(uow, application.employer_organisation_id)
        moves = history(uow, policy.APPLICATION.name, application.id)
        made = queries.decisions(uow, application_id)
        people = {move.actor_id for move in moves if move.actor_id} | {line.actor_id for line in made}
        names = names_of(uow, people)
        proofs = queries.evidence(uow, application_id)
        returned = _last_return(made)
        changes = _changes(uow, application, returned) if returned else []
    earlier = [
        line.step for line in made if line.actor_id == actor.person_id and line.decision is Decision.APPROVE
    ]
    hindrances = [
        *policy.review_state_reasons(application), *policy.review_reasons(application, actor, earlier),
    ]  # fmt: skip
    for one in (form, reject_form):
        if not one.version.data:
            one.version.data = str(application.version)
    return render_template(
        "enrolment/case.html", application=application, plan=plan, profile=profile, employer=employer, form=form,
        reject_form=reject_form, evidence=proofs, evidence_names=EVIDENCE_NAMES, hindrances=hindrances, reopen=reopen,
        settled=story.settled(application, made, actor, names), returned=returned, changes=changes,
        trail=story.trail(application, moves, names, for_owner=False), level_names=LEVEL_NAMES,
        tier_names=TIER_NAMES, statements=STATEMENTS, age=policy.age_on(profile.birth_date, today),
        concerns=policy.age_concerns(application.level, profile.sex, profile.birth_date, today),
    )  # fmt: skip


def _last_return(made: Sequence[DecisionLine]) -> DecisionLine | None:
    """Return the last return for correction, or None; a later refusal or approval does not hide it."""
    return next((line for line in reversed(made) if line.decision is Decision.RETURN), None)


def _changes(uow: UnitOfWork, application: ApplicationFacts, returned: DecisionLine) -> list[policy.Change]:
    """Return what the applicant changed after the last return."""
    acts = acts_on(uow, {application.id, application.person_id}, returned.at)
    return policy.changes_told(acts, queries.evidence_kinds(uow, application.id))


def _staff_case(uow: UnitOfWork, actor: Actor, application_id: str) -> ApplicationFacts:
    """Return a case in a staff scope; a draft is nobody's business yet, and one's own case has another page."""
    application = queries.application_facts(uow, application_id)
    if not actor.covers(application.employer_path, queries.CASE_STAFF) or application.submitted_at is None:
        raise NotFound
    return application
