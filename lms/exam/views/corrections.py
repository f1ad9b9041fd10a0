"""The desk after an exam: a candidate's paper as he saw it, corrections with their dry run, and what a plan shows."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import holders, names_of
from lms.audit.queries import history
from lms.core.errors import N_, NotFound, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.forms.corrections import CorrectionForm, ReportForm, WordsForm
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.corrections import (
    CORRECTION,
    KIND_NAMES,
    STATE_PILLS,
    VERB_NAMES,
    CorrectionFacts,
    CorrectionState,
    DryRun,
    desk_reasons,
    own_score_reasons,
    share_reasons,
)
from lms.exam.policy.reports import ReportDetail
from lms.exam.queries.rooms import seat_during
from lms.exam.service import corrections as service
from lms.exam.service import reports
from lms.exam.service.corrections import Proposal
from lms.exam.views.blueprint import blueprint
from lms.plans.queries import PLAN_STAFF, get_plan, get_plan_in_scope
from lms.questions.passages import shown_pictures
from lms.questions.views.pictures import send_picture
from question_bank.items import TYPE_NAMES

Reply = str | Response | tuple[str, int]
LISTED_MAX = 500
"""Changes shown on one page; the figures above the list are of all."""
DONE_WORDS = {
    "release": N_("更正已生效，成绩已按新答案重新计算"),
    "withdraw": N_("这项更正没有采用"),
    "ask_back": N_("已提出撤销，等待另一人复核"),
    "keep": N_("更正继续生效"),
    "reverse": N_("更正已撤销，成绩已恢复"),
}


@blueprint.get("/desk/attempts/<attempt_id>/paper")
@roles(*PLAN_STAFF)
def archive(attempt_id: str) -> str:
    """Show a graded paper exactly as its candidate saw it, with what he saved; each look is recorded."""
    actor = current_actor()
    with runtime().write(arrived_at()) as uow:
        line, paper, is_over = reports.open_archive(uow, actor, attempt_id)
        plan = get_plan(uow, line.attempt.plan_id)
        sat = seat_during(uow, line.attempt)
        pictures = queries.pictures_on(uow, [one.question for one in paper.lines])
        now = uow.now
    return render_template(
        "exam/archive.html", line=line, attempt=line.attempt, plan=plan, sat=sat, paper=paper, with_keys=is_over,
        now=now,
        type_names=TYPE_NAMES, kind_names=KIND_NAMES, may_correct=actor.covers(plan.issuer_path, [Role.EXAM_ADMIN]),
        pictures=shown_pictures(
            pictures, lambda key: url_for("exam.archive_picture", attempt_id=attempt_id, key=key)
        ),
    )  # fmt: skip


@blueprint.get("/desk/attempts/<attempt_id>/paper/pictures/<key>")
@roles(*PLAN_STAFF)
def archive_picture(attempt_id: str, key: str) -> Response:
    """Send a picture of a graded paper."""
    with runtime().read(arrived_at()) as uow:
        line = queries.attempt_in_scope(uow, current_actor(), attempt_id)
        if line.attempt.state is AttemptState.IN_PROGRESS:
            raise NotFound
        found = queries.picture_on(uow, attempt_id, key)
    return send_picture(found)


@blueprint.get("/desk/corrections")
@roles(*PLAN_STAFF)
def corrections() -> str:
    """List the corrections of plans in scope, those that wait for a second person first."""
    with runtime().read(arrived_at()) as uow:
        lines, page = queries.corrections_in_scope(uow, current_actor(), number=page_asked())
        names = names_of(uow, {line.correction.proposed_by for line in lines})
    return render_template(
        "exam/corrections.html", lines=lines, page=page, names=names, pills=STATE_PILLS, kind_names=KIND_NAMES
    )


@blueprint.get("/desk/plans/<plan_id>/corrections/new/<wording>")
@roles(Role.EXAM_ADMIN)
def new_correction(plan_id: str, wording: str) -> str:
    """Show one question of a plan's papers, and ask what is to count."""
    return _new_page(plan_id, wording, CorrectionForm())


@blueprint.post("/desk/plans/<plan_id>/corrections/new/<wording>")
@roles(Role.EXAM_ADMIN)
def propose_correction(plan_id: str, wording: str) -> Reply:
    """Keep a proposal, and show what it would change."""
    form, actor = CorrectionForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        get_plan_in_scope(uow, actor, plan_id, Role.EXAM_ADMIN)
        form.offer(queries.wording_on_papers(uow, plan_id, wording)[1])
    if not form.validate_on_submit():
        return _new_page(plan_id, wording, form), 422
    wanted = Proposal(plan_id, wording, form.chosen_kind, form.accepted, form.words.data or "")
    try:
        with runtime().write(arrived_at()) as uow:
            correction_id = service.propose(uow, actor, wanted)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _new_page(plan_id, wording, form), refusal.status
    flash(_("更正已提出，由另一人复核后生效"), "ok")
    return redirect(url_for("exam.correction", correction_id=correction_id), 303)


