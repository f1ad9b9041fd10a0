"""Pages of refused seconds: the trainee's list with his appeals, and the desk that decides them."""

import logging
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles, signed_in
from lms.accounts.forms import ActForm, page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import holders, names_of
from lms.core.actors import Actor
from lms.core.clock import from_ms
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.paging import Page, page_count
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.courses.queries import LessonFacts
from lms.enrolment.queries import approved_application
from lms.plans.policy import PlanFacts
from lms.plans.queries import PLAN_STAFF, get_plan
from lms.study import service
from lms.study.forms.appeals import GRANT, AppealForm, DecisionForm
from lms.study.forms.player import device_words
from lms.study.policy.appeals import (
    APPEALABLE,
    REASON_NAMES,
    STATE_PILLS,
    AppealState,
    Stretch,
    stretches,
    totals_by_reason,
)
from lms.study.policy.desk import APPEALS, desk_reasons
from lms.study.queries import appeals as appeal_queries
from lms.study.queries import progress
from lms.study.queries import refusals as refusal_queries
from lms.study.service import appeals as verbs

blueprint = Blueprint("appeals", __name__)
log = logging.getLogger(__name__)

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch as its owner sees it. `state`: open, waiting, granted, counted or rule."""

    stretch: Stretch
    lesson: LessonFacts
    missing: int
    state: str


@blueprint.get("/study/<plan_id>/refused")
@signed_in
def refused(plan_id: str) -> str:
    """List what the person has played and what was not counted, with the reasons and his appeals."""
    return _refused_page(plan_id, AppealForm())


@blueprint.post("/study/<plan_id>/refused")
@signed_in
def ask(plan_id: str) -> Response | tuple[str, int]:
    """Appeal for the ticked stretches."""
    form, actor = AppealForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        _studied_plan(uow, actor, plan_id)
    if not form.validate_on_submit():
        return _refused_page(plan_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            verbs.ask(uow, actor, plan_id, request.form.getlist("stretch"), form.words.data or "")
    except Invalid as refusal:
        show_reasons(form, refusal)
        return _refused_page(plan_id, form), refusal.status
    flash(gettext("申诉已提交，处理结果会显示在这里，并通知您"), "ok")
    return redirect(url_for("appeals.refused", plan_id=plan_id), 303)


@blueprint.post("/study/appeals/<appeal_id>/withdraw")
@signed_in
def withdraw(appeal_id: str) -> Response:
    """Take one's own appeal back."""
    with runtime().write(arrived_at()) as uow:
        facts = appeal_queries.get_own_appeal(uow, current_actor(), appeal_id)
        verbs.withdraw(uow, current_actor(), appeal_id)
    flash(gettext("申诉已撤回"), "ok")
    return redirect(url_for("appeals.refused", plan_id=facts.plan_id), 303)


@blueprint.post("/study/appeals/<appeal_id>/read")
@signed_in
def read(appeal_id: str) -> Response:
    """Lead to the decision about one's own appeal, which is not announced any more from now on."""
    with runtime().write(arrived_at()) as uow:
        facts = appeal_queries.get_own_appeal(uow, current_actor(), appeal_id)
        verbs.note_read(uow, current_actor(), appeal_id)
    return redirect(url_for("appeals.refused", plan_id=facts.plan_id), 303)


def _studied_plan(uow: UnitOfWork, actor: Actor, plan_id: str) -> PlanFacts:
    if approved_application(uow, actor.person_id or "", plan_id) is None:
        raise NotFound
    return get_plan(uow, plan_id)


def _refused_page(plan_id: str, form: AppealForm) -> str:
    actor = current_actor()
    person_id = actor.person_id or ""
    with runtime().read(arrived_at()) as uow:
        plan = _studied_plan(uow, actor, plan_id)
        facts = progress(uow, person_id, plan)
        found = stretches(refusal_queries.played_beats(uow, person_id, plan))
        counted = {
            lesson_id: bits
            for lesson_id, (bits, _) in refusal_queries.coverage_bits(uow, person_id, plan_id).items()
        }
        waiting = appeal_queries.waiting_beats(uow, person_id, plan_id)
        granted = appeal_queries.granted_beats(uow, person_id, plan_id)
        own = appeal_queries.own_appeals(uow, person_id, plan_id)
        stopped = refusal_queries.stops(uow, person_id, plan_id)
        application = approved_application(uow, person_id, plan_id)
        can_appeal = application is not None and not appeal_queries.is_over(application)
        taught = {lesson.id: lesson for lesson in refusal_queries.taught(uow, plan)}
    every = [
        _line(one, taught[one.lesson_id], counted.get(one.lesson_id, 0), waiting, granted)
        for one in found
        if one.lesson_id in taught
    ]
    number = max(1, min(page_asked(), page_count(len(every), PAGE_SIZE)))
    lines = every[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "study/refused.html", plan=plan, facts=facts, lines=lines, page=Page(number, PAGE_SIZE, len(every)),
        totals=sorted(totals_by_reason(found, counted).items(), key=lambda one: -one[1]), names=REASON_NAMES, form=form,
        appeals=own, act=ActForm(), moment_of=from_ms, stops=stopped, ticked=set(request.form.getlist("stretch")),
        can_appeal=can_appeal and not facts.is_complete,
        open_here=any(one.state == "open" for one in lines), open_at_all=any(one.state == "open" for one in every),
    )  # fmt: skip


