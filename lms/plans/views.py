"""Pages of the plans room: list, new from a template, edit, preview, publish."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import organisations
from lms.core.errors import Refusal
from lms.core.formats import date_span, deadline_cn, duration_words, opening_cn
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.courses.queries import courses
from lms.plans import queries, service
from lms.plans.forms import NewPlanForm, PlanForm
from lms.plans.policy import (
    LEVEL_NAMES,
    NUMBER_RULE_NAMES,
    PHASE_NAMES,
    RENEWAL_NUMBER_NAMES,
    RUNNING_PHASES,
    STAGE_NAMES,
    TIER_NAMES,
    ExaminerLevel,
    PlanFacts,
    PlanPhase,
    PlanState,
    phase_of,
)
from lms.plans.service import NewPlan
from lms.plans.templates import TEMPLATES
from lms.questions.queries import blueprints

Reply = str | Response | tuple[str, int]
PAGE_SIZE = 20
CHART_LEFT, CHART_RIGHT = 260, 990
"""Left of the bars stand their names and days, so that neither a bar nor the line of today runs through them."""

blueprint = Blueprint("plans", __name__)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of the list."""

    plan: PlanFacts
    phase: PlanPhase
    next_day: str
    """What comes next and when, ready to be shown; empty when nothing does."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the time chart, in its 1000 units of width."""

    name: str
    x: int
    width: int
    words: str
    phase: str


@blueprint.get("/desk/plans")
@roles(*queries.PLAN_STAFF)
def index() -> str:
    """List the plans of the actor's scope, filtered by words, phase and level."""
    now = arrived_at()
    words, phase = request.args.get("q", "").strip(), request.args.get("phase", "running")
    level = request.args.get("level", "")
    with runtime().read(now) as uow:
        every = queries.plans_in_scope(uow, current_actor())
    lines = [PlanLine(plan, phase_of(plan, now), _next_day(plan, now)) for plan in every]
    shown = [
        line
        for line in lines
        if (not words or words in line.plan.title or words in line.plan.number)
        and (
            phase in ("all", line.phase) or (phase == "running" and line.phase in (*RUNNING_PHASES, "draft"))
        )
        and (not level or level in line.plan.levels)
    ]
    number = page_asked()
    page = Page(number, PAGE_SIZE, len(shown))
    running = sum(line.phase in RUNNING_PHASES for line in lines)
    return render_template(
        "plans/index.html", lines=shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], page=page, total=len(lines),
        running=running, words=words, phase=phase, level=level, phase_names=PHASE_NAMES, level_names=LEVEL_NAMES,
        may_create=current_actor().has_role(Role.EXAM_ADMIN),
    )  # fmt: skip


