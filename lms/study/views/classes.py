"""The class: how everybody of a plan gets on, its file, and reminders for those who are behind."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.core.clock import from_ms
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.web import arrived_at, runtime
from lms.exports import service as exports
from lms.exports.forms import export_form
from lms.exports.policy import ExportKind, standing_reasons
from lms.exports.queries import has_open
from lms.exports.service import Wish
from lms.study.forms.classes import RuleForm
from lms.study.playing import worded
from lms.study.policy.appeals import REASON_NAMES
from lms.study.policy.pace import DAY_MS, ZONE_MS, reminder_reasons
from lms.study.queries import appeals as appeal_queries
from lms.study.queries import class_figures as class_figure_queries
from lms.study.queries import classes as class_queries
from lms.study.queries import progress
from lms.study.queries import refusals as refusal_queries
from lms.study.queries import reminders as reminder_queries
from lms.study.queries.class_figures import PARTS
from lms.study.queries.classes import CLASS_STAFF, ClassFilter
from lms.study.service import reminders
from question_bank.exporting import ExportFormat
from question_bank.phrases import N_, Phrase, phrase

blueprint = Blueprint("classes", __name__, url_prefix="/desk/classes")
REMINDERS = (Role.EXAM_ADMIN, Role.INSTITUTION_OFFICER)
MAX_WORDS = 40


@blueprint.get("/")
@roles(*CLASS_STAFF)
def index() -> str:
    """List the classes of one's scope with how many are behind."""
    with runtime().read(arrived_at()) as uow:
        entries, page = class_figure_queries.classes(uow, current_actor(), page_asked())
    return render_template("study/classes.html", entries=entries, page=page, now=arrived_at())


@blueprint.get("/<plan_id>")
@roles(*CLASS_STAFF)
def show(plan_id: str) -> str:
    """Show everybody of a class, who is behind first, with the figures of the class."""
    return _class_page(plan_id, RuleForm())


