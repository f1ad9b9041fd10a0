"""What an application is, and when its owner may change, hand in or withdraw it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.accounts.policy import MALE, OrganisationKind
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.enrolment.policy.stages import StageFacts, StageState
from lms.plans.policy import ExaminerLevel, PlanFacts, StageKind

MAX_AGE_MEN = 65  # A16, in principle (H9)
MAX_AGE_WOMEN = 60  # A16, in principle (H9)
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024  # A9; the page states it
EVIDENCE_MAX_FILES = 8
EVIDENCE_PICTURE = "image/jpeg"
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


STATE_PILLS: dict[ApplicationState, tuple[str, str]] = {
    ApplicationState.DRAFT: ("pending", N_("草稿")),
    ApplicationState.SUBMITTED: ("wait", N_("等待审核")),
    ApplicationState.IN_REVIEW: ("now", N_("审核中")),
    ApplicationState.RETURNED: ("refused", N_("退回补正")),
    ApplicationState.APPROVED: ("ok", N_("审核通过")),
    ApplicationState.REJECTED: ("refused", N_("没有通过")),
    ApplicationState.WITHDRAWN: ("none", N_("已撤回")),
}
"""How a page draws and names each state: the one table of these words."""
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


OUTCOME_PILLS: dict[Outcome, tuple[str, str]] = {
    Outcome.COMPLETED: ("ok", N_("已完成")),
    Outcome.FAILED: ("refused", N_("没有通过")),
    Outcome.LAPSED: ("none", N_("已结束")),
    Outcome.ANNULLED: ("revoked", N_("证书已撤销")),
}


def pill_of(state: ApplicationState, outcome: Outcome | None) -> tuple[str, str]:
    """Return how a page draws and names an application: by its outcome when it has ended, else by its state."""
    return STATE_PILLS[state] if outcome is None else OUTCOME_PILLS[outcome]


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
        return self.outcome is None and self.state not in (
            ApplicationState.REJECTED,
            ApplicationState.WITHDRAWN,
        )

    def stage(self, kind: StageKind) -> StageFacts | None:
        """Return the stage of a kind, or None when there is none (yet)."""
        return next((stage for stage in self.stages if stage.kind is kind), None)

    @property
    def pill(self) -> tuple[str, str]:
        """How a page draws and names where it stands."""
        return pill_of(self.state, self.outcome)

    @property
    def current_stage(self) -> StageFacts | None:
        """Return the stage that is open, or None."""
        return next((stage for stage in self.stages if stage.state is StageState.OPEN), None)


def age_on(birth: date, today: date) -> int:
    """Return the age in full years on a day (周岁)."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def age_concerns(level: ExaminerLevel, sex: str, birth: date, today: date) -> list[Reason]:
    """Say when the soft age rule fails; a reviewer may override it with a written reason (A16, H9).

    The rule stands in the notice for senior examiners (N0) and holds for them alone.
    """
    if level is not ExaminerLevel.SENIOR:
        return []
    limit = MAX_AGE_MEN if sex == MALE else MAX_AGE_WOMEN
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
                N_("可以报名下一期"), source="A11", params={"closed": plan.study_until},
            )
        ]  # fmt: skip
    return []


def statement_reasons(*, accepted: bool) -> list[Reason]:
    """Say why an application cannot be handed in without its applicant's word (A13, A15)."""
    if accepted:
        return []
    return [
        Reason(
            "statements.missing", N_("提交前要逐项确认申报条件"), N_("您还没有确认"), N_("请阅读并勾选"),
            source="A13", field_name="statements",
        )
    ]  # fmt: skip


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
