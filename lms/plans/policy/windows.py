"""Where a plan stands in time, and what its windows refuse."""

from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_, Opening, Reason
from lms.plans.policy.plan import PlanFacts, PlanState, StageKind


class PlanPhase(StrEnum):
    """Where a plan stands in time: derived from its state and its windows, never stored."""

    DRAFT = "draft"
    UPCOMING = "upcoming"
    ENROLLING = "enrolling"
    STUDYING = "studying"
    EXAMINING = "examining"
    ENDED = "ended"
    CANCELLED = "cancelled"


PHASE_NAMES: dict[PlanPhase, str] = {
    PlanPhase.DRAFT: N_("草稿"),
    PlanPhase.UPCOMING: N_("即将开始"),
    PlanPhase.ENROLLING: N_("报名中"),
    PlanPhase.STUDYING: N_("学习中"),
    PlanPhase.EXAMINING: N_("考试中"),
    PlanPhase.ENDED: N_("已结束"),
    PlanPhase.CANCELLED: N_("已取消"),
}
RUNNING_PHASES = (PlanPhase.UPCOMING, PlanPhase.ENROLLING, PlanPhase.STUDYING, PlanPhase.EXAMINING)


class Window(StrEnum):
    """Where a moment lies to a window."""

    BEFORE = "before"
    OPEN = "open"
    OVER = "over"


def window_at(opens: datetime, closes: datetime, now: datetime) -> Window:
    """Tell where a moment lies to a window: its start belongs to it, its end does not."""
    if now < opens:
        return Window.BEFORE
    return Window.OPEN if now < closes else Window.OVER


def phase_of(plan: PlanFacts, now: datetime) -> PlanPhase:
    """Tell where a plan stands. While windows overlap, the one that ends first names the phase (A11)."""
    still = {
        PlanState.DRAFT: PlanPhase.DRAFT,
        PlanState.CANCELLED: PlanPhase.CANCELLED,
        PlanState.CLOSED: PlanPhase.ENDED,
    }
    if plan.state in still:
        return still[plan.state]
    ends = (
        (plan.enrol_from, PlanPhase.UPCOMING),
        (plan.enrol_until, PlanPhase.ENROLLING),
        (plan.study_from, PlanPhase.UPCOMING),
        (plan.study_until, PlanPhase.STUDYING),
        (plan.exam_from, PlanPhase.UPCOMING),
        (plan.exam_over_at, PlanPhase.EXAMINING),
    )
    return next((phase for end, phase in ends if now < end), PlanPhase.ENDED)


def window_of(plan: PlanFacts, kind: StageKind) -> tuple[datetime, datetime] | None:
    """Return a stage's window, or None for stages whose dates are announced later (B6, B7)."""
    windows = {
        StageKind.STUDY: (plan.study_from, plan.study_until),
        StageKind.EXAM: (plan.exam_from, plan.exam_until),
    }
    return windows.get(kind)


def window_reasons(plan: PlanFacts, kind: StageKind, now: datetime) -> list[Reason]:
    """Say why a stage cannot be taken at this moment, going by the plan alone."""
    if plan.state is not PlanState.PUBLISHED:
        return [
            Reason(
                "plan.not_running", N_("只能参加已发布、没有结束的计划"), N_("这个计划现在没有开放"),
                N_("请到报名页看看其他计划"), source="A8",
            )
        ]  # fmt: skip
    window = window_of(plan, kind)
    if window is None or window[0] <= now < window[1]:
        return []
    names = {
        StageKind.STUDY: (N_("只能在学习时间内学习"), "A11"),
        StageKind.EXAM: (N_("只能在考试时间内考试"), "A19"),
    }
    rule, source = names[kind]
    if now < window[0]:
        return [
            Reason(
                f"{kind}.window_not_open", rule, N_("还没有到开始时间"),
                N_("请等到 %(opens)s 再来"), source=source, params={"opens": Opening(window[0])},
            )
        ]  # fmt: skip
    return [
        Reason(
            f"{kind}.window_over", rule, N_("已于 %(closed)s 截止"), N_("可以报名下一期"), source=source,
            params={"closed": window[1]},
        )
    ]  # fmt: skip


def enrolment_reasons(plan: PlanFacts, now: datetime) -> list[Reason]:
    """Say why a plan cannot be enrolled in at this moment (A8, A11)."""
    if plan.state is not PlanState.PUBLISHED:
        return [
            Reason(
                "plan.not_open", N_("只能报名已发布的计划"), N_("这个计划没有开放报名"),
                N_("请到报名页选择其他计划"), source="A8",
            )
        ]  # fmt: skip
    if now < plan.enrol_from:
        return [
            Reason(
                "enrol.window_not_open", N_("只能在报名时间内报名"), N_("报名还没有开始"),
                N_("请等到 %(opens)s 再来"), source="A11", params={"opens": Opening(plan.enrol_from)},
            )
        ]  # fmt: skip
    if now >= plan.enrol_until:
        return [
            Reason(
                "enrol.window_over", N_("只能在报名时间内报名"), N_("报名已于 %(closed)s 截止"),
                N_("可以报名下一期"), source="A11", params={"closed": plan.enrol_until},
            )
        ]  # fmt: skip
    return []


def close_reasons(plan: PlanFacts, now: datetime) -> list[Reason]:
    """Say why a plan cannot be put away yet: nobody loses a window by it, nor time that was added."""
    if plan.state is not PlanState.PUBLISHED:
        return [
            Reason(
                "plan.not_published", N_("只有已发布的计划可以结束"), N_("这个计划不在此列"), N_("请刷新页面")
            )
        ]
    if now < plan.exam_over_at:
        return [
            Reason(
                "plan.still_running", N_("考试截止后才能结束计划"), N_("考试到 %(closes)s 才截止"),
                N_("请到时再办"), source="A11", params={"closes": plan.exam_over_at},
            )
        ]  # fmt: skip
    return []
