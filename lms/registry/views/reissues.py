"""The registrar's page on which a certificate is asked to be printed anew."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import get_certificate
from lms.certificates.queries.versions import present_identity
from lms.core.errors import Refusal
from lms.core.web import arrived_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.forms.entries import ReasonForm, ReissueForm
from lms.registry.queries.entries import get_entry
from lms.registry.service import reissues as service

blueprint = Blueprint("reissues", __name__)

Reply = str | Response | tuple[str, int]


@blueprint.route("/desk/registry/<entry_id>/reissue", methods=["GET", "POST"])
@roles(Role.REGISTRAR)
def ask(entry_id: str) -> Reply:
    """Ask for another version of an entry's certificate."""
    form, status, actor = ReissueForm(), 200, current_actor()
    with runtime().read(arrived_at()) as uow:
        entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
        certificate = get_certificate(uow, entry.certificate_id)
        present = present_identity(uow, certificate)
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.reissue(uow, actor, entry_id, VersionCause(form.cause.data), form.reason.data or "")
            flash(gettext("新版本正在制作，一般两分钟内签发；签发以前原证书仍然有效"), "ok")
            return redirect(url_for("registry.show", entry_id=entry_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    page = render_template(
        "registry/reissue.html", entry=entry, certificate=certificate, form=form, present=present,
        level_names=LEVEL_NAMES,
    )  # fmt: skip
    return page, status


@blueprint.post("/desk/registry/<entry_id>/reissue/<certificate_id>/drop")
@roles(Role.REGISTRAR)
def drop(entry_id: str, certificate_id: str) -> Reply:
    """Give up a version that is not printed yet."""
    form = ReasonForm()
    words = (form.reason.data or "").strip() or gettext("登记员取消")
    with runtime().write(arrived_at()) as uow:
        service.drop(uow, current_actor(), entry_id, certificate_id, words)
    flash(gettext("已取消，原证书不变"), "ok")
    return redirect(url_for("registry.show", entry_id=entry_id), 303)
