"""Organisations, staff and roles."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts import queries, service
from lms.accounts.access import current_actor, roles
from lms.accounts.credentials import hash_new_password, new_token
from lms.accounts.forms import GrantForm, OrganisationForm, StaffForm, show_reasons
from lms.accounts.models import Organisation, Person
from lms.accounts.policy import KIND_NAMES, NEW_ACCOUNT, ROLE_NAMES, OrganisationKind, PersonState, Role
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.people import show_link
from lms.core.errors import Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime

Reply = str | Response | tuple[str, int]


@blueprint.route("/desk/organisations", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def organisations() -> Reply:
    """List the organisations of the scope and add one."""
    actor = current_actor()
    scopes = actor.scope_paths(Role.ADMINISTRATOR)
    form = OrganisationForm()
    with runtime().read(arrived_at()) as uow:
        shown = queries.organisations(uow, scopes=scopes)
    form.parent_id.choices = [
        SelectChoice(o.id, o.name) for o in shown if o.kind != OrganisationKind.INSTITUTION
    ]
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.create_organisation(
                    uow, actor, OrganisationKind(form.kind.data), form.parent_id.data, form.name.data or "",
                    (form.code.data or "").strip(), is_filed=form.is_filed.data,
                )  # fmt: skip
            flash(_("机构“%(name)s”已登记", name=form.name.data), "ok")
            return redirect(url_for("accounts.organisations"))
        except Refusal as refusal:
            show_reasons(form, refusal)
    names = {o.id: o.name for o in shown}
    page = render_template(
        "accounts/organisations.html", form=form, organisations=shown, names=names, kind_names=KIND_NAMES
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/desk/organisations/<organisation_id>")
@roles(Role.ADMINISTRATOR, Role.AUDITOR)
def organisation(organisation_id: str) -> Reply:
    """One organisation: where it stands, what is below it, who works there."""
    actor = current_actor()
    scopes = actor.scope_paths(Role.ADMINISTRATOR, Role.AUDITOR)
    with runtime().read(arrived_at()) as uow:
        shown = queries.organisation_within(uow, organisation_id, scopes)
        above = queries.get_organisation(uow, shown.parent_id) if shown.parent_id else None
        below = queries.children(uow, organisation_id)
        lines = queries.staff(uow, scopes, organisation_id=organisation_id)
        employees = queries.employee_count(uow, organisation_id)
    return render_template(
        "accounts/organisation.html", organisation=shown, above=above, below=below, lines=lines,
        employees=employees, role_names=ROLE_NAMES, kind_names=KIND_NAMES,
        may_open_above=above is not None and any(above.path.startswith(scope) for scope in scopes),
        is_administrator=actor.has_role(Role.ADMINISTRATOR),
    )  # fmt: skip


@blueprint.route("/desk/staff", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def staff() -> Reply:
    """List staff and roles of the scope and add a member; the first password is shown once."""
    actor = current_actor()
    scopes = actor.scope_paths(Role.ADMINISTRATOR)
    form = StaffForm()
    with runtime().read(arrived_at()) as uow:
        shown = queries.organisations(uow, scopes=scopes)
        lines = queries.staff(uow, scopes)
    form.organisation_id.choices = _scope_choices(shown)
    if form.validate_on_submit():
        try:
            # Nobody knows it: the handed link sets the first password.
            hashed = hash_new_password(runtime().hashing, new_token())
            with runtime().write(arrived_at()) as uow:
                person_id = service.create_staff(
                    uow, actor, form.login_name.data or "", form.name.data or "", hashed, must_change=False,
                    email=form.email.data or None,
                )  # fmt: skip
                service.grant_role(uow, actor, person_id, Role(form.role.data), form.organisation_id.data)
                token = service.hand_recovery(uow, actor, person_id, NEW_ACCOUNT)
            return show_link(form.name.data or "", token, url_for("accounts.staff"))
        except Refusal as refusal:
            show_reasons(form, refusal)
    page = render_template("accounts/staff.html", form=form, lines=lines, role_names=ROLE_NAMES)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/desk/staff/<person_id>", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def staff_member(person_id: str) -> Reply:
    """One member of staff: roles, state, a way back in."""
    actor = current_actor()
    form = GrantForm()
    with runtime().read(arrived_at()) as uow:
        person = _person_in_scope(uow, person_id)
        scopes = actor.scope_paths(Role.ADMINISTRATOR)
        form.organisation_id.choices = _scope_choices(queries.organisations(uow, scopes=scopes))
        lines = queries.staff(uow, scopes, person_id=person_id)
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.grant_role(uow, actor, person_id, Role(form.role.data), form.organisation_id.data)
            flash(_("角色已授予"), "ok")
            return redirect(url_for("accounts.staff_member", person_id=person_id))
        except Refusal as refusal:
            show_reasons(form, refusal)
    page = render_template(
        "accounts/staff_member.html", form=form, person=person, lines=lines, role_names=ROLE_NAMES,
        is_active=person.state == PersonState.ACTIVE, is_oneself=actor.person_id == person_id,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/desk/grants/<grant_id>/revoke")
@roles(Role.ADMINISTRATOR)
def revoke_grant(grant_id: str) -> Reply:
    """Take a role back."""
    with runtime().write(arrived_at()) as uow:
        person_id = service.revoke_role(uow, current_actor(), grant_id)
    flash(_("角色已收回，下一次请求起不再有效"), "ok")
    return redirect(url_for("accounts.staff_member", person_id=person_id))


@blueprint.post("/desk/staff/<person_id>/disable")
@roles(Role.ADMINISTRATOR)
def disable(person_id: str) -> Reply:
    """Bar a member of staff and end his sessions."""
    with runtime().write(arrived_at()) as uow:
        _person_in_scope(uow, person_id)
        service.disable_person(uow, current_actor(), person_id)
    flash(_("账号已停用，登录已全部结束"), "ok")
    return redirect(url_for("accounts.staff_member", person_id=person_id))


@blueprint.post("/desk/staff/<person_id>/enable")
@roles(Role.ADMINISTRATOR)
def enable(person_id: str) -> Reply:
    """Let a member of staff in again."""
    with runtime().write(arrived_at()) as uow:
        _person_in_scope(uow, person_id)
        service.enable_person(uow, current_actor(), person_id)
    flash(_("账号已恢复"), "ok")
    return redirect(url_for("accounts.staff_member", person_id=person_id))


def _scope_choices(shown: Sequence[Organisation]) -> list[SelectChoice]:
    """Return the organisations to choose from; none is chosen beforehand, as a scope is a decision."""
    return [SelectChoice("", _("请选择")), *(SelectChoice(one.id, one.name) for one in shown)]


def _person_in_scope(uow: UnitOfWork, person_id: str) -> Person:
    return queries.staff_person(uow, person_id, current_actor().scope_paths(Role.ADMINISTRATOR))