def _line(
    one: Stretch, lesson: LessonFacts, counted: int, waiting: frozenset[tuple[str, int]],
    granted: frozenset[tuple[str, int]],
) -> Line:  # fmt: skip
    keys = {beat.key for beat in one.beats}
    missing = one.missing(counted)
    if keys & granted:
        state = "granted"
    elif keys & waiting:
        state = "waiting"
    elif not missing:
        state = "counted"
    else:
        state = "open" if one.why in APPEALABLE else "rule"
    return Line(one, lesson, missing, state)


# -- the desk -----------------------------------------------------------------------------------------


@blueprint.get("/desk/study/appeals")
@roles(*PLAN_STAFF)
def index() -> str:
    """List the appeals in plans of one's scope, the open ones first."""
    state, plan_id = request.args.get("state", "")[:10], request.args.get("plan", "")[:16]
    with runtime().read(arrived_at()) as uow:
        lines, page = appeal_queries.appeals_in_scope(uow, current_actor(), state, plan_id, page_asked())
    return render_template(
        "study/appeals.html", lines=lines, page=page, state=state, plan_id=plan_id, states=list(AppealState),
        pills=STATE_PILLS,
    )  # fmt: skip


@blueprint.get("/desk/study/appeals/<appeal_id>")
@roles(*PLAN_STAFF)
def show(appeal_id: str) -> str:
    """Show one appeal with the trace behind it, and what could be granted."""
    return _appeal_page(appeal_id, DecisionForm())


@blueprint.post("/desk/study/appeals/<appeal_id>/decide")
@roles(Role.EXAM_ADMIN)
def decide(appeal_id: str) -> Response | tuple[str, int]:
    """Grant or refuse an appeal with a written reason."""
    form, actor = DecisionForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        appeal_queries.get_appeal_in_scope(uow, actor, appeal_id, Role.EXAM_ADMIN)
    if not form.validate_on_submit():
        return _appeal_page(appeal_id, form), 422
    words, decided = form.words.data or "", None
    try:
        with runtime().write(arrived_at()) as uow:
            if form.verdict.data == GRANT:
                decided = verbs.grant(uow, actor, appeal_id, words)
            else:
                verbs.refuse(uow, actor, appeal_id, words)
    except Invalid as refusal:
        show_reasons(form, refusal)
        return _appeal_page(appeal_id, form), refusal.status
    if decided is not None and decided.is_complete:
        _report(decided.application_id)
    flash(gettext("决定已记录。学员会在首页看到，留有邮箱的还会收到邮件"), "ok")
    return redirect(url_for("appeals.show", appeal_id=appeal_id), 303)


def _report(application_id: str) -> None:
    """Report a reached requirement to the spine, in its own transaction after the grant was committed (B2)."""
    try:
        with runtime().write(arrived_at()) as uow:
            service.report_complete(uow, Actor.system("study"), application_id)
    except Refusal as refusal:
        # The seconds are kept; the sweeper reports within seconds.
        log.warning("study of application %s is reported later: %s", application_id, refusal.code)


def _appeal_page(appeal_id: str, form: DecisionForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = appeal_queries.get_appeal_in_scope(uow, actor, appeal_id)
        appeal = line.appeal
        plan = get_plan(uow, appeal.plan_id)
        keys = appeal_queries.beats_of(uow, appeal_id)
        found = stretches(refusal_queries.played_beats(uow, appeal.person_id, plan, keys))
        taught = {lesson.id: lesson for lesson in refusal_queries.taught(uow, plan)}
        trace = appeal_queries.trace(uow, appeal.person_id, appeal.plan_id, keys)
        possible = verbs.possible_grants(uow, appeal.person_id, appeal.plan_id, keys)
        names = names_of(uow, {appeal.decided_by} if appeal.decided_by else set())
        facts = progress(uow, appeal.person_id, plan)
        staff = holders(uow, Role.EXAM_ADMIN, plan.issuer_path)
    reasons = desk_reasons(
        APPEALS, appeal.person_id, actor.person_id, staff,
        has_office=actor.covers(plan.issuer_path, [Role.EXAM_ADMIN]),
    )  # fmt: skip
    return render_template(
        "study/appeal.html", line=line, appeal=appeal, plan=plan, stretches=found, lessons=taught, trace=trace,
        possible=sum(one.seconds for one in possible), form=form, reasons=reasons, names=REASON_NAMES,
        is_open=appeal.state is AppealState.OPEN,
        decided_by=names.get(appeal.decided_by or "", ""), moment_of=from_ms, facts=facts, device_words=device_words,
    )  # fmt: skip