@blueprint.get("/<plan_id>/people/<person_id>")
@roles(*CLASS_STAFF)
def person(plan_id: str, person_id: str) -> str:
    """Show how one trainee of a class has studied: every lesson with what did not count and why, and his appeals."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        scope = class_queries.class_scope(uow, actor, plan_id)
        line = class_queries.class_line(uow, actor, scope, person_id)
        facts = progress(uow, person_id, scope.plan)
        appeals = appeal_queries.own_appeals(uow, person_id, plan_id)
        reminded_at = reminder_queries.last_reminder(uow, person_id, plan_id)
    return render_template(
        "study/record.html", plan=scope.plan, line=line, facts=facts, appeals=appeals, reminded_at=reminded_at,
        lessons=[(one, worded(one)) for one in facts.lessons], names=REASON_NAMES,
        may_read_appeals=scope.employers is None, now=arrived_at(),
    )  # fmt: skip


@blueprint.post("/<plan_id>/rule")
@roles(Role.EXAM_ADMIN)
def rule(plan_id: str) -> Response | tuple[str, int]:
    """Say how often the class is reminded by itself."""
    form, actor = RuleForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        if not class_queries.class_scope(uow, actor, plan_id).may_manage:
            raise NotFound
    if not form.validate_on_submit():
        return _class_page(plan_id, form), 422
    with runtime().write(arrived_at()) as uow:
        reminders.set_rule(uow, actor, plan_id, form.every_days.data or 0)
    flash(gettext("自动提醒的设置已保存"), "ok")
    return redirect(url_for("classes.show", plan_id=plan_id), 303)


@blueprint.route("/<plan_id>/remind", methods=["GET", "POST"])
@roles(*REMINDERS)
def remind(plan_id: str) -> str | Response | tuple[str, int]:
    """Show who would be reminded and with which words; then remind them."""
    actor, wanted, form = current_actor(), _wanted(), ActForm()
    with runtime().read(arrived_at()) as uow:
        scope = class_queries.class_scope(uow, actor, plan_id)
        if not scope.may_remind:
            raise NotFound
        people, told = reminders.behind_and_told(uow, scope, wanted)
    plan = scope.plan
    reasons = reminder_reasons(
        opens=plan.study_from, closes=plan.study_until, now=arrived_at(), behind=len(people), reminded=told
    )
    status = 200
    if form.is_submitted():
        try:
            with runtime().write(arrived_at()) as uow:
                sent = reminders.remind(uow, actor, plan_id, wanted)
            flash(ngettext("已提醒 %(num)s 人", "已提醒 %(num)s 人", sent), "ok")
            return redirect(f"{url_for('classes.show', plan_id=plan_id)}?{urlencode(_query(wanted))}", 303)
        except Invalid as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    page = render_template(
        "study/remind.html", scope=scope, plan=plan, reasons=reasons, people=people, told=told, form=form,
        query=_query(wanted), now=arrived_at(),
    )  # fmt: skip
    return page, status


@blueprint.route("/<plan_id>/export", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def export(plan_id: str) -> str | Response | tuple[str, int]:
    """Ask for what the list is filtered to as a workbook, without ID numbers."""
    wanted, actor, form, status = _wanted(), current_actor(), export_form([ExportFormat.XLSX]), 200
    with runtime().read(arrived_at()) as uow:
        scope = class_queries.class_scope(uow, actor, plan_id)
        if not scope.may_manage:
            raise NotFound
        total = class_queries.class_count(uow, scope, wanted)
        waiting = has_open(uow, actor, ExportKind.CLASS)
        places = dict(class_queries.employers(uow, scope))
    described = _described(scope.plan.title, wanted, places)
    if form.validate_on_submit():
        wish = Wish(
            ExportKind.CLASS, ExportFormat.XLSX, {"plan": plan_id, **asdict(wanted)}, described, total,
            form.purpose.data or "",
        )  # fmt: skip
        try:
            with runtime().write(arrived_at()) as uow:
                export_id = exports.request_export(uow, actor, wish)
            return redirect(url_for("exports.show", export_id=export_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = 422
    elif form.is_submitted():
        status = 422
    page = render_template(
        "exports/ask.html", title=gettext("导出班级学习情况"), form=form, described=described, total=total,
        reasons=standing_reasons(ExportKind.CLASS, actor, total, has_open=waiting), nav_current="classes.index",
        back=f"{url_for('classes.show', plan_id=plan_id)}?{urlencode(_query(wanted))}",
        list_name=gettext("班级学习"), warning=gettext("文件里有姓名，没有证件号码。请只用于所写的用途，用完删除。"),
    )  # fmt: skip
    return page, status


def _described(title: str, wanted: ClassFilter, places: dict[str, str]) -> list[Phrase]:
    told = [phrase(N_("计划：%(title)s"), title=title)]
    if wanted.organisation:
        told.append(phrase(N_("单位：%(name)s"), name=places.get(wanted.organisation, "—")))
    if wanted.behind:
        told.append(phrase(N_("只列低于按期节奏的人")))
    if wanted.words:
        told.append(phrase(N_("姓名含“%(words)s”"), words=wanted.words))
    return told


def _class_page(plan_id: str, form: RuleForm) -> str:
    actor, wanted = current_actor(), _wanted()
    with runtime().read(arrived_at()) as uow:
        scope = class_queries.class_scope(uow, actor, plan_id)
        figures = class_figure_queries.figures(uow, scope)
        lines, page = class_queries.class_page(uow, actor, scope, wanted, page_asked())
        places = class_queries.employers(uow, scope)
        taught = refusal_queries.taught(uow, scope.plan)
        rounds = reminder_queries.rounds(uow, plan_id) if scope.may_manage else []
        names = names_of(uow, {one.sent_by for one in rounds if one.sent_by})
        every_days = reminder_queries.every_days(uow, plan_id)
        if not form.is_submitted():
            form.every_days.data = every_days
    return render_template(
        "study/class.html", scope=scope, plan=scope.plan, figures=figures, lines=lines, page=page, places=places,
        lessons=taught, wanted=wanted, query=_query(wanted), parts=PARTS, names=REASON_NAMES, rounds=rounds,
        people=names, form=form, every_days=every_days, now=arrived_at(), may_export=scope.may_manage,
        days=[(from_ms(number * DAY_MS - ZONE_MS), seconds) for number, seconds in figures.days],
    )  # fmt: skip


def _wanted() -> ClassFilter:
    return ClassFilter(
        words=request.args.get("q", "").strip()[:MAX_WORDS],
        organisation=request.args.get("organisation", "")[:16],
        behind="1" if request.args.get("behind") == "1" else "",
    )


def _query(wanted: ClassFilter) -> dict[str, Any]:
    return {"q" if name == "words" else name: value for name, value in asdict(wanted).items() if value}
