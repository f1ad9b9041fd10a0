"""The trainee's home and the desk of staff."""

from flask import Blueprint, render_template
from flask_login import current_user

from lms.accounts.access import current_actor, roles, signed_in
from lms.accounts.policy import STAFF_ROLES
from lms.core.web import arrived_at, runtime
from lms.dashboards.policy import STEP_PILLS
from lms.dashboards.queries import desk as desk_facts
from lms.dashboards.queries import home as home_facts
from lms.plans.policy import LEVEL_NAMES, PHASE_NAMES, TIER_NAMES, phase_of

blueprint = Blueprint("dashboards", __name__)


@blueprint.get("/home")
@signed_in
def home() -> str:
    """Say where the person stands, what comes next, and why something is not open yet."""
    with runtime().read(arrived_at()) as uow:
        facts = home_facts(uow, current_actor())
    return render_template(
        "dashboards/home.html", facts=facts, name=current_user.name, now=arrived_at(), pills=STEP_PILLS,
        level_names=LEVEL_NAMES, tier_names=TIER_NAMES,
    )  # fmt: skip


@blueprint.get("/desk")
@roles(*STAFF_ROLES)
def desk() -> str:
    """Show the work that waits, by role."""
    with runtime().read(arrived_at()) as uow:
        facts = desk_facts(uow, current_actor())
    phases = {plan.id: PHASE_NAMES[phase_of(plan, arrived_at())] for plan in facts.plans or ()}
    return render_template(
        "dashboards/desk.html", facts=facts, name=current_user.name, now=arrived_at(), phases=phases,
        level_names=LEVEL_NAMES, tier_names=TIER_NAMES,
    )  # fmt: skip
