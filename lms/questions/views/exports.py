"""The page that asks for questions as a file."""

from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.errors import Refusal
from lms.core.web import arrived_at, runtime
from lms.exports.forms import export_form
from lms.exports.policy import ExportKind, standing_reasons
from lms.exports.queries import has_open
from lms.questions import queries, service
from lms.questions.policy import ItemFilter
from lms.questions.views.blueprint import Reply, blueprint
from question_bank.exporting import ExportFormat


@blueprint.route("/export", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def export() -> Reply:
    """Ask for what the list is filtered to as a file, with its keys."""
    wanted, actor, form, status = ItemFilter.of(request.args), current_actor(), export_form(ExportFormat), 200
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                export_id = service.request_export(
                    uow, actor, wanted, ExportFormat(form.format.data), form.purpose.data or ""
                )
            return redirect(url_for("exports.show", export_id=export_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = 422
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        total = queries.matching_count(uow, wanted)
        waiting = has_open(uow, actor, ExportKind.BANK)
    page = render_template(
        "exports/ask.html", title=_("导出试题"), form=form, described=wanted.described(), total=total,
        reasons=standing_reasons(ExportKind.BANK, actor, total, has_open=waiting), nav_current="questions.index",
        back=f"{url_for('questions.index')}?{urlencode(wanted.as_query())}", list_name=_("题库"),
        warning=_("文件里有正确答案和解析。请只交给有权查看的人，用完删除。"),
    )  # fmt: skip
    return page, status
