"""The rules of enrolment: applications, their review, and the spine of stages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.accounts.policy import OrganisationKind, Role
from lms.core.actors import EVERYWHERE, Actor
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import (
    REVIEW_ORDER,
    TIER_NAMES,
    ExaminerLevel,
    PlanFacts,
    StageKind,
    moment_words,
    window_reasons,
)

MAX_AGE_MEN = 65  # A16, in principle (H9)
MAX_AGE_WOMEN = 60  # A16, in principle (H9)
REMARK_MAX_LENGTH = 300
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024  # A9; the page states it
EVIDENCE_MAX_FILES = 8
EVIDENCE_MAX_PIXELS = 6_000_000  # images are scaled down above this; certificate numbers stay legible (A9)


class ApplicationState(StrEnum):
    """An application's life (reliability plan, part 3)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATE_NAMES: dict[ApplicationState, str] = {
    ApplicationState.DRAFT: N_("草稿"),
    ApplicationState.SUBMITTED: N_("等待审核"),
    ApplicationState.IN_REVIEW: N_("审核中"),
    ApplicationState.RETURNED: N_("退回补正"),
    ApplicationState.APPROVED: N_("审核通过"),
    ApplicationState.REJECTED: N_("没有通过"),
    ApplicationState.WITHDRAWN: N_("已撤回"),
}

APPLICATION = StateMachine(
    "application",
    ApplicationState.DRAFT,
    {
        "submit": Move((ApplicationState.DRAFT,), ApplicationState.SUBMITTED),
        "resubmit": Move((ApplicationState.RETURNED,), ApplicationState.SUBMITTED),
        "take": Move((ApplicationState.SUBMITTED,), ApplicationState.IN_REVIEW),
        "pass_on": Move((ApplicationState.IN_REVIEW,), ApplicationState.IN_REVIEW),
        "approve": Move((ApplicationState.IN_REVIEW,), ApplicationState.APPROVED),
        "return": Move((ApplicationState.IN_REVIEW,), ApplicationState.RETURNED),
        "reject": Move((ApplicationState.IN_REVIEW,), ApplicationState.REJECTED),
        "withdraw": Move(
            (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.RETURNED),
            ApplicationState.WITHDRAWN,
        ),
    },
)

EDITABLE_STATES = (ApplicationState.DRAFT, ApplicationState.RETURNED)
REVIEWABLE_STATES = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)


class Outcome(StrEnum):
    """How an application ended. While it has none and was neither refused nor withdrawn, it is live (A6)."""

    COMPLETED = "completed"
    FAILED = "failed"
    LAPSED = "lapsed"
    ANNULLED = "annulled"


class StageState(StrEnum):
    """A stage on the spine."""

    LOCKED = "locked"
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"


STAGE_STATE_NAMES: dict[StageState, str] = {
    StageState.LOCKED: N_("还没有开放"),
    StageState.OPEN: N_("进行中"),
    StageState.PASSED: N_("已通过"),
    StageState.FAILED: N_("没有通过"),
    StageState.WAIVED: N_("免除"),
}

STAGE = StateMachine(
    "application_stage",
    StageState.LOCKED,
    {
        "open": Move((StageState.LOCKED,), StageState.OPEN),
        "pass": Move((StageState.OPEN,), StageState.PASSED),
        "fail": Move((StageState.OPEN,), StageState.FAILED),
        "waive": Move((StageState.LOCKED, StageState.OPEN), StageState.WAIVED),
        "reopen": Move((StageState.FAILED,), StageState.OPEN),
    },
)

DONE_STATES = (StageState.PASSED, StageState.WAIVED)


