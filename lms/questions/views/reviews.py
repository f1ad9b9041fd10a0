"""Pages on which questions are written, and looked at by a second person."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.core.actors import Actor
from lms.core.errors import N_, NotFound, Reason, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import DecisionForm, ItemForm
from lms.questions.policy import REVIEW_NAMES, edit_reasons
from lms.questions.views import wordings
from lms.questions.views.blueprint import NAMES, Reply, blueprint
from question_bank.items import OPTION_KEYS, ItemType

DONE_WORDS = {
    "review": N_("已复核，等待批准"),
    "approve": N_("已批准，从现在起抽题用这一版"),
    "decline": N_("已退回，在用的版本不变"),
    "withdraw": N_("已撤回，在用的版本不变"),
}
VERSION_DIGITS = 6
"""Longer numbers than any item has versions are nobody's."""


@blueprint.get("/reviews")
@roles(Role.QUESTION_ADMIN)
def reviews() -> str:
    """List the versions that wait for a second person."""
    with runtime().read(arrived_at()) as uow:
        waiting = queries.waiting_versions(uow)
        names = names_of(uow, {one.written_by for one in waiting})
    return render_template(
        "questions/reviews.html", waiting=waiting, names=names, review_names=REVIEW_NAMES,
        me=current_actor().person_id,
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def new() -> Reply:
    """Write a new question; papers draw it once somebody else has approved it."""
    form = ItemForm()

    def write(uow: UnitOfWork, actor: Actor) -> str:
        return service.write_item(
            uow, actor, wordings.read(form, ItemType(form.type.data)), form.note.data or ""
        )

    return _written(form, write, "")


@blueprint.route("/<item_id>/edit", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def edit(item_id: str) -> Reply:
    """Write a new version of a question, starting from the newest one."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_item(uow, item_id)
        waiting = queries.open_review(uow, item_id)
        newest = queries.last_version(uow, item_id)
        present, _mark = queries.get_wording(uow, item_id, newest)
    reasons = edit_reasons(facts.state, waiting.written_by if waiting else None, current_actor().person_id)
    form = ItemForm()
    form.type.data = present.item.type.value
    if not form.is_submitted():
        wordings.fill(form, present, newest)

    def write(uow: UnitOfWork, actor: Actor) -> str:
        base = int(form.base.data) if (form.base.data or "").isdecimal() else 0
        wording = wordings.read(form, present.item.type)
        service.write_version(uow, actor, item_id, base, wording, form.note.data or "")
        return item_id

    if reasons and not form.is_submitted():
        return _form_page(form, item_id, reasons), 200
    return _written(form, write, item_id)


@blueprint.post("/<item_id>/versions/<version>/<verb>")
@roles(Role.QUESTION_ADMIN)
def decide(item_id: str, version: str, verb: str) -> Reply:
    """Review, approve, decline or take back a version that waits."""
    form, actor = DecisionForm(), current_actor()
    remark = (form.remark.data or "")[:300]
    number = (
        int(version) if version.isascii() and version.isdecimal() and len(version) < VERSION_DIGITS else 0
    )
    acts: dict[str, Callable[[UnitOfWork], None]] = {
        "review": lambda uow: service.review_version(uow, actor, item_id, number, remark),
        "approve": lambda uow: service.approve_version(uow, actor, item_id, number, remark),
        "decline": lambda uow: service.decline_version(uow, actor, item_id, number, remark),
        "withdraw": lambda uow: service.withdraw_version(uow, actor, item_id, number),
    }
    if verb not in acts:
        raise NotFound
    if not form.validate_on_submit():
        return redirect(url_for("questions.item", item_id=item_id), 303)
    with runtime().write(arrived_at()) as uow:
        acts[verb](uow)
    flash(_(DONE_WORDS[verb]), "ok")
    return redirect(url_for("questions.item", item_id=item_id), 303)


def _written(form: ItemForm, write: Callable[[UnitOfWork, Actor], str], item_id: str) -> Reply:
    status = 200
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                written_id = write(uow, current_actor())
            flash(_("新版本已保存，请另一位题库管理员复核"), "ok")
            return redirect(url_for("questions.item", item_id=written_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    return _form_page(form, item_id, []), status


def _form_page(form: ItemForm, item_id: str, reasons: list[Reason]) -> str:
    return render_template(
        "questions/edit.html", form=form, item_id=item_id, reasons=reasons, option_keys=OPTION_KEYS,
        type=form.type.data or request.args.get("type", ""), **NAMES,
    )  # fmt: skip
