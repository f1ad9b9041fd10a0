"""The trainee's home, the desk of staff, and the figures."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles, signed_in
from lms.accounts.forms import page_asked
from lms.accounts.policy import STAFF_ROLES, Role
from lms.core.web import arrived_at, runtime
from lms.dashboards import queries
from lms.dashboards.policy import (
    BEHIND_ROLES,
    FIGURE_ROLES,
    STUDY_PARTS,
    WAITING_NAMES,
    Waiting,
)
from lms.plans.policy import LEVEL_NAMES, PHASE_NAMES, TIER_NAMES, phase_of
from lms.registry.queries.entries import READERS as REGISTRY_READERS

ID_LENGTH_ASKED = 40

WHERE: dict[Waiting, tuple[str, dict[str, str]]] = {
    Waiting.REVIEWS: ("enrolment.inbox", {}),
    Waiting.SCORE_REVIEWS: ("exam.reviews", {}),
    Waiting.CORRECTIONS: ("exam.corrections", {}),
    Waiting.APPEALS: ("appeals.index", {"state": "open"}),
    Waiting.DRAFTS: ("plans.index", {"phase": "draft"}),
    Waiting.OVER: ("plans.index", {"phase": "ended"}),
    Waiting.IMPORTS: ("questions.imports", {}),
    Waiting.CHANGES: ("changes.index", {"state": "open"}),
    Waiting.SUSPENDED: ("registry.index", {"standing": "suspended"}),
    Waiting.DECISIONS: ("pending.index", {}),
    Waiting.MERGES: ("pending.index", {}),
    Waiting.NUMBERING: ("pending.index", {}),
    Waiting.PRINTING: ("pending.index", {}),
    Waiting.JOBS: ("", {}),
}
"""Where each kind of work is done; what has no page of its own stands below on the desk, or is done elsewhere."""

blueprint = Blueprint("dashboards", __name__)


@blueprint.get("/home")
@signed_in
def home() -> str | Response:
    """Say where the person stands, what comes next, and why something is not open yet.

    Staff who have never applied for anything have no such road; they work at the desk.
    """
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        facts = queries.home(uow, actor, _asked("application"))
    if facts.application is None and actor.has_role(*STAFF_ROLES):
        return redirect(url_for("dashboards.desk"))
    return render_template(
        "dashboards/home.html", facts=facts, name=current_user.name, now=arrived_at(), level_names=LEVEL_NAMES,
        tier_names=TIER_NAMES,
    )  # fmt: skip


@blueprint.get("/desk")
@roles(*STAFF_ROLES)
def desk() -> str:
    """Show the work that waits, and what goes on, by role."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        facts = queries.desk(uow, actor)
    phases = {plan.id: PHASE_NAMES[phase_of(plan, arrived_at())] for plan in facts.plans or ()}
    return render_template(
        "dashboards/desk.html", facts=facts, name=current_user.name, now=arrived_at(), phases=phases,
        level_names=LEVEL_NAMES, tier_names=TIER_NAMES, waiting_names=WAITING_NAMES, where=WHERE,
        reads_registry=actor.has_role(*REGISTRY_READERS), sees_figures=actor.has_role(*FIGURE_ROLES),
    )  # fmt: skip


@blueprint.get("/desk/figures")
@roles(*FIGURE_ROLES)
def figures() -> str:
    """Draw how a class studies and scores, which plans pass, and when entries end, as far as the roles reach."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        facts = queries.figures(uow, actor, _asked("plan"), _asked("organisation"))
    return render_template(
        "dashboards/figures.html", facts=facts, choice=facts.choice, study_parts=STUDY_PARTS,
        reads_registry=actor.has_role(*REGISTRY_READERS), now=arrived_at(),
    )  # fmt: skip


@blueprint.get("/desk/figures/behind")
@roles(*BEHIND_ROLES)
def behind() -> str:
    """List those of a class who have studied less than evenly."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        choice = queries.choose(uow, actor, _asked("plan"), _asked("organisation"))
        found = (
            queries.behind_lines(uow, actor, choice.plan, choice.within_path, page_asked())
            if choice.plan
            else None
        )
    return render_template("dashboards/behind.html", choice=choice, found=found, now=arrived_at())


@blueprint.get("/desk/roster")
@roles(Role.INSTITUTION_OFFICER)
def roster() -> str:
    """The people of one's own institution with where each stands, ID numbers masked."""
    words = _asked("q").strip()
    with runtime().read(arrived_at()) as uow:
        found = queries.roster(uow, current_actor(), words, page_asked())
    return render_template("dashboards/roster.html", found=found, words=words)


def _asked(name: str) -> str:
    return request.args.get(name, "")[:ID_LENGTH_ASKED]