class Decision(StrEnum):
    """What a reviewer may decide."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


DECISION_NAMES: dict[Decision, str] = {
    Decision.APPROVE: N_("通过"),
    Decision.RETURN: N_("退回补正"),
    Decision.REJECT: N_("不通过"),
}


class EvidenceKind(StrEnum):
    """The three kinds of evidence (A9)."""

    CERTIFICATE = "certificate"
    QUERY = "query"
    LETTER = "letter"


EVIDENCE_NAMES: dict[EvidenceKind, str] = {
    EvidenceKind.CERTIFICATE: N_("职业资格（技能等级、职称）证书扫描件"),
    EvidenceKind.QUERY: N_("全国联网查询结果截图"),
    EvidenceKind.LETTER: N_("发证机构出具的证明"),
}

# A13 and A15: what an applicant states about himself; a reviewer answers for its truth (A23).
STATEMENTS: dict[ExaminerLevel, tuple[str, ...]] = {
    ExaminerLevel.EXAMINER: (
        N_("本人遵守法律和职业道德，没有考评事故记录"),
        N_("本人在申报职业取得三级/高级工以上等级，或相关专业中级以上职称"),
        N_("本人有一定的考评工作经验"),
    ),
    ExaminerLevel.SENIOR: (
        N_("本人遵守法律和职业道德，没有考评事故记录"),
        N_("本人已取得考评员资格，并实际从事考评工作满 1 年"),
        N_("本人在申报职业取得一级/高级技师等级，或相关专业高级职称"),
    ),
}


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage of one application as the stage rooms see it."""

    id: str
    application_id: str
    person_id: str
    plan_id: str
    kind: StageKind
    position: int
    state: StageState
    opened_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as other rooms see it."""

    id: str
    person_id: str
    plan_id: str
    occupation_edition: str
    occupation_code: str
    occupation_name: str
    level: ExaminerLevel
    issuing_organisation_id: str
    employer_organisation_id: str
    employer_path: str
    id_number_index: str
    state: ApplicationState
    outcome: Outcome | None
    route: tuple[OrganisationKind, ...]
    step: int
    version: int
    created_at: datetime
    submitted_at: datetime | None
    step_entered_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    stages: tuple[StageFacts, ...]

    @property
    def tier(self) -> OrganisationKind | None:
        """The tier whose turn it is, while the application is under review."""
        return self.route[self.step] if self.state in REVIEWABLE_STATES else None

    @property
    def is_live(self) -> bool:
        """Whether it still stands in the way of another one (A6)."""
        return self.outcome is None and self.state not in (ApplicationState.REJECTED, ApplicationState.WITHDRAWN)

    def stage(self, kind: StageKind) -> StageFacts | None:
        """Return the stage of a kind, or None when there is none (yet)."""
        return next((stage for stage in self.stages if stage.kind is kind), None)

    @property
    def current_stage(self) -> StageFacts | None:
        """Return the stage that is open, or None."""
        return next((stage for stage in self.stages if stage.state is StageState.OPEN), None)


def tier_of(path: str) -> OrganisationKind:
    """Return the tier of a scope path: `/` province, one name city, two names institution (A18)."""
    return {0: OrganisationKind.PROVINCE, 1: OrganisationKind.CITY}.get(
        len([name for name in path.split("/") if name]), OrganisationKind.INSTITUTION
    )


def route_for(review_route: Sequence[OrganisationKind], employer_path: str) -> tuple[OrganisationKind, ...]:
    """Return the tiers that review an applicant of an employer.

    A tier the employer does not stand under is left out: a provincial institution (`/-/x/`) skips the
    city (A18), a city centre's own staff skip the institution. The province always remains as a last
    resort, so that no route is empty.
    """
    present = {OrganisationKind.PROVINCE, tier_of(employer_path)}
    if tier_of(employer_path) is OrganisationKind.INSTITUTION and not employer_path.startswith("/-/"):
        present.add(OrganisationKind.CITY)
    kept = tuple(tier for tier in REVIEW_ORDER if tier in review_route and tier in present)
    return kept or (OrganisationKind.PROVINCE,)


def reviewing_scopes(actor: Actor, tier: OrganisationKind) -> tuple[str, ...]:
    """Return the actor's scope paths that review at exactly this tier (A18)."""
    roles = {Role.REVIEWER}
    if tier is OrganisationKind.INSTITUTION:
        roles.add(Role.INSTITUTION_OFFICER)  # the unit's own 初审
    return tuple(path for path in actor.scope_paths(*roles) if tier_of(path) is tier)


def review_reasons(application: ApplicationFacts, actor: Actor, earlier_steps: Iterable[int]) -> list[Reason]:
    """Say why this actor may not decide this application at its present step (fault I3, invariants A4, A5).

    `earlier_steps` are the steps of this application the actor has approved already.
    """
    reasons = []
    tier = application.tier
    if tier is not None and not any(
        application.employer_path.startswith(scope) for scope in reviewing_scopes(actor, tier)
    ):
        reasons.append(
            Reason(
                "review.other_tier", N_("每一级只由本级、本辖区的审核员审核"), N_("这一步不在您的审核范围"),
                N_("请等待本级审核员办理"), source="A18",
            )
        )  # fmt: skip
    if actor.person_id is None or actor.person_id == application.person_id:
        reasons.append(
            Reason("review.own_case", N_("不能审核自己的申请"), N_("这是您本人的申请"), N_("请由其他审核员办理"), source="A23")
        )
    if any(step != application.step for step in earlier_steps):
        reasons.append(
            Reason(
                "review.two_levels", N_("同一个人不能审核同一份申请的两级"), N_("您已经审核过前面一级"),
                N_("请由其他审核员办理"), source="A18",
            )
        )  # fmt: skip
    return reasons


def review_state_reasons(application: ApplicationFacts) -> list[Reason]:
    """Say why nobody can decide this application now."""
    if application.state in REVIEWABLE_STATES and application.outcome is None:
        return []
    return [
        Reason(
            "review.not_waiting", N_("只能审核等待审核的申请"), N_("这份申请已经不在等待审核"),
            N_("请回到待办列表"), source="A18",
        )
    ]  # fmt: skip


