"""Refusals of the enrolment room."""

from lms.core.errors import N_, Conflict, Forbidden, Reason, Refusal


class NotEligible(Refusal):
    """The person or the plan does not allow an application; the reasons say why."""

    code = "not_eligible"
    title = N_("现在还不能报名")


class StageNotOpen(Refusal):
    """The stage is locked, over, or outside its window; the reasons say why and what to do."""

    code = "stage_not_open"
    title = N_("这个阶段现在没有开放")


class NotYourCase(Forbidden):
    """This reviewer may not decide this application at this step (fault I3)."""

    code = "not_your_case"
    title = N_("这份申请不由您审核")


class WrongState(Conflict):
    """The application's state does not allow this act."""

    code = "wrong_state"
    title = N_("申请现在的状态不能这样办")


def applied_already() -> Conflict:
    """Build the refusal of a second live application (invariant A6)."""
    return Conflict(
        Reason(
            "application.exists", N_("同一个人、同一职业、同一级别，同一时间只能有一份有效申请"),
            N_("您已经有一份有效申请"), N_("请到报名页的“我的申请”查看"), source="A6",
        )
    )  # fmt: skip
