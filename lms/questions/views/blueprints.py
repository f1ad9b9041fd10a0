"""Pages of the blueprints."""

from flask import render_template

from lms.accounts.access import roles
from lms.accounts.policy import Role
from lms.core.web import arrived_at, runtime
from lms.questions import queries
from lms.questions.views.blueprint import NAMES, blueprint


@blueprint.get("/blueprints")
@roles(Role.QUESTION_ADMIN, Role.EXAM_ADMIN)
def blueprints() -> str:
    """List the blueprints, each compared with the bank as it is now."""
    with runtime().read(arrived_at()) as uow:
        found = queries.blueprints(uow)
    return render_template("questions/blueprints.html", blueprints=found)


@blueprint.get("/blueprints/<blueprint_id>")
@roles(Role.QUESTION_ADMIN, Role.EXAM_ADMIN)
def show_blueprint(blueprint_id: str) -> str:
    """Show one blueprint section by section."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.blueprint_facts(uow, blueprint_id)
    return render_template("questions/blueprint.html", facts=facts, **NAMES)