def remark_reasons(decision: Decision, remark: str, concerns: Sequence[Reason]) -> list[Reason]:
    """Say what is wrong with a decision's remark: refusals need words, and so does an override (H9)."""
    if len(remark) > REMARK_MAX_LENGTH:
        return [
            Reason(
                "remark.long", N_("意见不超过 %(limit)s 个字"), N_("您填写了 %(length)s 个字"), N_("请缩短"),
                params={"limit": REMARK_MAX_LENGTH, "length": len(remark)}, field_name="remark",
            )
        ]  # fmt: skip
    if remark.strip() or (decision is Decision.APPROVE and not concerns):
        return []
    if decision is Decision.APPROVE:
        return [
            Reason(
                "remark.override", N_("年龄超过规定的，通过时要写明理由"), N_("没有填写理由"),
                N_("请写明为什么可以通过"), source="H9", field_name="remark",
            )
        ]  # fmt: skip
    return [
        Reason(
            "remark.missing", N_("退回或不通过要写明意见"), N_("没有填写意见"), N_("请写明原因和怎么改"),
            source="A23", field_name="remark",
        )
    ]  # fmt: skip


def age_on(birth: date, today: date) -> int:
    """Return the age in full years on a day (周岁)."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def age_concerns(level: ExaminerLevel, sex: str, birth: date, today: date) -> list[Reason]:
    """Say when the soft age rule fails; a reviewer may override it with a written reason (A16, H9).

    The rule stands in the notice for senior examiners (N0) and holds for them alone.
    """
    if level is not ExaminerLevel.SENIOR:
        return []
    limit = MAX_AGE_MEN if sex == "男" else MAX_AGE_WOMEN
    age = age_on(birth, today)
    if age <= limit:
        return []
    return [
        Reason(
            "age.over", N_("原则上男性不超过 65 周岁，女性不超过 60 周岁"), N_("现在 %(age)s 周岁"),
            N_("可以提交，由审核员写明理由后决定"), source="A16", params={"age": age},
        )
    ]  # fmt: skip


def edit_reasons(application: ApplicationFacts, plan: PlanFacts, now: datetime) -> list[Reason]:
    """Say why an application cannot be changed or handed in any more."""
    if application.state not in EDITABLE_STATES or application.outcome is not None:
        return [
            Reason(
                "application.not_editable", N_("只有草稿和退回补正的申请可以修改"), N_("这份申请已经提交"),
                N_("请等待审核结果"), source="A8",
            )
        ]  # fmt: skip
    # A returned application was in time; it may be repaired as long as studying is still possible.
    if application.state is ApplicationState.RETURNED and now >= plan.study_until:
        return [
            Reason(
                "application.repair_over", N_("补正要在学习截止前重新提交"), N_("已于 %(closed)s 截止"),
                N_("可以报名下一期"), source="A11", params={"closed": moment_words(plan.study_until)},
            )
        ]  # fmt: skip
    return []


def withdraw_reasons(application: ApplicationFacts) -> list[Reason]:
    """Say why an application cannot be withdrawn."""
    if application.outcome is None and APPLICATION.allows("withdraw", application.state):
        return []
    return [
        Reason(
            "application.not_withdrawable", N_("审核开始前，或退回补正时，可以撤回申请"), N_("这份申请已经进入审核"),
            N_("请等待审核结果，或联系单位经办人"), source="A8",
        )
    ]  # fmt: skip


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

    `application` is the person's approved application in the plan, or None.
    """
    if application is None or application.state is not ApplicationState.APPROVED:
        return [
            Reason(
                "application.not_approved", N_("报名审核通过后才能学习和考试"), N_("您在这个计划没有审核通过的申请"),
                N_("请到报名页查看申请的进度"), source="A12",
            )
        ]  # fmt: skip
    stage = application.stage(kind)
    if stage is None:
        return [
            Reason("stage.none", N_("每个计划有自己的阶段"), N_("这个计划没有这个阶段"), N_("请回到首页看下一步"), source="H4")
        ]
    if stage.state is StageState.LOCKED:
        rule, now_words, way_out, source = _LOCKED_WORDS[kind]
        return [Reason(f"{kind}.locked", rule, now_words, way_out, source=source)]
    if stage.state in DONE_STATES:
        return [
            Reason(f"{kind}.passed", N_("通过的阶段不用再参加"), N_("您已经通过"), N_("请回到首页看下一步"), source="H4")
        ]
    if stage.state is StageState.FAILED:
        return [
            Reason(
                f"{kind}.failed", N_("机会用完仍没有通过，这一期就结束了"), N_("您在这一期没有通过"),
                N_("可以报名下一期"), source="B3",
            )
        ]  # fmt: skip
    return window_reasons(plan, kind, now)
