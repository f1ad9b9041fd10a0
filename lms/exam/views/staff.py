"""The exam administrator's pages: every attempt in scope, and giving one back."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.audit.queries import history
from lms.core.errors import N_, Refusal
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.forms.sheet import VoidForm
from lms.exam.policy.attempts import ATTEMPT, STATE_NAMES, AttemptState
from lms.exam.queries.receipts import receipt_of
from lms.exam.queries.rooms import seat_during
from lms.exam.service import attempts as service
from lms.exam.views.blueprint import blueprint
from lms.plans.queries import get_plan, plans_in_scope

VERB_NAMES = {
    "create": N_("开始考试"), "submit": N_("交卷"), "time_out": N_("到时收卷"), "end": N_("监考人员结束考试"),
    "grade": N_("评分"), "void": N_("作废"),
}  # fmt: skip


@blueprint.get("/desk/attempts")
@roles(Role.EXAM_ADMIN, Role.AUDITOR, Role.ADMINISTRATOR)
def attempts() -> str:
    """List the attempts of all plans in scope, newest first."""
    actor = current_actor()
    chosen = {name: request.args.get(name, "")[:40] for name in ("plan", "state", "q")}
    page = page_asked()
    with runtime().read(arrived_at()) as uow:
        lines, total = queries.attempts_in_scope(
            uow, actor, plan_id=chosen["plan"], state=chosen["state"], text=chosen["q"].strip(), page=page
        )
        plans = plans_in_scope(uow, actor)
        now = uow.now
    return render_template(
        "exam/attempts.html", lines=lines, plans=plans, chosen=chosen, state_names=STATE_NAMES, now=now,
        page=Page(page, queries.PAGE_SIZE, total),
    )  # fmt: skip


@blueprint.get("/desk/attempts/<attempt_id>")
@roles(Role.EXAM_ADMIN, Role.AUDITOR, Role.ADMINISTRATOR)
def attempt(attempt_id: str) -> str:
    """Show one attempt with its history."""
    return _attempt_page(attempt_id, VoidForm())


@blueprint.post("/desk/attempts/<attempt_id>/void")
@roles(Role.EXAM_ADMIN)
def void(attempt_id: str) -> str | Response | tuple[str, int]:
    """Give an attempt back, with a reason (H10)."""
    form = VoidForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.void(uow, current_actor(), attempt_id, form.remark.data or "")
            flash(_("这次考试已作废，考生可以重新开始"), "ok")
            return redirect(url_for("exam.attempt", attempt_id=attempt_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            return _attempt_page(attempt_id, form), refusal.status
    return _attempt_page(attempt_id, form), 422


def _attempt_page(attempt_id: str, form: VoidForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = queries.attempt_in_scope(uow, actor, attempt_id)
        receipt = receipt_of(uow, line.attempt)
        sat = seat_during(uow, line.attempt)
        moves = history(uow, ATTEMPT.name, attempt_id)
        names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
        is_needed = not queries.has_passed(uow, line.attempt)
        issuer_path = get_plan(uow, line.attempt.plan_id).issuer_path
        now = uow.now
    return render_template(
        "exam/attempt.html",
        line=line,
        attempt=line.attempt,
        receipt=receipt,
        sat=sat,
        moves=list(reversed(moves)),
        names=names,
        verb_names=VERB_NAMES,
        state_names=STATE_NAMES,
        form=form,
        now=now,
        may_void=actor.covers(issuer_path, [Role.EXAM_ADMIN])
        and line.attempt.person_id != actor.person_id
        and line.attempt.state not in (AttemptState.VOIDED, AttemptState.SUBMITTED)
        and is_needed,
    )
