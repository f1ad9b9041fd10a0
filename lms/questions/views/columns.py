"""The page on which the owner of a file says what its columns are."""

from flask import redirect, render_template, request, url_for

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.accounts.policy import Role
from lms.core.errors import Conflict, Invalid, NotFound, require
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import ColumnsForm
from lms.questions.policy import FIELD_NAMES, columns_reasons, recheck_reasons
from lms.questions.views.blueprint import Reply, blueprint

PREFIX = "column-"


@blueprint.route("/imports/<batch_id>/columns", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def columns(batch_id: str) -> Reply:
    """Show what each column is taken for; take what the owner says instead, and check the file again."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
        saved = queries.saved_profiles(uow)
    require(columns_reasons(facts.columns), NotFound)
    form = ColumnsForm()
    chosen = {
        name.removeprefix(PREFIX): value for name, value in request.form.items() if name.startswith(PREFIX)
    }
    status = 200
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.map_columns(uow, current_actor(), batch_id, chosen, form.name.data or "")
            return redirect(url_for("questions.batch", batch_id=batch_id), 303)
        except Invalid as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    else:
        require(recheck_reasons(facts.state), Conflict)
    return (
        render_template(
            "questions/columns.html", batch=facts, sheet=facts.columns, form=form, chosen=chosen, prefix=PREFIX,
            field_names=FIELD_NAMES, saved=saved, act=ActForm(),
        ),
        status,
    )  # fmt: skip
