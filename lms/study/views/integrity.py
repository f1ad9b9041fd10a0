"""Pages of findings: what the rules of integrity point at, the rows behind it, and the note of who looked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import holders, names_of
from lms.core.errors import Invalid
from lms.core.web import arrived_at, runtime
from lms.plans.queries import PLAN_STAFF, get_plan
from lms.study.forms.appeals import NoteForm
from lms.study.forms.player import device_words
from lms.study.policy.appeals import REASON_NAMES
from lms.study.policy.desk import FINDINGS, desk_reasons
from lms.study.policy.integrity import RULE_NAMES, RULE_WORDS, Rule, said_figures
from lms.study.queries import devices as device_queries
from lms.study.queries import integrity as integrity_queries
from lms.study.queries import refusals as refusal_queries
from lms.study.service import examining

blueprint = Blueprint("findings", __name__, url_prefix="/desk/study/findings")


@blueprint.get("/")
@roles(*PLAN_STAFF)
def index() -> str:
    """List the findings in plans of one's scope, those nobody has looked at first."""
    rule, looked = request.args.get("rule", "")[:12], request.args.get("looked", "")[:1]
    with runtime().read(arrived_at()) as uow:
        lines, page = integrity_queries.findings_in_scope(uow, current_actor(), rule, looked, page_asked())
    return render_template(
        "study/findings.html", lines=lines, page=page, rule=rule, looked=looked, rules=list(Rule),
        names=RULE_NAMES, words=RULE_WORDS, said=said_figures,
    )  # fmt: skip


@blueprint.get("/<finding_id>")
@roles(*PLAN_STAFF)
def show(finding_id: str) -> str:
    """Show a finding with its rule, its figures and the rows behind it."""
    return _finding_page(finding_id, NoteForm())


@blueprint.post("/<finding_id>/look")
@roles(Role.EXAM_ADMIN)
def look(finding_id: str) -> Response | tuple[str, int]:
    """Put a finding away with a note."""
    form, actor = NoteForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        integrity_queries.get_finding(uow, actor, finding_id, Role.EXAM_ADMIN)
    if not form.validate_on_submit():
        return _finding_page(finding_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            examining.look(uow, actor, finding_id, form.note.data or "")
    except Invalid as refusal:
        show_reasons(form, refusal)
        return _finding_page(finding_id, form), refusal.status
    flash(gettext("已记下核实的情况"), "ok")
    return redirect(url_for("findings.show", finding_id=finding_id), 303)


def _finding_page(finding_id: str, form: NoteForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = integrity_queries.get_finding(uow, actor, finding_id)
        beats = integrity_queries.beat_rows(uow, line)
        checks = integrity_queries.check_rows(uow, line.person_id, line.plan_id, line.from_at, line.until_at)
        taught = {one.id: one for one in refusal_queries.taught(uow, get_plan(uow, line.plan_id))}
        people, unnamed = device_queries.people_named(uow, actor, finding_id)
        names = names_of(uow, {line.looked_by} if line.looked_by else set())
        staff = holders(uow, Role.EXAM_ADMIN, line.issuer_path)
    reasons = desk_reasons(
        FINDINGS, line.person_id, actor.person_id, staff,
        has_office=actor.covers(line.issuer_path, [Role.EXAM_ADMIN]),
    )  # fmt: skip
    return render_template(
        "study/finding.html", line=line, beats=beats, checks=checks, lessons=taught, people=people,
        unnamed=unnamed, form=form,
        reasons=reasons,
        looked_by=names.get(line.looked_by or "", ""), names=RULE_NAMES, words=RULE_WORDS[line.rule],
        figures=said_figures(line.rule, line.figures), refusals=REASON_NAMES, device_words=device_words,
        rows_shown=integrity_queries.ROWS_SHOWN,
    )  # fmt: skip
