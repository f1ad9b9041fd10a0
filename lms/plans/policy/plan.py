"""What a plan is: its words, its states, and the numbers with one home."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from lms.accounts.policy import OrganisationKind
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine

REQUIRED_STUDY_SECONDS = 180 * 60  # B1
MAX_ATTEMPTS_BOUND = 2  # B3, H20
PASS_MARK_HUNDREDTHS = 90_00  # B4: 90 passes, 89.5 does not (H12)
FULL_MARK_HUNDREDTHS = 100_00  # H12
EXAM_SECONDS = 120 * 60  # A19, B5
VALIDITY_YEARS = 3  # C2
SPEEDS_PERCENT = (100, 125, 150, 200)
"""What the player of a plan may offer at most; credit never runs faster than the clock (fault A5)."""
PLAN_NUMBER_DIGITS = 16  # A8
PLAN_SERIAL_DIGITS = 10
EXAMINER_GRADES = frozenset({5, 4, 3})  # A14
SENIOR_GRADES = frozenset({2, 1})  # domain.md 1.1: a senior examiner assesses these as well
PLAN_ZONE = ZoneInfo("Asia/Shanghai")
"""Windows are written and read in this zone."""
_PLAN_NUMBER = re.compile(r"\d{16}")


class ExaminerLevel(StrEnum):
    """The two levels of examiners (C6: digit 2 ordinary, 1 senior)."""

    EXAMINER = "examiner"
    SENIOR = "senior"


LEVEL_NAMES: dict[ExaminerLevel, str] = {
    ExaminerLevel.EXAMINER: N_("考评员"),
    ExaminerLevel.SENIOR: N_("高级考评员"),
}


class StageKind(StrEnum):
    """The stages a plan may be made of (H4)."""

    STUDY = "study"
    EXAM = "exam"
    OFFLINE = "offline"
    QUALIFICATION_EXAM = "qualification_exam"


STAGE_NAMES: dict[StageKind, str] = {
    StageKind.STUDY: N_("学习"),
    StageKind.EXAM: N_("考试"),
    StageKind.OFFLINE: N_("线下培训"),
    StageKind.QUALIFICATION_EXAM: N_("资格考试"),
}


NUMBER_RULE_NAMES: dict[str, str] = {  # H1
    "changzhou-15": N_("15 位：年份 2、机构 8、级别 1、序号 4"),
    "changzhou-14": N_("14 位旧式：年份 2、机构 7、级别 1、序号 4"),
}


RENEWAL_NUMBER_NAMES: dict[bool, str] = {  # H7
    False: N_("换发新编号，与原证书前后相连"),
    True: N_("沿用原编号，作为下一版"),
}
"""What number somebody is given whose certificate of the same occupation and level has expired."""


class PlanState(StrEnum):
    """A plan's life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


PLAN = StateMachine(
    "plan",
    PlanState.DRAFT,
    {
        "publish": Move((PlanState.DRAFT,), PlanState.PUBLISHED),
        "cancel": Move((PlanState.DRAFT,), PlanState.CANCELLED),
        "close": Move((PlanState.PUBLISHED,), PlanState.CLOSED),
    },
)


@dataclass(frozen=True, slots=True)
class OccupationChoice:
    """One occupation at one examiner level that a plan offers (H16, H21)."""

    edition: str
    code: str
    name: str
    level: ExaminerLevel

    @property
    def key(self) -> str:
        """The value that stands for this choice in forms."""
        return f"{self.edition}:{self.code}:{self.level}"


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan as other rooms see it. Windows include their start and exclude their end; marks are hundredths."""

    id: str
    number: str
    title: str
    template_code: str
    state: PlanState
    issuer_organisation_id: str
    issuer_name: str
    issuer_path: str
    occupations: tuple[OccupationChoice, ...]
    stages: tuple[StageKind, ...]
    enrol_from: datetime
    enrol_until: datetime
    study_from: datetime
    study_until: datetime
    exam_from: datetime
    exam_until: datetime
    required_study_seconds: int
    beat_interval_seconds: int
    presence_min_seconds: int
    presence_max_seconds: int
    presence_answer_seconds: int
    may_skip_ahead: bool
    top_speed_percent: int
    daily_limit_seconds: int
    pass_mark: int
    exam_duration_seconds: int
    max_attempts: int
    course_id: str | None
    blueprint_id: str | None
    review_route: tuple[OrganisationKind, ...]
    number_rule: str
    keeps_number: bool
    validity_years: int
    created_at: datetime
    published_at: datetime | None
    exam_prolonged_until: datetime | None = None
    """Until when, at the latest, somebody may still begin or sit; None while nobody has time beyond the window."""

    @property
    def exam_over_at(self) -> datetime:
        """The moment from which nobody sits any more, whatever time was added for anybody."""
        return self.exam_prolonged_until or self.exam_until

    @property
    def levels(self) -> tuple[ExaminerLevel, ...]:
        """The examiner levels on offer, without repetition."""
        return tuple(dict.fromkeys(choice.level for choice in self.occupations))

    def next_stage(self, kind: StageKind) -> StageKind | None:
        """Return the stage that follows, or None after the last."""
        following = self.stages[self.stages.index(kind) + 1 :]
        return following[0] if following else None


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """Everything of a plan that its author writes."""

    title: str
    occupations: tuple[OccupationChoice, ...]
    stages: tuple[StageKind, ...]
    enrol_from: datetime
    enrol_until: datetime
    study_from: datetime
    study_until: datetime
    exam_from: datetime
    exam_until: datetime
    required_study_seconds: int
    beat_interval_seconds: int
    presence_min_seconds: int
    presence_max_seconds: int
    presence_answer_seconds: int
    may_skip_ahead: bool
    top_speed_percent: int
    daily_limit_seconds: int
    pass_mark: int
    exam_duration_seconds: int
    max_attempts: int
    course_id: str | None
    blueprint_id: str | None
    review_route: tuple[OrganisationKind, ...]
    number_rule: str
    keeps_number: bool
    validity_years: int


def plan_number(month: str, serial: int) -> str:
    """Compose a plan number: year and month of creation (Asia/Shanghai), then a serial of ten digits (A8).

    The rule reads the sample 2020120000000019 as the 19th plan of December 2020. Raises ValueError
    when the serial does not fit.
    """
    number = f"{month}{serial:0{PLAN_SERIAL_DIGITS}d}"
    if not _PLAN_NUMBER.fullmatch(number):
        raise ValueError("a plan number has sixteen digits")
    return number


REVIEW_ORDER = (OrganisationKind.INSTITUTION, OrganisationKind.CITY, OrganisationKind.PROVINCE)  # A18
TIER_NAMES: dict[OrganisationKind, str] = {
    OrganisationKind.INSTITUTION: N_("单位初审"),
    OrganisationKind.CITY: N_("市中心审核"),
    OrganisationKind.PROVINCE: N_("省中心审核"),
}


def grade_reasons(name: str, grades: frozenset[int], level: ExaminerLevel) -> list[Reason]:
    """Say why an occupation has no examiners of a level: it has no grade that level assesses (A14, H16)."""
    assessed = EXAMINER_GRADES if level is ExaminerLevel.EXAMINER else SENIOR_GRADES
    if grades & assessed:
        return []
    return [
        Reason(
            "occupation.level", N_("考评员级别要和职业设有的技能等级相配"), N_("%(name)s 没有设这一段等级"),
            N_("请换级别或职业"), source="H16", params={"name": name}, field_name="occupations",
        )
    ]  # fmt: skip
