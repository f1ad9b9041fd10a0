"""Who decides what the desk of study shows: appeals, and findings that somebody has to look at.

Pure. Both belong to the exam administrators of the plan, and nobody decides about himself.
"""

from collections.abc import Mapping

from lms.accounts.policy import office_reasons, who_can
from lms.core.errors import N_, Reason

APPEALS = N_("学时申诉由这个计划的考务管理员处理")
FINDINGS = N_("学习异常提示由这个计划的考务管理员核实")


def desk_reasons(
    rule: str, student_id: str, person_id: str | None, staff: Mapping[str, str], *, has_office: bool
) -> list[Reason]:
    """Say why somebody who sees an appeal or a finding cannot decide it, and who can.

    `rule` is one of the two above, `staff` are the names, by id, of the exam administrators of the plan, and
    `has_office` says whether he is one of them.
    """
    able = [name for one, name in staff.items() if one not in {person_id, student_id}]
    if reasons := office_reasons(rule, able, is_theirs=has_office, source="B1"):
        return reasons
    if person_id != student_id:
        return []
    way_out, params = who_can(able)
    return [_own(way_out, params)]


def own_study_reasons(student_id: str, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide about his own study."""
    return [_own(N_("请另一位考务管理员办理"), {})] if person_id == student_id else []


def _own(way_out: str, params: Mapping[str, object]) -> Reason:
    return Reason(
        "study.own",
        N_("本人的学习情况由别人处理"),
        N_("这是您自己的学习记录"),
        way_out,
        source="B1",
        params=params,
    )
