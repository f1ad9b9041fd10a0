"""The rules of plans: numbers with one home, states, windows, and what publishing needs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
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
COURSE_MARGIN_PERCENT = 5  # design.md 5: a course is at least this much longer than its requirement
VALIDITY_YEARS = 3  # C2
INTERVAL_FLOOR_SECONDS = 1  # design.md 5: beats and presence windows
MAX_EXAM_SECONDS = 8 * 3600
MAX_STUDY_SECONDS = 500 * 3600
PLAN_NUMBER_DIGITS = 16  # A8
PLAN_SERIAL_DIGITS = 10
OCCUPATION_CLASSES = ("3", "4", "5", "6")  # A17
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
    pass_mark: int
    exam_duration_seconds: int
    max_attempts: int
    course_id: str | None
    blueprint_id: str | None
    review_route: tuple[OrganisationKind, ...]
    number_rule: str
    validity_years: int
    created_at: datetime
    published_at: datetime | None

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
    pass_mark: int
    exam_duration_seconds: int
    max_attempts: int
    course_id: str | None
    blueprint_id: str | None
    review_route: tuple[OrganisationKind, ...]
    number_rule: str
    validity_years: int


def moment_words(instant: datetime) -> str:
    """Write a moment of a plan for a reason: 2026年12月4日 24:00; midnight belongs to the day that ends there."""
    local = instant.astimezone(PLAN_ZONE)
    ends_day = (local.hour, local.minute, local.second) == (0, 0, 0)
    day = local - timedelta(days=1) if ends_day else local
    return f"{day.year}年{day.month}月{day.day}日 {'24:00' if ends_day else local.strftime('%H:%M')}"


def plan_number(month: str, serial: int) -> str:
    """Compose a plan number: year and month of creation (Asia/Shanghai), then a serial of ten digits (A8).

    The rule reads the sample 2020120000000019 as the 19th plan of December 2020. Raises ValueError
    when the serial does not fit.
    """
    number = f"{month}{serial:0{PLAN_SERIAL_DIGITS}d}"
    if not _PLAN_NUMBER.fullmatch(number):
        raise ValueError("a plan number has sixteen digits")
    return number


def phase_of(plan: PlanFacts, now: datetime) -> PlanPhase:
    """Tell where a plan stands. Overlapping windows show the latest stage that has begun (A11)."""
    if plan.state is PlanState.DRAFT:
        return PlanPhase.DRAFT
    if plan.state is PlanState.CANCELLED:
        return PlanPhase.CANCELLED
    if plan.state is PlanState.CLOSED or now >= plan.exam_until:
        return PlanPhase.ENDED
    if now < plan.enrol_from:
        return PlanPhase.UPCOMING
    if now < plan.enrol_until:
        return PlanPhase.ENROLLING
    if now < plan.study_until:
        return PlanPhase.STUDYING
    return PlanPhase.EXAMINING if now >= plan.exam_from else PlanPhase.UPCOMING


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
    names = {StageKind.STUDY: (N_("只能在学习时间内学习"), "A11"), StageKind.EXAM: (N_("只能在考试时间内考试"), "A19")}
    rule, source = names[kind]
    if now < window[0]:
        return [
            Reason(
                f"{kind}.window_not_open", rule, N_("还没有到开始时间"),
                N_("请等到 %(opens)s 再来，到时自动开放"), source=source, params={"opens": moment_words(window[0])},
            )
        ]  # fmt: skip
    return [
        Reason(
            f"{kind}.window_over", rule, N_("已于 %(closed)s 截止"), N_("可以报名下一期"), source=source,
            params={"closed": moment_words(window[1])},
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
                N_("请等到 %(opens)s 再来"), source="A11", params={"opens": moment_words(plan.enrol_from)},
            )
        ]  # fmt: skip
    if now >= plan.enrol_until:
        return [
            Reason(
                "enrol.window_over", N_("只能在报名时间内报名"), N_("报名已于 %(closed)s 截止"),
                N_("可以报名下一期"), source="A11", params={"closed": moment_words(plan.enrol_until)},
            )
        ]  # fmt: skip
    return []


def draft_reasons(draft: PlanDraft) -> list[Reason]:
    """Say what of a draft cannot be stored, field by field."""
    return [*_title_reasons(draft), *_window_order_reasons(draft), *_number_reasons(draft), *_shape_reasons(draft)]


def _title_reasons(draft: PlanDraft) -> Iterable[Reason]:
    if not draft.title.strip():
        yield Reason(
            "title.missing", N_("计划要有名称"), N_("没有填写"), N_("例如：2026年第四期考评员培训班"), field_name="title"
        )
    elif len(draft.title) > 60:
        yield Reason(
            "title.long", N_("名称不超过 60 个字"), N_("您填写了 %(length)s 个字"), N_("请缩短"),
            params={"length": len(draft.title)}, field_name="title",
        )  # fmt: skip


def _window_order_reasons(draft: PlanDraft) -> Iterable[Reason]:
    pairs = (
        ("enrol", draft.enrol_from, draft.enrol_until),
        ("study", draft.study_from, draft.study_until),
        ("exam", draft.exam_from, draft.exam_until),
    )
    for name, opens, closes in pairs:
        if opens >= closes:
            yield Reason(
                f"{name}.window_empty", N_("截止时间要晚于开始时间"), N_("现在截止不晚于开始"), N_("请改截止时间"),
                source="A11", field_name=f"{name}_until",
            )  # fmt: skip
    # Windows may overlap (A11), but none may begin or end before the one it follows.
    for earlier, later in ((pairs[0], pairs[1]), (pairs[1], pairs[2])):
        if later[1] < earlier[1]:
            yield Reason(
                f"{later[0]}.window_early", N_("报名、学习、考试要依次开始"), N_("这一项比前一项先开始"),
                N_("请把开始时间改到前一项开始之后"), source="A11", field_name=f"{later[0]}_from",
            )  # fmt: skip
        if later[2] < earlier[2]:
            yield Reason(
                f"{later[0]}.window_short", N_("报名、学习、考试要依次截止"), N_("这一项比前一项先截止"),
                N_("请把截止时间改到前一项截止之后"), source="A11", field_name=f"{later[0]}_until",
            )  # fmt: skip
    if draft.exam_until - draft.exam_from < timedelta(seconds=draft.exam_duration_seconds):
        yield Reason(
            "exam.window_shorter_than_exam", N_("考试时间段不能短于考试时长"), N_("时间段容不下一场考试"),
            N_("请延后考试截止，或缩短考试时长"), source="A19", field_name="exam_until",
        )  # fmt: skip


def _number_reasons(draft: PlanDraft) -> Iterable[Reason]:
    floor = INTERVAL_FLOOR_SECONDS
    bounds = (
        ("required_study_seconds", draft.required_study_seconds, 60, MAX_STUDY_SECONDS, "B1"),
        ("beat_interval_seconds", draft.beat_interval_seconds, floor, 60, "H11"),
        ("presence_min_seconds", draft.presence_min_seconds, floor, 3600, "H15"),
        ("presence_max_seconds", draft.presence_max_seconds, floor, 3600, "H15"),
        ("presence_answer_seconds", draft.presence_answer_seconds, floor, 600, "H15"),
        ("pass_mark", draft.pass_mark, 1, FULL_MARK_HUNDREDTHS, "B4"),
        ("exam_duration_seconds", draft.exam_duration_seconds, 60, MAX_EXAM_SECONDS, "B5"),
        ("max_attempts", draft.max_attempts, 1, MAX_ATTEMPTS_BOUND, "H20"),
        ("validity_years", draft.validity_years, 1, 10, "C2"),
    )
    for field, value, low, high, source in bounds:
        if not low <= value <= high:
            yield Reason(
                f"{field}.bounds", N_("数值要在规定的范围内"), N_("您填写的数值超出范围"), N_("请改到范围内"),
                source=source, params={"low": low, "high": high}, field_name=field,
            )  # fmt: skip
    if draft.presence_max_seconds < draft.presence_min_seconds:
        yield Reason(
            "presence.order", N_("最长间隔不能短于最短间隔"), N_("现在最长短于最短"), N_("请改最长间隔"),
            source="H15", field_name="presence_max_seconds",
        )  # fmt: skip


def _shape_reasons(draft: PlanDraft) -> Iterable[Reason]:
    if len(set(draft.occupations)) != len(draft.occupations):
        yield Reason(
            "occupations.repeated", N_("同一职业同一级别只列一次"), N_("有重复"), N_("请去掉重复的一行"),
            source="H16", field_name="occupations",
        )  # fmt: skip
    outside = [choice.name for choice in draft.occupations if choice.code[:1] not in OCCUPATION_CLASSES]
    if outside:
        yield Reason(
            "occupations.class", N_("职业限国家职业分类大典第三、四、五、六大类"), N_("%(names)s 不在其中"),
            N_("请改选"), source="A17", params={"names": "、".join(outside)}, field_name="occupations",
        )  # fmt: skip
    if not draft.stages or len(set(draft.stages)) != len(draft.stages):
        yield Reason(
            "stages.shape", N_("计划至少有一个阶段，每个阶段只出现一次"), N_("现在不是这样"), N_("请改阶段"),
            source="H4", field_name="stages",
        )  # fmt: skip
    tiers = tuple(tier for tier in REVIEW_ORDER if tier in draft.review_route)
    if not draft.review_route or draft.review_route != tiers:
        yield Reason(
            "review_route.shape", N_("审核至少一级，并从单位到市到省依次进行"), N_("现在不是这样"), N_("请改审核路线"),
            source="A18", field_name="review_route",
        )  # fmt: skip


REVIEW_ORDER = (OrganisationKind.INSTITUTION, OrganisationKind.CITY, OrganisationKind.PROVINCE)  # A18
TIER_NAMES: dict[OrganisationKind, str] = {
    OrganisationKind.INSTITUTION: N_("单位初审"),
    OrganisationKind.CITY: N_("市中心审核"),
    OrganisationKind.PROVINCE: N_("省中心审核"),
}


def publish_reasons(
    plan: PlanFacts,
    now: datetime,
    *,
    course_seconds: int | None,
    blueprint_points: int | None,
    blueprint_shortages: tuple[str, ...],
) -> list[Reason]:
    """Say what is missing before a plan may be published.

    `course_seconds` and `blueprint_points` (hundredths) are None when the plan names none.
    """
    reasons = []
    if plan.state is not PlanState.DRAFT:
        reasons.append(
            Reason("plan.not_draft", N_("只有草稿可以发布"), N_("这个计划已经不是草稿"), N_("请刷新页面"), source="A24")
        )
    if not plan.occupations:
        reasons.append(
            Reason(
                "occupations.missing", N_("计划至少列一个职业"), N_("还没有选职业"), N_("请到修改计划里选择"),
                source="H21", field_name="occupations",
            )
        )  # fmt: skip
    if plan.enrol_until <= now:
        reasons.append(
            Reason(
                "enrol.over_already", N_("发布时报名还没有截止"), N_("报名截止时间已经过去"), N_("请改报名截止时间"),
                source="A11", field_name="enrol_until",
            )
        )  # fmt: skip
    if StageKind.STUDY in plan.stages:
        reasons.extend(_course_reasons(plan, course_seconds))
    if StageKind.EXAM in plan.stages:
        reasons.extend(_blueprint_reasons(blueprint_points, blueprint_shortages))
    return reasons


def _course_reasons(plan: PlanFacts, course_seconds: int | None) -> Iterable[Reason]:
    if course_seconds is None:
        yield Reason(
            "course.missing", N_("有学习阶段的计划要选课程"), N_("还没有选"), N_("请到修改计划里选择"),
            source="B1", field_name="course_id",
        )  # fmt: skip
        return
    # Whole numbers: seconds × 100 against requirement × 105, so that no rounding lets a short course by.
    if course_seconds * 100 < plan.required_study_seconds * (100 + COURSE_MARGIN_PERCENT):
        yield Reason(
            "course.short", N_("课程要比要求的学时至少长 %(margin)s%%，缓冲和断线才不会让人差几秒"),
            N_("课程共 %(course)s 秒，要求 %(required)s 秒"), N_("请换更长的课程，或降低要求"), source="B1",
            params={
                "margin": COURSE_MARGIN_PERCENT, "course": course_seconds, "required": plan.required_study_seconds,
            },
            field_name="course_id",
        )  # fmt: skip


def _blueprint_reasons(points: int | None, shortages: tuple[str, ...]) -> Iterable[Reason]:
    if points is None:
        yield Reason(
            "blueprint.missing", N_("有考试阶段的计划要选组卷方案"), N_("还没有选"), N_("请到修改计划里选择"),
            source="B5", field_name="blueprint_id",
        )  # fmt: skip
        return
    if points != FULL_MARK_HUNDREDTHS:
        yield Reason(
            "blueprint.points", N_("试卷满分为 100 分"), N_("这个方案共 %(points)s 分"), N_("请改方案或换一个"),
            source="B4", params={"points": f"{points / 100:g}"}, field_name="blueprint_id",
        )  # fmt: skip
    for shortage in shortages:
        yield Reason(
            "blueprint.shortage", N_("题库要够组卷"), shortage, N_("请先补题，或改方案"), source="B5",
            field_name="blueprint_id",
        )  # fmt: skip


def close_reasons(plan: PlanFacts, now: datetime) -> list[Reason]:
    """Say why a plan cannot be put away yet: nobody loses a window by it."""
    if plan.state is not PlanState.PUBLISHED:
        return [Reason("plan.not_published", N_("只有已发布的计划可以结束"), N_("这个计划不在此列"), N_("请刷新页面"))]
    if now < plan.exam_until:
        return [
            Reason(
                "plan.still_running", N_("考试截止后才能结束计划"), N_("考试到 %(closes)s 才截止"),
                N_("请到时再办"), source="A11", params={"closes": moment_words(plan.exam_until)},
            )
        ]  # fmt: skip
    return []


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
