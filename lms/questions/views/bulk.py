"""The page that changes many questions at once."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.errors import Refusal
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import BulkForm
from lms.questions.policy import BULK_MAX, BulkAct, BulkChange, ItemFilter, target_reasons
from lms.questions.queries import Target
from lms.questions.views.blueprint import Reply, blueprint

SHOWN = 10
"""How many of the questions the page shows, so that one sees what one is about to change."""


@blueprint.route("/bulk", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def bulk() -> Reply:
    """Change all ticked questions, or all that the list is filtered to."""
    target, form, status = _target(request.args), BulkForm(), 200
    if form.validate_on_submit():
        act = BulkAct(form.act.data)
        value = {BulkAct.AREA: form.area.data, BulkAct.DIFFICULTY: form.difficulty.data}.get(act) or ""
        confirmed = int(form.count.data) if (form.count.data or "").isdecimal() else 0
        try:
            with runtime().write(arrived_at()) as uow:
                done = service.change_items(
                    uow, current_actor(), target, BulkChange(act, value, form.remark.data or ""), confirmed
                )
            flash(ngettext("已修改 %(num)s 题", "已修改 %(num)s 题", done), "ok")
            return redirect(url_for("questions.index"), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        ids, aim = queries.aimed(uow, target, BULK_MAX)
        shown = queries.items_by_id(uow, ids[:SHOWN])
    form.count.data = str(aim.count)
    page = render_template(
        "questions/bulk.html", form=form, aim=aim, shown=list(shown.values()), target=target,
        reasons=target_reasons(aim.count, aim.in_review, aim.not_live),
        described=target.wanted.described() if target.wanted else (),
    )  # fmt: skip
    return page, status


def _target(given: MultiDict[str, str]) -> Target:
    if given.get("all"):
        return Target((), ItemFilter.of(given))
    return Target(tuple(given.getlist("ids")[: BULK_MAX + 1]))
