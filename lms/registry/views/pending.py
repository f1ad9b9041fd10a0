"""The registrar's page of certificates that are not finished, with the reasons and a way to try again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.policy import Role
from lms.certificates.policy.certificates import OVERDUE_AFTER
from lms.certificates.policy.decisions import VERDICT_NAMES
from lms.certificates.queries.pending import SHOWN, unnumbered, unprinted_in
from lms.certificates.service.pending import number_again, print_again
from lms.core.web import arrived_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.policy.merges import KIND_NAMES
from lms.registry.queries.chains import waiting_decisions
from lms.registry.queries.entries import READERS
from lms.registry.queries.merges import waiting_merges

blueprint = Blueprint("pending", __name__)


@blueprint.get("/desk/registry/pending")
@roles(*READERS)
def index() -> str:
    """List what waits for a number, for its file, or for a second person, within the actor's scope."""
    actor, house = current_actor(), runtime()
    scopes = actor.scope_paths(*READERS)
    with house.read(arrived_at()) as uow:
        numbers = unnumbered(uow, scopes)
        prints = unprinted_in(uow, scopes, house.settings.font_dir)
        decisions = waiting_decisions(uow, scopes)
        merges = waiting_merges(uow, scopes)
        now = uow.now
    return render_template(
        "registry/pending.html", numbers=numbers, prints=prints, decisions=decisions, now=now, limit=SHOWN,
        level_names=LEVEL_NAMES, verdict_names=VERDICT_NAMES, fresh_since=now - OVERDUE_AFTER,
        may_act=actor.has_role(Role.REGISTRAR), me=actor.person_id,
        merges=merges, kind_names=KIND_NAMES,
    )  # fmt: skip


@blueprint.post("/desk/registry/pending/application/<application_id>/again")
@roles(Role.REGISTRAR)
def again_numbering(application_id: str) -> Response:
    """Have a passed application numbered now."""
    with runtime().write(arrived_at()) as uow:
        number_again(uow, current_actor(), application_id)
    return _asked()


@blueprint.post("/desk/registry/pending/certificate/<certificate_id>/again")
@roles(Role.REGISTRAR)
def again_printing(certificate_id: str) -> Response:
    """Have a numbered certificate printed now."""
    with runtime().write(arrived_at()) as uow:
        print_again(uow, current_actor(), certificate_id)
    return _asked()


def _asked() -> Response:
    flash(gettext("已重新排队，一般几秒内有结果，请刷新本页"), "ok")
    return redirect(url_for("pending.index"), 303)
