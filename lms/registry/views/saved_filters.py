"""Saving what the list is narrowed to, under a name of one's own."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import NotFound, Refusal
from lms.core.web import arrived_at, runtime
from lms.registry.forms.entries import SaveForm
from lms.registry.queries.entries import READERS
from lms.registry.service import saved_filters as service
from lms.registry.views.entries import list_page, query_of, wanted_entries

blueprint = Blueprint("saved_filters", __name__)


@blueprint.post("/desk/registry/saved")
@roles(*READERS)
def keep() -> tuple[str, int] | Response:
    """Save the filter that stands in the address."""
    form = SaveForm()
    wanted, faults = wanted_entries()
    if not form.validate_on_submit() or faults:
        return list_page(form)[0], 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.keep(uow, current_actor(), form.name.data or "", query_of(wanted))
    except Refusal as refusal:
        show_reasons(form, refusal)
        return list_page(form)[0], refusal.status
    flash(gettext("已保存，以后在列表上方点一下就能打开"), "ok")
    return redirect(url_for("registry.index", **query_of(wanted)), 303)  # type: ignore[arg-type]  # texts alone


@blueprint.post("/desk/registry/saved/<saved_id>/delete")
@roles(*READERS)
def drop(saved_id: str) -> Response:
    """Delete a saved filter."""
    if not ActForm().validate_on_submit():
        raise NotFound
    with runtime().write(arrived_at()) as uow:
        service.drop(uow, current_actor(), saved_id)
    flash(gettext("已删除这个常用筛选"), "ok")
    return redirect(url_for("registry.index"), 303)