@blueprint.route("/desk/plans/new", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def new() -> Reply:
    """Begin a plan from a template."""
    actor = current_actor()
    form = NewPlanForm()
    with runtime().read(arrived_at()) as uow:
        homes = organisations(uow, scopes=actor.scope_paths(Role.EXAM_ADMIN))
    form.issuer_organisation_id.choices = [SelectChoice(home.id, home.name) for home in homes]
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                plan = service.create_from_template(
                    uow, actor,
                    NewPlan(
                        form.template_code.data, form.title.data or "", form.first_day.data,
                        form.issuer_organisation_id.data,
                    ),
                )  # fmt: skip
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            flash(_("草稿已建立。补全并保存以后，在计划页发布"), "ok")
            return redirect(url_for("plans.edit", plan_id=plan.id))
    return render_template("plans/new.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/desk/plans/<plan_id>")
@roles(*queries.PLAN_STAFF)
def show(plan_id: str) -> str:
    """Show one plan with what may be done about it."""
    now, actor = arrived_at(), current_actor()
    with runtime().read(now) as uow:
        plan = queries.get_plan_in_scope(uow, actor, plan_id)
        missing = queries.publish_reasons(uow, plan, now) if plan.state is PlanState.DRAFT else []
        course = next((one for one in courses(uow) if one.id == plan.course_id), None)
        paper = next((one for one in blueprints(uow) if one.id == plan.blueprint_id), None)
    bars, today = _chart(plan, now)
    return render_template(
        "plans/show.html", plan=plan, phase=phase_of(plan, now), missing=missing, course=course, paper=paper,
        bars=bars, today=today, template_name=TEMPLATES[plan.template_code].name,
        number_rule_name=NUMBER_RULE_NAMES.get(plan.number_rule, plan.number_rule),
        may_edit=actor.covers(plan.issuer_path, (Role.EXAM_ADMIN,)), is_over=now >= plan.exam_until, **_words(),
    )  # fmt: skip


@blueprint.route("/desk/plans/<plan_id>/edit", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def edit(plan_id: str) -> Reply:
    """Change a draft."""
    actor = current_actor()
    form = PlanForm()
    with runtime().read(arrived_at()) as uow:
        plan = queries.get_plan_in_scope(uow, actor, plan_id, Role.EXAM_ADMIN)
        form.offer(
            plan,
            [
                (
                    one.id,
                    _("%(title)s（%(length)s）", title=one.title, length=duration_words(one.total_seconds)),
                )
                for one in courses(uow)
            ],
            [
                (one.id, one.title if one.is_on_offer else _("%(title)s（已停用）", title=one.title))
                for one in blueprints(uow)
                if one.is_on_offer or one.id == plan.blueprint_id
            ],
        )
    if not form.is_submitted():
        form.show(plan)
    elif form.validate():
        try:
            with runtime().write(arrived_at()) as uow:
                service.edit_draft(uow, actor, plan_id, form.draft(plan))
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            flash(_("计划已保存"), "ok")
            return redirect(url_for("plans.show", plan_id=plan_id))
    return render_template("plans/edit.html", form=form, plan=plan), 422 if form.is_submitted() else 200


@blueprint.get("/desk/plans/<plan_id>/preview")
@roles(*queries.PLAN_STAFF)
def preview(plan_id: str) -> str:
    """Show a plan as a trainee sees it."""
    with runtime().read(arrived_at()) as uow:
        plan = queries.get_plan_in_scope(uow, current_actor(), plan_id)
    return render_template("plans/preview.html", plan=plan, **_words())


@blueprint.post("/desk/plans/<plan_id>/publish")
@roles(Role.EXAM_ADMIN)
def publish(plan_id: str) -> Response:
    """Publish a draft."""
    with runtime().write(arrived_at()) as uow:
        service.publish(uow, current_actor(), plan_id)
    flash(_("计划已发布"), "ok")
    return redirect(url_for("plans.show", plan_id=plan_id))


@blueprint.post("/desk/plans/<plan_id>/cancel")
@roles(Role.EXAM_ADMIN)
def cancel(plan_id: str) -> Response:
    """Put a draft away."""
    with runtime().write(arrived_at()) as uow:
        service.cancel(uow, current_actor(), plan_id)
    flash(_("草稿已取消"), "ok")
    return redirect(url_for("plans.index"))


@blueprint.post("/desk/plans/<plan_id>/close")
@roles(Role.EXAM_ADMIN)
def close(plan_id: str) -> Response:
    """Put a plan away that is over."""
    with runtime().write(arrived_at()) as uow:
        service.close(uow, current_actor(), plan_id)
    flash(_("计划已结束"), "ok")
    return redirect(url_for("plans.show", plan_id=plan_id))


def _words() -> dict[str, object]:
    return {
        "level_names": LEVEL_NAMES, "stage_names": STAGE_NAMES, "tier_names": TIER_NAMES, "phase_names": PHASE_NAMES,
        "levels": tuple(ExaminerLevel), "renewal_number_names": RENEWAL_NUMBER_NAMES,
    }  # fmt: skip


def _next_day(plan: PlanFacts, now: datetime) -> str:
    if plan.state is not PlanState.PUBLISHED:
        return ""
    days = (
        (plan.enrol_from, opening_cn, _("报名开始")), (plan.enrol_until, deadline_cn, _("报名截止")),
        (plan.study_from, opening_cn, _("学习开始")), (plan.study_until, deadline_cn, _("学习截止")),
        (plan.exam_from, opening_cn, _("考试开始")), (plan.exam_until, deadline_cn, _("考试截止")),
    )  # fmt: skip
    ahead = [one for one in days if one[0] > now]
    if not ahead:
        return ""
    moment, write, word = min(ahead, key=lambda one: one[0])
    return f"{write(moment)} {word}"


def _chart(plan: PlanFacts, now: datetime) -> tuple[list[Bar], int | None]:
    start, end = plan.enrol_from, max(plan.exam_until, plan.study_until)
    span = max((end - start) / timedelta(seconds=1), 1)

    def place(moment: datetime) -> int:
        share = (moment - start) / timedelta(seconds=1) / span
        return CHART_LEFT + round((CHART_RIGHT - CHART_LEFT) * share)

    rows = (
        (_("报名"), plan.enrol_from, plan.enrol_until), (_("学习"), plan.study_from, plan.study_until),
        (_("考试"), plan.exam_from, plan.exam_until),
    )  # fmt: skip
    bars = [
        Bar(
            name, place(opens), max(4, place(closes) - place(opens)), date_span(opens, closes),
            "none" if now >= closes else ("now" if now >= opens else "wait"),
        )
        for name, opens, closes in rows
    ]  # fmt: skip
    return bars, place(now) if start <= now <= end else None
