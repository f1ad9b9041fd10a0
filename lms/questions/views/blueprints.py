"""Pages of the blueprints: the list, one of them, and what is done about it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.errors import N_, NotFound, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import NewBlueprintForm
from lms.questions.policy import BLUEPRINT_STATE_NAMES, BlueprintState
from lms.questions.views.blueprint import NAMES, Reply, blueprint
from question_bank.validation import tidy_text

ORDER = (BlueprintState.DRAFT, BlueprintState.PUBLISHED, BlueprintState.RETIRED)
"""What somebody still works on stands on top, what nobody wants any more at the end."""
DONE_WORDS = {
    "publish": N_("方案已发布，制定计划时可以选择"),
    "retire": N_("方案已停用，已选它的计划不变"),
    "discard": N_("草稿已删除"),
}


@blueprint.get("/blueprints")
@roles(Role.QUESTION_ADMIN, Role.EXAM_ADMIN)
def blueprints() -> str:
    """List the blueprints, each compared with the bank as it is now."""
    with runtime().read(arrived_at()) as uow:
        found = queries.blueprints(uow)
    return render_template(
        "questions/blueprints.html", blueprints=sorted(found, key=lambda one: ORDER.index(one.state)),
        state_names=BLUEPRINT_STATE_NAMES, may_edit=current_actor().has_role(Role.QUESTION_ADMIN),
    )  # fmt: skip


@blueprint.route("/blueprints/new", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def new_blueprint() -> Reply:
    """Begin a draft, empty or copied from another blueprint."""
    form = NewBlueprintForm()
    with runtime().read(arrived_at()) as uow:
        known = queries.blueprints(uow)
    form.source_id.choices = [SelectChoice("", _("空白方案"))] + [
        SelectChoice(one.id, _("复制“%(title)s”（%(code)s）", title=one.title, code=one.code))
        for one in known
    ]
    if not form.is_submitted():
        wanted = next((one for one in known if one.id == request.args.get("from")), None)
        if wanted:
            form.source_id.data, form.title.data = wanted.id, wanted.title
    elif form.validate():
        try:
            with runtime().write(arrived_at()) as uow:
                blueprint_id = service.create_blueprint(
                    uow, current_actor(), tidy_text(form.title.data or ""), form.source_id.data or None
                )
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            return redirect(url_for("questions.edit_blueprint", blueprint_id=blueprint_id), 303)
    status = 422 if form.is_submitted() else 200
    return render_template("questions/blueprint_new.html", form=form), status


@blueprint.get("/blueprints/<blueprint_id>")
@roles(Role.QUESTION_ADMIN, Role.EXAM_ADMIN)
def show_blueprint(blueprint_id: str) -> str:
    """Show one blueprint section by section, and what may be done about it."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.blueprint_facts(uow, blueprint_id)
        is_draft = facts.state is BlueprintState.DRAFT
        missing = queries.publish_blueprint_reasons(uow, facts) if is_draft else []
        source = queries.blueprint_facts(uow, facts.copied_from) if facts.copied_from else None
    return render_template(
        "questions/blueprint.html", facts=facts, missing=missing, source=source, state_names=BLUEPRINT_STATE_NAMES,
        may_edit=current_actor().has_role(Role.QUESTION_ADMIN), **NAMES,
    )  # fmt: skip


@blueprint.post("/blueprints/<blueprint_id>/<verb>")
@roles(Role.QUESTION_ADMIN)
def decide_blueprint(blueprint_id: str, verb: str) -> Response:
    """Publish or discard a draft, or retire a published blueprint."""
    actor = current_actor()
    base = request.form.get("base", 0, type=int)
    acts: dict[str, Callable[[UnitOfWork], None]] = {
        "publish": lambda uow: service.publish_blueprint(uow, actor, blueprint_id, base),
        "retire": lambda uow: service.retire_blueprint(uow, actor, blueprint_id),
        "discard": lambda uow: service.discard_blueprint(uow, actor, blueprint_id),
    }
    if verb not in acts:
        raise NotFound
    with runtime().write(arrived_at()) as uow:
        acts[verb](uow)
    flash(_(DONE_WORDS[verb]), "ok")
    if verb == "discard":
        return redirect(url_for("questions.blueprints"), 303)
    return redirect(url_for("questions.show_blueprint", blueprint_id=blueprint_id), 303)
