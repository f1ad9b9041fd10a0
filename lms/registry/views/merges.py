"""The registrars' pages of duplicates: who may stand twice, and what two of them decide about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.audit.queries import history
from lms.core.errors import N_, Refusal
from lms.core.identifiers import ID_LENGTH
from lms.core.web import arrived_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.errors import NotMergeable
from lms.registry.forms.entries import ReasonForm
from lms.registry.forms.merges import MergeForm
from lms.registry.policy.entries import EntryState
from lms.registry.policy.merges import (
    KIND_NAMES,
    MERGE,
    STATE_NAMES,
    MergeKind,
    decider_reasons,
    merge_reasons,
    unknown_number,
)
from lms.registry.queries.entries import READERS, get_entry
from lms.registry.queries.merges import both_sides, find_by_whole_number, merges_about, side_of
from lms.registry.queries.twins import doubtful, signs_between, twins_of
from lms.registry.service import merges as service
from lms.registry.views.entries import ENTRY_PILLS

blueprint = Blueprint("merges", __name__)

Reply = str | Response | tuple[str, int]
NUMBER_LENGTH = 30
VERB_NAMES = {"create": N_("提出"), "accept": N_("同意，照此办理"), "refuse": N_("没有采用")}
DONE_WORDS = {
    MergeKind.MERGE: N_("已合并，旧编号可查到保留的登记"),
    MergeKind.SPLIT: N_("已撤回并入，两条登记恢复原样"),
}


@blueprint.get("/desk/registry/duplicates")
@roles(*READERS)
def index() -> str:
    """List entries of earlier registers beside which somebody of the same name stands."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        found = doubtful(uow, actor, request.args.get("after", "")[:ID_LENGTH])
    return render_template(
        "registry/duplicates.html", found=found, now=arrived_at(), pills=ENTRY_PILLS, level_names=LEVEL_NAMES,
        is_first=not request.args.get("after"),
    )  # fmt: skip


@blueprint.route("/desk/registry/<entry_id>/merge", methods=["GET", "POST"])
@roles(Role.REGISTRAR)
def ask(entry_id: str) -> Reply:
    """Show who may be the same person, compare two entries, and propose that this one end in the other."""
    form = MergeForm()
    into_id = (request.form if form.is_submitted() else request.args).get("into", "")[:ID_LENGTH]
    with runtime().read(arrived_at()) as uow:
        get_entry(uow, current_actor(), entry_id, Role.REGISTRAR)
    if not form.is_submitted():
        return _ask_page(entry_id, into_id, form)
    if not into_id:
        return _to_number(entry_id, form)
    if not form.reason.validate(form):
        return _ask_page(entry_id, into_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            merge_id = service.propose_merge(uow, current_actor(), entry_id, into_id, form.reason.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _ask_page(entry_id, into_id, form), refusal.status
    flash(gettext("已提出合并，由另一名登记员决定；决定以前一切照旧"), "ok")
    return redirect(url_for("merges.show", merge_id=merge_id), 303)


def _to_number(entry_id: str, form: MergeForm) -> Reply:
    """Lead to the comparison with the entry whose number was typed."""
    with runtime().read(arrived_at()) as uow:
        found = find_by_whole_number(uow, current_actor(), (form.number.data or "")[:NUMBER_LENGTH])
    if found is None:
        show_reasons(form, NotMergeable(unknown_number()))
        return _ask_page(entry_id, "", form), 422
    return redirect(url_for("merges.ask", entry_id=entry_id, into=found.id), 303)


def _ask_page(entry_id: str, into_id: str, form: MergeForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        entry = get_entry(uow, actor, entry_id, Role.REGISTRAR)
        other = get_entry(uow, actor, into_id, Role.REGISTRAR) if into_id else None
        signs = signs_between(uow, entry, other) if other else ()
        reasons = merge_reasons(side_of(uow, entry), side_of(uow, other)) if other else []
        twins = [] if other or entry.state is EntryState.MERGED else twins_of(uow, actor, entry)
    return render_template(
        "registry/merge.html", entry=entry, other=other, signs=signs, reasons=reasons, twins=twins, form=form,
        now=arrived_at(), pills=ENTRY_PILLS, level_names=LEVEL_NAMES,
    )  # fmt: skip


@blueprint.post("/desk/registry/<entry_id>/split")
@roles(Role.REGISTRAR)
def split(entry_id: str) -> Reply:
    """Propose that a merged entry come back as it stood."""
    form = MergeForm()
    with runtime().read(arrived_at()) as uow:
        get_entry(uow, current_actor(), entry_id, Role.REGISTRAR)
    if not form.validate_on_submit():
        return _ask_page(entry_id, "", form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            merge_id = service.propose_split(uow, current_actor(), entry_id, form.reason.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _ask_page(entry_id, "", form), refusal.status
    flash(gettext("已提出撤回并入，由另一名登记员决定；决定以前一切照旧"), "ok")
    return redirect(url_for("merges.show", merge_id=merge_id), 303)


@blueprint.get("/desk/registry/merges/<merge_id>")
@roles(*READERS)
def show(merge_id: str) -> str:
    """Show what was proposed about two entries, and what was decided."""
    return _page(merge_id, ReasonForm())


@blueprint.post("/desk/registry/merges/<merge_id>/decide")
@roles(Role.REGISTRAR)
def decide(merge_id: str) -> Reply:
    """Carry out what another registrar proposed."""
    form = ReasonForm(formdata=None)
    try:
        with runtime().write(arrived_at()) as uow:
            done = service.decide(uow, current_actor(), merge_id)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(merge_id, form), refusal.status
    flash(gettext(DONE_WORDS[done.kind]), "ok")
    return redirect(url_for("registry.show", entry_id=done.into_id), 303)


@blueprint.post("/desk/registry/merges/<merge_id>/refuse")
@roles(Role.REGISTRAR)
def refuse(merge_id: str) -> Reply:
    """End a proposal without carrying it out."""
    form = ReasonForm()
    with runtime().read(arrived_at()) as uow:
        both_sides(uow, current_actor(), merge_id, Role.REGISTRAR)
    if not form.validate_on_submit():
        return _page(merge_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.refuse(uow, current_actor(), merge_id, form.reason.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(merge_id, form), refusal.status
    flash(gettext("合并意见没有采用，两条登记不变"), "ok")
    return redirect(url_for("merges.show", merge_id=merge_id), 303)


def _page(merge_id: str, form: ReasonForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        merge, entry, other = both_sides(uow, actor, merge_id, *READERS)
        signs = signs_between(uow, entry, other)
        moves = history(uow, MERGE.name, merge_id)
        names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
        earlier = [one for one in merges_about(uow, entry.id) if one.id != merge_id]
    may_act = all(actor.covers(one.issuer_path, [Role.REGISTRAR]) for one in (entry, other))
    return render_template(
        "registry/merge_decision.html", merge=merge, entry=entry, other=other, signs=signs, names=names, form=form,
        moves=list(reversed(moves)), earlier=earlier, kind_names=KIND_NAMES, state_names=STATE_NAMES,
        verb_names=VERB_NAMES, pills=ENTRY_PILLS, level_names=LEVEL_NAMES, now=arrived_at(), may_act=may_act,
        reasons=decider_reasons(merge, actor.person_id),
    )  # fmt: skip
