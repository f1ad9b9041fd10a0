"""What happened to an application and what is still to come, in words for the page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from lms.accounts.policy import OrganisationKind
from lms.audit.queries import LoggedMove
from lms.core.actors import Actor
from lms.core.formats import datetime_cn
from lms.enrolment.policy import (
    DECISION_NAMES,
    REVIEWABLE_STATES,
    ApplicationFacts,
    ApplicationState,
    Decision,
    Outcome,
    Passage,
    StageState,
)
from lms.enrolment.policy import road as stations
from lms.enrolment.queries import DecisionLine
from lms.plans.policy import TIER_NAMES, PlanFacts

_REVIEW_VERBS = {"pass_on": "ok", "approve": "ok", "return": "no", "reject": "no"}


def trail(
    application: ApplicationFacts, moves: Sequence[LoggedMove], names: Mapping[str, str], *, for_owner: bool
) -> list[dict[str, Any]]:
    """Return the entries of the trail, newest first, with what is still to come on top."""
    return [*_ahead(application), *_behind(moves, names, for_owner=for_owner)]


def _ahead(application: ApplicationFacts) -> list[dict[str, Any]]:
    if application.outcome is not None or application.state not in (
        *REVIEWABLE_STATES,
        ApplicationState.RETURNED,
    ):
        return []
    waiting = [
        {"title": _(TIER_NAMES[tier]), "kind": "wait"}
        for tier in reversed(application.route[application.step + 1 :])
    ]
    tier = _(TIER_NAMES[application.route[application.step]])
    if application.state is ApplicationState.RETURNED:
        here = [{"title": tier, "kind": "wait"}, {"title": _("等待补正"), "kind": "now"}]
    else:
        since = application.step_entered_at
        here = [
            {
                "title": _("等待%(tier)s", tier=tier), "kind": "now",
                "when": _("%(moment)s 起", moment=datetime_cn(since)) if since else "",
            }
        ]  # fmt: skip
    return [*waiting, *here]


def _behind(
    moves: Sequence[LoggedMove], names: Mapping[str, str], *, for_owner: bool
) -> list[dict[str, Any]]:
    own = {
        "create": _("您开始填写申请") if for_owner else _("开始填写申请"),
        "submit": _("您提交了申请") if for_owner else _("提交申请"),
        "resubmit": _("您重新提交了申请") if for_owner else _("重新提交申请"),
        "withdraw": _("您撤回了申请") if for_owner else _("撤回申请"),
    }
    words = {"pass_on": _("通过"), "approve": _("通过"), "return": _("退回补正"), "reject": _("不通过")}
    entries = []
    for move in reversed(moves):
        if move.verb in own:
            entries.append({"title": own[move.verb], "when": datetime_cn(move.at), "kind": "ok"})
        elif move.verb in words:
            tier = OrganisationKind(json.loads(move.detail)["tier"])
            entries.append(
                {
                    "title": _("%(tier)s：%(decision)s", tier=_(TIER_NAMES[tier]), decision=words[move.verb]),
                    "when": datetime_cn(move.at), "who": names.get(move.actor_id or "", ""),
                    "remark": f"“{move.remark}”" if move.remark else "", "kind": _REVIEW_VERBS[move.verb],
                }
            )  # fmt: skip
    return entries


def road(application: ApplicationFacts, plan: PlanFacts) -> list[dict[str, Any]]:
    """Return the stations of the road for the macro that draws it.

    This room cannot see a certificate, so a completed application shows it as there: it follows in minutes.
    """
    stages = tuple((stage.kind, stage.state) for stage in application.stages)
    ended = application.outcome in (Outcome.COMPLETED, Outcome.ANNULLED)
    passage = Passage(
        application.state,
        stages or tuple((kind, StageState.LOCKED) for kind in plan.stages),
        certified=ended,
        registered=ended,
        revoked=application.outcome is Outcome.ANNULLED,
    )
    return [{"name": _(station.name), "state": station.state} for station in stations(passage)]


def settled(
    application: ApplicationFacts, made: Sequence[DecisionLine], actor: Actor, names: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return who has decided a case and when, for whoever looks at it afterwards; None while it waits for him.

    A case that is over names its last decision; one that has gone on to another tier names the actor's own.
    """
    if application.state is ApplicationState.WITHDRAWN:
        return {"title": _("申请人已撤回这份申请"), "rows": [], "kind": "info"}
    waits = application.state in REVIEWABLE_STATES and application.outcome is None
    passed_on = [
        line for line in made if line.actor_id == actor.person_id and line.decision is Decision.APPROVE
    ]
    told = next(reversed(passed_on if waits else made), None)
    if told is None:
        return None
    rows = [
        (_("办理人"), names.get(told.actor_id, "")),
        (_("办理时间"), datetime_cn(told.at)),
        *([(_("意见"), told.remark)] if told.remark else []),
    ]
    if waits and application.tier is not None:
        rows.append((_("现在"), _("等待%(tier)s", tier=_(TIER_NAMES[application.tier]))))
    elif application.state is ApplicationState.RETURNED:
        rows.append((_("现在"), _("等待补正")))
    decision = _(DECISION_NAMES[told.decision])
    whose = _("您已办理：%(decision)s", decision=decision)
    if told.actor_id != actor.person_id:
        whose = _("%(tier)s已办理：%(decision)s", tier=_(TIER_NAMES[told.tier]), decision=decision)
    kind = {Decision.APPROVE: "good", Decision.RETURN: "info", Decision.REJECT: "hard"}[told.decision]
    return {"title": whose, "rows": rows, "kind": kind}
