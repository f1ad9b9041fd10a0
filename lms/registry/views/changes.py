"""Pages of change requests: a holder's own entries, and the registrars' desk."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles, signed_in
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.queries import organisations
from lms.core.errors import Refusal
from lms.core.web import arrived_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.forms.changes import ACCEPT, AnswerForm, ChangeForm
from lms.registry.policy.changes import (
    CHANGE_PILLS,
    ENDED,
    ChangeState,
    accept_reasons,
    own_entry_reasons,
    standing_reasons,
)
from lms.registry.queries.changes import (
    change_in_scope,
    changes_in_scope,
    open_change,
    open_count,
    own_change,
    own_changes,
    own_entry,
    workplace_in_profile,
)
from lms.registry.queries.entries import READERS, entries_of
from lms.registry.service import changes as service
from lms.registry.views.entries import ENTRY_PILLS, MAX_QUERY_LENGTH

blueprint = Blueprint("changes", __name__)
Reply = str | Response | tuple[str, int]


# -- the holder's pages -----------------------------------------------------------------------------


@blueprint.get("/entries")
@signed_in
def own() -> str:
    """Show a person his own entries, and what became of what he asked for."""
    person_id = current_actor().person_id or ""
    with runtime().read(arrived_at()) as uow:
        found = entries_of(uow, person_id)
        asked = own_changes(uow, person_id)
        profile_id, profile_name = workplace_in_profile(uow, person_id)
    return render_template(
        "registry/entries.html", entries=found, asked=asked, now=arrived_at(), pills=ENTRY_PILLS,
        change_pills=CHANGE_PILLS, level_names=LEVEL_NAMES, profile_id=profile_id, profile_name=profile_name,
        ended=ENDED,
    )  # fmt: skip


@blueprint.route("/entries/<entry_id>/workplace", methods=["GET", "POST"])
@signed_in
def ask(entry_id: str) -> Reply:
    """Ask that one's own entry name another workplace."""
    actor, form = current_actor(), ChangeForm()
    with runtime().read(arrived_at()) as uow:
        own_entry(uow, actor, entry_id)
        form.workplace.choices = [
            SelectChoice("", gettext("请选择")),
            *(
                SelectChoice(one.id, one.name)
                for one in organisations(uow, kind=OrganisationKind.INSTITUTION)
            ),
        ]
    if not form.is_submitted():
        return _ask_page(entry_id, form)
    if not form.validate():
        return _ask_page(entry_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.ask(
                uow, actor, entry_id, form.workplace.data, form.words.data or "", form.seen.data or ""
            )
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _ask_page(entry_id, form), refusal.status
    flash(gettext("申请已提交，登记员处理以后会显示在这里；留有邮箱的还会收到邮件"), "ok")
    return redirect(url_for("changes.own"), 303)


def _ask_page(entry_id: str, form: ChangeForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        entry = own_entry(uow, actor, entry_id)
        waiting = open_change(uow, entry_id)
        profile_id, profile_name = workplace_in_profile(uow, actor.person_id or "")
    if not form.is_submitted() and profile_id != entry.employer_id:
        form.workplace.data = profile_id or ""
    # Whoever sends the page again has seen what it shows now.
    form.seen.data = entry.employer_id or ""
    return render_template(
        "registry/change_ask.html", entry=entry, form=form, profile_name=profile_name,
        reasons=standing_reasons(entry.state, has_open=waiting is not None),
    )  # fmt: skip


@blueprint.post("/entries/changes/<change_id>/withdraw")
@signed_in
def withdraw(change_id: str) -> Response:
    """Take one's own request back."""
    actor = current_actor()
    with runtime().write(arrived_at()) as uow:
        own_change(uow, actor, change_id)
        service.withdraw(uow, actor, change_id)
    flash(gettext("申请已撤回"), "ok")
    return redirect(url_for("changes.own"), 303)


# -- the desk -----------------------------------------------------------------------------------------


@blueprint.get("/desk/registry/changes")
@roles(*READERS)
def index() -> str:
    """List the requests about entries of one's scope, the open ones first."""
    state, words = request.args.get("state", "")[:10], request.args.get("q", "")[:MAX_QUERY_LENGTH]
    with runtime().read(arrived_at()) as uow:
        lines, page = changes_in_scope(uow, current_actor(), state, words, page_asked())
        waiting = open_count(uow, current_actor())
    return render_template(
        "registry/changes.html", lines=lines, page=page, state=state, words=words, waiting=waiting,
        states=list(ChangeState), pills=CHANGE_PILLS,
    )  # fmt: skip


@blueprint.get("/desk/registry/changes/<change_id>")
@roles(*READERS)
def show(change_id: str) -> str:
    """Show one request: before, after, who asked and why; and the answer."""
    return _change_page(change_id, AnswerForm())


@blueprint.post("/desk/registry/changes/<change_id>/decide")
@roles(Role.REGISTRAR)
def decide(change_id: str) -> Reply:
    """Accept or refuse a request with a written answer."""
    form, actor = AnswerForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        change_in_scope(uow, actor, change_id, Role.REGISTRAR)
    if not form.validate_on_submit():
        return _change_page(change_id, form), 422
    act = service.accept if form.verdict.data == ACCEPT else service.refuse
    try:
        with runtime().write(arrived_at()) as uow:
            act(uow, actor, change_id, form.words.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _change_page(change_id, form), refusal.status
    flash(gettext("决定已记录，持证人会看到；留有邮箱的还会收到邮件"), "ok")
    return redirect(url_for("changes.show", change_id=change_id), 303)


def _change_page(change_id: str, form: AnswerForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = change_in_scope(uow, actor, change_id)
        _id, profile_name = workplace_in_profile(uow, line.holder_id)
    change = line.change
    may_act = actor.covers(line.issuer_path, [Role.REGISTRAR])
    return render_template(
        "registry/change.html", line=line, change=change, form=form, pills=CHANGE_PILLS, profile_name=profile_name,
        may_act=may_act and change.state is ChangeState.OPEN,
        reasons=own_entry_reasons(change.asked_by, line.holder_id, actor.person_id),
        hindrances=accept_reasons(line.entry_state, line.present_id, change.before_id),
    )  # fmt: skip
