"""Pages of the items."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.audit.queries import history
from lms.core.errors import N_, Refusal
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import DecisionForm, RetireForm
from lms.questions.passages import shown_pictures
from lms.questions.policy import (
    ITEM,
    REVIEW_NAMES,
    STATE_NAMES,
    Change,
    ItemFilter,
    ItemState,
    ReviewState,
    Wording,
    changes,
    picture_keys,
)
from lms.questions.queries import Version
from lms.questions.views.blueprint import NAMES, Reply, blueprint

ITEM_VERBS = {
    "create": N_("新写"),
    "approve": N_("首次批准"),
    "retire": N_("停用"),
    "reinstate": N_("恢复使用"),
}


@blueprint.get("/")
@roles(Role.QUESTION_ADMIN)
def index() -> str:
    """List the bank with its filters."""
    wanted = ItemFilter.of(request.args)
    page = page_asked()
    with runtime().read(arrived_at()) as uow:
        lines, total = queries.items(uow, wanted, page)
        live = queries.item_count(uow)
        waiting = queries.waiting_count(uow)
    return render_template(
        "questions/index.html", lines=lines, wanted=wanted, live=live, waiting=waiting, state_names=STATE_NAMES,
        page=Page(page, queries.PAGE_SIZE, total), **NAMES,
    )  # fmt: skip


@blueprint.get("/<item_id>")
@roles(Role.QUESTION_ADMIN)
def item(item_id: str) -> str:
    """Show one item with its key, source and history."""
    return _item_page(item_id, RetireForm())


@blueprint.post("/<item_id>/retire")
@roles(Role.QUESTION_ADMIN)
def retire(item_id: str) -> Reply:
    """Take an item out of future papers, with a reason."""
    form = RetireForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.retire_item(uow, current_actor(), item_id, form.remark.data or "")
            flash(_("这道题已停用，以后不再抽到"), "ok")
            return redirect(url_for("questions.item", item_id=item_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            return _item_page(item_id, form), refusal.status
    return _item_page(item_id, form), 422


@blueprint.post("/<item_id>/reinstate")
@roles(Role.QUESTION_ADMIN)
def reinstate(item_id: str) -> Reply:
    """Let papers draw a retired item again."""
    with runtime().write(arrived_at()) as uow:
        service.reinstate_item(uow, current_actor(), item_id)
    flash(_("这道题已恢复使用"), "ok")
    return redirect(url_for("questions.item", item_id=item_id), 303)


@blueprint.post("/<item_id>/practice")
@roles(Role.QUESTION_ADMIN)
def practice(item_id: str) -> Reply:
    """Say that a question is for practice, or for exams again."""
    is_wanted = request.form.get("practice") == "yes"
    with runtime().write(arrived_at()) as uow:
        act = service.mark_for_practice if is_wanted else service.unmark_practice
        act(uow, current_actor(), item_id)
    flash(_("这道题现在用于练习，组卷不再抽到") if is_wanted else _("这道题不再用于练习，组卷可以抽到"), "ok")
    return redirect(url_for("questions.item", item_id=item_id), 303)


def _item_page(item_id: str, form: RetireForm) -> str:
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_item(uow, item_id)
        moves = history(uow, ITEM.name, item_id)
        versions = queries.versions_of(uow, item_id)
        people = {
            who for one in versions for who in (one.written_by, one.reviewed_by, one.approved_by) if who
        }
        names = names_of(uow, people)
        found = queries.pictures(uow, picture_keys(facts.item))
        for_practice = queries.is_for_practice(uow, item_id)
    waiting = next((one for one in versions if one.is_open), None)
    return render_template(
        "questions/item.html", facts=facts, item=facts.item, form=form,
        for_practice=for_practice, act=ActForm(), moves=list(reversed(moves)),
        is_live=facts.state is ItemState.APPROVED, present=_present(versions, facts.version), told=_told(versions),
        names=names, review_names=REVIEW_NAMES, waiting=waiting, decision=DecisionForm(), item_verbs=ITEM_VERBS,
        pictures=shown_pictures(found, lambda key: url_for("questions.picture", key=key)),
        mine=waiting is not None and waiting.written_by == current_actor().person_id, **NAMES,
    )  # fmt: skip


def _present(versions: list[Version], number: int) -> Wording:
    return next(one.wording for one in versions if one.number == number)


def _told(versions: list[Version]) -> list[tuple[Version, list[Change]]]:
    """Return each version with what it changes of the one that papers drew before it."""
    told = []
    for place, one in enumerate(versions):
        older = versions[place + 1 :]
        drawn = (earlier for earlier in older if earlier.state in {None, ReviewState.APPROVED})
        before = next(drawn, older[0] if older else None)
        told.append((one, list(changes(before.wording, one.wording)) if before else []))
    return told
