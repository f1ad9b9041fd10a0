"""Why a stage is, or is not, open to a person now."""

from datetime import datetime

from lms.core.errors import N_, Reason
from lms.enrolment.policy.applications import ApplicationFacts, ApplicationState
from lms.enrolment.policy.stages import DONE_STATES, StageState
from lms.plans.policy import PlanFacts, StageKind, window_reasons

_LOCKED_WORDS: dict[StageKind, tuple[str, str, str, str]] = {
    StageKind.STUDY: (N_("前一阶段通过后才能学习"), N_("前一阶段还没有完成"), N_("请先完成前一阶段"), "H4"),
    StageKind.EXAM: (
        N_("学满规定时长后才能考试"), N_("您还没有学满"), N_("请继续学习，学满后自动开放，不需要再申请"), "B2",
    ),
    StageKind.OFFLINE: (N_("线上考试通过后才能参加线下培训"), N_("线上考试还没有通过"), N_("请先通过线上考试"), "B6"),
    StageKind.QUALIFICATION_EXAM: (
        N_("线下培训结束后才能参加资格考试"), N_("线下培训还没有完成"), N_("请先完成线下培训"), "B7",
    ),
}  # fmt: skip


def stage_reasons(
    application: ApplicationFacts | None, plan: PlanFacts, kind: StageKind, now: datetime
) -> list[Reason]:
    """Say why a person cannot take a stage of a plan now. An empty list means that it is open.

    `application` is the person's application in the plan that was neither refused nor withdrawn, or None.
    """
    if application is None or application.state is not ApplicationState.APPROVED:
        return [
            Reason(
                "application.not_approved", N_("报名审核通过后才能学习和考试"), N_("您在这个计划没有审核通过的申请"),
                N_("请到报名页查看申请的进度"), source="A12",
            ),
            *(window_reasons(plan, kind, now) if application is not None else ()),
        ]  # fmt: skip
    stage = application.stage(kind)
    if stage is None:
        return [
            Reason(
                "stage.none",
                N_("每个计划有自己的阶段"),
                N_("这个计划没有这个阶段"),
                N_("请回到首页看下一步"),
                source="H4",
            )
        ]
    if stage.state is StageState.LOCKED:
        rule, now_words, way_out, source = _LOCKED_WORDS[kind]
        locked = Reason(f"{kind}.locked", rule, now_words, way_out, source=source)
        # Whoever waits for two things is told of both, or he is turned away a second time.
        return [locked, *window_reasons(plan, kind, now)]
    if stage.state in DONE_STATES:
        return [
            Reason(
                f"{kind}.passed",
                N_("通过的阶段不用再参加"),
                N_("您已经通过"),
                N_("请回到首页看下一步"),
                source="H4",
            )
        ]
    if stage.state is StageState.FAILED:
        return [
            Reason(
                f"{kind}.failed", N_("机会用完仍没有通过，这一期就结束了"), N_("您在这一期没有通过"),
                N_("可以报名下一期"), source="B3",
            )
        ]  # fmt: skip
    return window_reasons(plan, kind, now)
