"""The page on which a blueprint is drafted. Every button sends the whole form, so it works without JavaScript."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.policy import Role
from lms.core.errors import Conflict, Reason, Refusal, unreadable
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import SPREAD, BlueprintForm
from lms.questions.policy import SECTIONS_MAX, blueprint_verb_reasons, prove
from lms.questions.queries import BlueprintFacts
from lms.questions.views.blueprint import NAMES, Reply, blueprint
from question_bank.items import FULL_MARK, ItemType

FIRST_SECTION = {"type": ItemType.SINGLE.value, "area": "", "level": "", "count": "10", "points": "2"}
_ACT = re.compile(r"(save|count|add|(?:up|down|remove)-([1-9][0-9]?))", re.ASCII)


@blueprint.route("/blueprints/<blueprint_id>/edit", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def edit_blueprint(blueprint_id: str) -> Reply:
    """Write a draft; what it comes to and whether the bank fills it stands beside the form."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.blueprint_facts(uow, blueprint_id)
    form = BlueprintForm()
    if not form.is_submitted():
        form.show(facts.blueprint, facts.revision)
        return _page(form, facts, blueprint_verb_reasons("edit", facts.state))
    form.read(request.form)
    act = _ACT.fullmatch(request.form.get("act", ""))
    if act is None:
        raise unreadable()
    if act[1] != "save":
        return _page(form, facts, [], focus=_rearrange(form, act[1].partition("-")[0], int(act[2] or 0)))
    if not form.is_sound():
        return _page(form, facts, []), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.edit_blueprint(uow, current_actor(), blueprint_id, form.revision, form.blueprint)
    except Conflict as refusal:
        # What was typed stays on the page; nothing of it was written.
        return _page(form, facts, list(refusal.reasons)), refusal.status
    except Refusal as refusal:
        form.take(refusal)
        return _page(form, facts, []), refusal.status
    flash(_("草稿已保存"), "ok")
    return redirect(url_for("questions.show_blueprint", blueprint_id=blueprint_id), 303)


def _rearrange(form: BlueprintForm, verb: str, number: int) -> str:
    """Add, move or remove a section; return the id of what the person goes on with."""
    rows: list[dict[str, Any]] = [part.data for part in form.parts]
    focus = ""
    if verb == "add" and len(rows) < SECTIONS_MAX:
        last = rows[-1] if rows else FIRST_SECTION
        rows.append({**FIRST_SECTION, "type": last["type"], "points": last["points"]})
        focus = f"s{len(rows)}-type"
    elif number and number <= len(rows):
        row = rows.pop(number - 1)
        place = {"up": max(number - 2, 0), "down": min(number, len(rows))}.get(verb)
        if place is not None:
            rows.insert(place, row)
            focus = f"s{place + 1}-{verb}"
        else:
            focus = f"s{min(number, len(rows))}-remove" if rows else "add"
    if focus:
        form.write(rows)
    return focus


def _page(form: BlueprintForm, facts: BlueprintFacts, reasons: list[Reason], focus: str = "") -> str:
    with runtime().read(arrived_at()) as uow:
        proof = prove(form.blueprint, queries.cell_counts(uow))
    return render_template(
        "questions/blueprint_edit.html", form=form, facts=facts, reasons=reasons, focus=focus, proof=proof,
        full_mark=FULL_MARK, spread=SPREAD, sections_max=SECTIONS_MAX, is_sent=form.is_submitted(), **NAMES,
    )  # fmt: skip
