"""Refusals of the plans room."""

from lms.core.errors import N_, Refusal


class PlanNotReady(Refusal):
    """The plan cannot be published as it stands; the reasons say what is missing."""

    code = "plan_not_ready"
    title = N_("计划还不能发布")


class PlanFrozen(Refusal):
    """The plan is not a draft any more, or not yet at its end."""

    code = "plan_frozen"
    title = N_("现在不能改动这个计划")
