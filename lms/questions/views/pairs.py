"""The page on which rows that resemble a question are compared with it and decided."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, page_asked
from lms.accounts.policy import Role
from lms.core.errors import N_, Invalid, Reason
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.comparison import compared
from lms.questions.policy import (
    CHOICES,
    DECISION_NAMES,
    PAIRS_PER_PAGE,
    RESEMBLANCE_NAMES,
    REST_CHOICES,
    Decision,
    decision_time_reasons,
)
from lms.questions.views.blueprint import Reply, blueprint

NUMBER = "<int(max=999999):number>"


@blueprint.get("/imports/<batch_id>/pairs")
@roles(Role.QUESTION_ADMIN)
def pairs(batch_id: str) -> str:
    """Show each row that resembles a question beside it, with what may become of it."""
    number, undecided = page_asked(), request.args.get("show") == "undecided"
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
        found, total = queries.pairs(uow, batch_id, number, undecided=undecided)
        counts = queries.pair_counts(uow, batch_id)
    return render_template(
        "questions/pairs.html", batch=facts, counts=counts, undecided=undecided, act=ActForm(),
        told=[(pair, compared(pair.item, pair.other) if pair.item and pair.other else None) for pair in found],
        choices=CHOICES, decision_names=DECISION_NAMES, kind_names=RESEMBLANCE_NAMES, rest_choices=REST_CHOICES,
        is_open=not decision_time_reasons(facts.state), page=Page(number, PAIRS_PER_PAGE, total),
    )  # fmt: skip


@blueprint.post(f"/imports/<batch_id>/pairs/{NUMBER}")
@roles(Role.QUESTION_ADMIN)
def decide_pair(batch_id: str, number: int) -> Reply:
    """Decide what becomes of one row."""
    with runtime().write(arrived_at()) as uow:
        service.decide_pair(uow, current_actor(), batch_id, number, _decision())
    return redirect(
        url_for("questions.pairs", batch_id=batch_id, page=page_asked(), _anchor=f"pair-{number}"), 303
    )


@blueprint.post("/imports/<batch_id>/pairs")
@roles(Role.QUESTION_ADMIN)
def decide_rest(batch_id: str) -> Reply:
    """Decide at once for all rows without a decision of their own."""
    with runtime().write(arrived_at()) as uow:
        service.decide_rest(uow, current_actor(), batch_id, _decision())
    flash(_("已记下，导入以前可以再改"), "ok")
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)


def _decision() -> Decision:
    asked = request.form.get("decision", "")
    if asked not in set(Decision):
        raise Invalid(
            Reason(
                "pair.unknown", N_("请从列出的办法中选择"), now=N_("送来的选择不在列表里"),
                way_out=N_("请刷新页面后再选")
            )
        )  # fmt: skip
    return Decision(asked)
