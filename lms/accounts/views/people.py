"""Finding an account, and handing its owner a way back in."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts import queries, service
from lms.accounts.access import current_actor, roles
from lms.accounts.forms import CorrectionForm, HandOverForm, LookupForm, show_reasons
from lms.accounts.policy import ROLE_NAMES, IdentityLock, Role, correction_reasons
from lms.accounts.views.blueprint import blueprint
from lms.core.errors import Invalid
from lms.core.web import arrived_at, runtime

Reply = str | Response | tuple[str, int]


@blueprint.route("/desk/people", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def people() -> Reply:
    """Find somebody within the scope. Sent by POST although it changes nothing: what is asked for names a person."""
    form = LookupForm()
    found = None
    if form.validate_on_submit():
        with runtime().read(arrived_at()) as uow:
            found = queries.find_people(
                uow, current_actor().scope_paths(Role.ADMINISTRATOR), login_name=form.login_name.data or "",
                name=form.name.data or "", id_tail=form.id_tail.data or "",
            )  # fmt: skip
    status = 422 if form.errors else 200
    return render_template("accounts/people.html", form=form, found=found), status


@blueprint.route("/desk/people/<person_id>", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def person(person_id: str) -> Reply:
    """One account: who it is, and a one-time link for its owner when the reason is given."""
    form = HandOverForm()
    if form.is_submitted():
        try:
            form.validate()
            actor = current_actor()
            with runtime().write(arrived_at()) as uow:
                name = queries.found_person(uow, person_id, actor.scope_paths(Role.ADMINISTRATOR)).name
                token = service.hand_recovery(uow, actor, person_id, form.reason.data or "")
            return show_link(name, token, url_for("accounts.people"))
        except Invalid as refusal:
            if not form.errors:
                show_reasons(form, refusal)
    return _person_page(person_id, form, CorrectionForm(None)), 422 if form.is_submitted() else 200


@blueprint.post("/desk/people/<person_id>/correction")
@roles(Role.ADMINISTRATOR)
def allow_correction(person_id: str) -> Reply:
    """Let the owner correct a locked name, ID number or portrait once, in writing (A12)."""
    form = CorrectionForm()
    try:
        form.validate()
        with runtime().write(arrived_at()) as uow:
            service.allow_correction(uow, current_actor(), person_id, form.reason.data or "")
    except Invalid as refusal:
        if not form.errors:
            show_reasons(form, refusal)
        return _person_page(person_id, HandOverForm(None), form), 422
    flash(_("已允许更正一次；本人保存后重新锁定"), "ok")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


def _person_page(person_id: str, form: HandOverForm, correction: CorrectionForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        scopes = actor.scope_paths(Role.ADMINISTRATOR)
        found = queries.found_person(uow, person_id, scopes)
        reasons = service.handing_reasons(uow, actor, person_id)
        lines = queries.staff(uow, scopes, person_id=person_id)
    is_oneself = actor.person_id == person_id
    return render_template(
        "accounts/person.html", form=form, correction=correction, person=found, reasons=reasons, lines=lines,
        role_names=ROLE_NAMES, is_oneself=is_oneself, lock=found.identity_lock, locks=IdentityLock,
        may_allow=not correction_reasons(found.identity_lock, is_oneself=is_oneself),
    )  # fmt: skip


def show_link(name: str, token: str, back: str) -> str:
    """Show a one-time link: here and now, and nowhere again."""
    link = runtime().settings.base_url + url_for("accounts.set_password", token=token)
    crumb = (_("账号查找") if back == url_for("accounts.people") else _("工作人员与角色"), back)
    return render_template("accounts/handed_link.html", name=name, link=link, back=back, crumb=crumb)
