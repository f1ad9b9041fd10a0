"""What happened to an application and what is still to come, in words for the page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from lms.accounts.policy import OrganisationKind
from lms.audit.queries import LoggedMove
from lms.core.formats import datetime_cn
from lms.enrolment.policy import (
    DONE_STATES,
    REVIEWABLE_STATES,
    ApplicationFacts,
    ApplicationState,
    Outcome,
    StageState,
)
from lms.plans.policy import STAGE_NAMES, TIER_NAMES, PlanFacts

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
    """Return the steps from application to certificate with the state of each."""
    approved = application.state is ApplicationState.APPROVED
    refused = application.state in (ApplicationState.REJECTED, ApplicationState.RETURNED)
    handed_in = application.submitted_at is not None
    stopped = application.state is ApplicationState.WITHDRAWN
    steps = [
        {"name": _("报名"), "state": "refused" if stopped else ("past" if handed_in else "here")},
        {
            "name": _("审核"),
            "state": "past" if approved else _review_state(refused=refused, waits=handed_in and not stopped),
        },
    ]
    for kind in plan.stages:
        stage = application.stage(kind)
        state = "next"
        if stage is not None:
            state = {StageState.OPEN: "here", StageState.FAILED: "refused"}.get(
                stage.state, "past" if stage.state in DONE_STATES else "next"
            )
        steps.append({"name": _(STAGE_NAMES[kind]), "state": state})
    steps.append({"name": _("证书"), "state": "past" if application.outcome is Outcome.COMPLETED else "next"})
    return steps


def _review_state(*, refused: bool, waits: bool) -> str:
    if refused:
        return "refused"
    return "here" if waits else "next"