def _new_page(plan_id: str, wording: str, form: CorrectionForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        plan = get_plan_in_scope(uow, actor, plan_id, Role.EXAM_ADMIN)
        item_id, item = queries.wording_on_papers(uow, plan_id, wording)
        present = queries.corrections_of_item(uow, plan_id, wording)
        shows_key = queries.is_key_open(uow, plan, item_id)
    if not form.is_submitted():
        form.offer(item)
    return render_template(
        "exam/correction_new.html", plan=plan, item=item, wording=wording, form=form, present=present,
        shows_key=shows_key, pills=STATE_PILLS, kind_names=KIND_NAMES, type_names=TYPE_NAMES,
    )  # fmt: skip


@blueprint.get("/desk/corrections/<correction_id>")
@roles(*PLAN_STAFF)
def correction(correction_id: str) -> str:
    """Show one correction: what it changes, or would change, name by name."""
    return _correction_page(correction_id, WordsForm())


@blueprint.post("/desk/corrections/<correction_id>/<verb>")
@roles(Role.EXAM_ADMIN)
def decide_correction(correction_id: str, verb: str) -> Reply:
    """Release, put away, ask back, keep or take back a correction."""
    if verb not in CORRECTION.moves:
        raise NotFound
    form, actor = WordsForm(), current_actor()
    by_list = verb in {"release", "reverse"}
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_correction(uow, actor, correction_id, Role.EXAM_ADMIN).correction
        found = queries.dry_run(uow, facts, reverse=verb == "reverse") if by_list else None
    if not by_list and not form.validate_on_submit():
        return _correction_page(correction_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            _carry_out(uow, correction_id, verb, found, form.words.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _correction_page(correction_id, form), refusal.status
    flash(_(DONE_WORDS[verb]), "ok")
    return redirect(url_for("exam.correction", correction_id=correction_id), 303)


def _carry_out(uow: UnitOfWork, correction_id: str, verb: str, found: DryRun | None, words: str) -> None:
    actor, digest = current_actor(), request.form.get("digest", "")
    if found is not None:
        act = service.release if verb == "release" else service.reverse
        act(uow, actor, correction_id, found, digest)
    else:
        said = {"withdraw": service.withdraw, "ask_back": service.ask_back, "keep": service.keep}[verb]
        said(uow, actor, correction_id, words)


def _correction_page(correction_id: str, form: WordsForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = queries.get_correction(uow, actor, correction_id)
        facts = line.correction
        plan = get_plan(uow, facts.plan_id)
        item_id, item = queries.wording_on_papers(uow, facts.plan_id, facts.fingerprint)
        found = _would_change(uow, facts)
        done = queries.score_changes(uow, correction_id=correction_id)
        moves = history(uow, CORRECTION.name, correction_id)
        people = {move.actor_id for move in moves if move.actor_id}
        people |= {one.person_id for one in found.changes[:LISTED_MAX]} if found else set()
        names = names_of(uow, people)
        certified = queries.completed_among(uow, found.changes) if found else set()
        shows_key = queries.is_key_open(uow, plan, item_id)
        staff = holders(uow, Role.EXAM_ADMIN, plan.issuer_path)
        now = uow.now
    has_office = actor.covers(plan.issuer_path, [Role.EXAM_ADMIN])
    reasons = desk_reasons(facts, actor.person_id, staff, has_office=has_office)
    if has_office and found:
        reasons += own_score_reasons(found.changes, actor.person_id)
    if has_office and facts.state is CorrectionState.PROPOSED and found:
        reasons += share_reasons(found.void_share)
    return render_template(
        "exam/correction.html", line=line, facts=facts, plan=plan, item=item, found=found, done=done, now=now,
        moves=list(reversed(moves)), names=names, form=form, reasons=reasons, verb_names=VERB_NAMES,
        kind_names=KIND_NAMES, shows_key=shows_key, listed_max=LISTED_MAX, certified=certified,
        may_act=has_office,
    )  # fmt: skip


def _would_change(uow: UnitOfWork, facts: CorrectionFacts) -> DryRun | None:
    if facts.state is CorrectionState.PROPOSED:
        return queries.dry_run(uow, facts)
    return queries.dry_run(uow, facts, reverse=True) if facts.state is CorrectionState.REVERSING else None


@blueprint.route("/desk/plans/<plan_id>/report", methods=["GET", "POST"])
@roles(Role.EXAM_ADMIN)
def report_rule(plan_id: str) -> Reply:
    """Say how much of their scores the candidates of a plan see."""
    actor, form, status = current_actor(), ReportForm(), 200
    with runtime().read(arrived_at()) as uow:
        plan = get_plan_in_scope(uow, actor, plan_id, Role.EXAM_ADMIN)
        present = queries.report_detail(uow, plan_id)
    if form.validate_on_submit():
        with runtime().write(arrived_at()) as uow:
            reports.set_report(uow, actor, plan_id, ReportDetail(form.detail.data))
        flash(_("成绩公布的内容已保存"), "ok")
        return redirect(url_for("plans.show", plan_id=plan_id), 303)
    if form.is_submitted():
        status = 422
    else:
        form.detail.data = present.value
    return render_template("exam/report_rule.html", plan=plan, form=form), status
