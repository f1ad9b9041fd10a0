"""What a draft may hold, and what publishing needs."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lms.core.errors import N_, NN_, Duration, Reason, Word
from lms.plans.policy.plan import (
    FULL_MARK_HUNDREDTHS,
    MAX_ATTEMPTS_BOUND,
    REVIEW_ORDER,
    PlanDraft,
    PlanFacts,
    PlanState,
    StageKind,
)
from question_bank.phrases import Phrase

COURSE_MARGIN_PERCENT = 5  # design.md 5: a course is at least this much longer than its requirement
TITLE_MAX_LENGTH = 60
INTERVAL_FLOOR_SECONDS = 1  # design.md 5: beats and presence windows
MAX_EXAM_SECONDS = 8 * 3600
MAX_STUDY_SECONDS = 500 * 3600
DAY_SECONDS = 24 * 3600
OCCUPATION_CLASS_NAMES: dict[str, str] = {  # A17, by the first digit of the code
    "3": N_("第三大类 办事人员和有关人员"),
    "4": N_("第四大类 社会生产服务和生活服务人员"),
    "5": N_("第五大类 农、林、牧、渔业生产及辅助人员"),
    "6": N_("第六大类 生产制造及有关人员"),
}
OCCUPATION_CLASSES = tuple(OCCUPATION_CLASS_NAMES)
_MINUTES, _POINTS = (60, N_("分钟")), (100, N_("分"))
_COUNT, _YEARS, _PERCENT = (1, N_("次")), (1, N_("年")), (1, "%")


def draft_reasons(draft: PlanDraft) -> list[Reason]:
    """Say what of a draft cannot be stored, field by field."""
    return [
        *_title_reasons(draft),
        *_window_order_reasons(draft),
        *_number_reasons(draft),
        *_interval_reasons(draft),
        *_shape_reasons(draft),
    ]


def _title_reasons(draft: PlanDraft) -> Iterable[Reason]:
    if not draft.title.strip():
        yield Reason(
            "title.missing",
            N_("计划要有名称"),
            N_("没有填写"),
            N_("例如：2026年第四期考评员培训班"),
            field_name="title",
        )
    elif len(draft.title) > TITLE_MAX_LENGTH:
        yield Reason(
            "title.long", N_("名称不超过 %(limit)s 个字"), NN_("您填写了 %(length)s 个字", "length"), N_("请缩短"),
            params={"limit": TITLE_MAX_LENGTH, "length": len(draft.title)}, field_name="title",
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


def _interval_reasons(draft: PlanDraft) -> Iterable[Reason]:
    """Say which of the short times is out of its bounds, in words: 15 seconds and 15 minutes are easily mistaken."""
    floor = INTERVAL_FLOOR_SECONDS
    bounds = (
        ("beat_interval_seconds", draft.beat_interval_seconds, floor, 60, "H11"),
        ("presence_min_seconds", draft.presence_min_seconds, floor, 3600, "H15"),
        ("presence_max_seconds", draft.presence_max_seconds, floor, 3600, "H15"),
        ("presence_answer_seconds", draft.presence_answer_seconds, floor, 600, "H15"),
    )
    for field, value, low, high, source in bounds:
        if not low <= value <= high:
            yield Reason(
                f"{field}.bounds", N_("应在 %(low)s到 %(high)s之间"), N_("您填写的是 %(value)s"), N_("请改到范围内"),
                source=source, field_name=field,
                params={"low": Duration(low), "high": Duration(high), "value": Duration(value)},
            )  # fmt: skip
    if draft.presence_max_seconds < draft.presence_min_seconds:
        yield Reason(
            "presence.order", N_("最长间隔不能短于最短间隔"), N_("现在最长短于最短"), N_("请改最长间隔"),
            source="H15", field_name="presence_max_seconds",
        )  # fmt: skip


def _number_reasons(draft: PlanDraft) -> Iterable[Reason]:
    bounds = (
        ("required_study_seconds", draft.required_study_seconds, 60, MAX_STUDY_SECONDS, "B1", _MINUTES),
        ("top_speed_percent", draft.top_speed_percent, 100, 200, "B1", _PERCENT),
        ("daily_limit_seconds", draft.daily_limit_seconds, 0, DAY_SECONDS, "B1", _MINUTES),
        ("pass_mark", draft.pass_mark, 1, FULL_MARK_HUNDREDTHS, "B4", _POINTS),
        ("exam_duration_seconds", draft.exam_duration_seconds, 60, MAX_EXAM_SECONDS, "B5", _MINUTES),
        ("max_attempts", draft.max_attempts, 1, MAX_ATTEMPTS_BOUND, "H20", _COUNT),
        ("validity_years", draft.validity_years, 1, 10, "C2", _YEARS),
    )
    for field, value, low, high, source, (size, unit) in bounds:
        if not low <= value <= high:
            low_words, high_words, value_words = (f"{one / size:.10g}" for one in (low, high, value))
            yield Reason(
                f"{field}.bounds", N_("应在 %(low)s 到 %(high)s %(unit)s之间"), N_("您填写的是 %(value)s"),
                N_("请改到范围内"), source=source, field_name=field,
                params={"low": low_words, "high": high_words, "value": value_words, "unit": Word(unit)},
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
            N_("请改选"), source="A17", params={"names": tuple(outside)}, field_name="occupations",
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


def publish_reasons(
    plan: PlanFacts,
    now: datetime,
    *,
    course_seconds: int | None,
    course_minimum: int = 0,
    blueprint_points: int | None,
    blueprint_shortages: tuple[Phrase, ...],
    is_blueprint_on_offer: bool = True,
) -> list[Reason]:
    """Say what is missing before a plan may be published.

    `course_seconds` and `blueprint_points` (hundredths) are None when the plan names none;
    `course_minimum` is what the lessons of the course ask for at least, in seconds.
    """
    reasons = []
    if plan.state is not PlanState.DRAFT:
        reasons.append(
            Reason(
                "plan.not_draft",
                N_("只有草稿可以发布"),
                N_("这个计划已经不是草稿"),
                N_("请刷新页面"),
                source="A24",
            )
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
        reasons.extend(_course_reasons(plan, course_seconds, course_minimum))
    if StageKind.EXAM in plan.stages:
        reasons.extend(offer_reasons(is_blueprint_on_offer=is_blueprint_on_offer))
        reasons.extend(_blueprint_reasons(blueprint_points, blueprint_shortages))
    return reasons


def offer_reasons(*, is_blueprint_on_offer: bool) -> list[Reason]:
    """Say why a draft cannot choose a blueprint: it is a draft itself, or nobody wants it any more."""
    if is_blueprint_on_offer:
        return []
    return [
        Reason(
            "blueprint.not_on_offer", N_("计划选择在用的组卷方案"), N_("选的方案不在用"), N_("请另选一个在用的方案"),
            source="B5", field_name="blueprint_id",
        )
    ]  # fmt: skip


def _course_reasons(plan: PlanFacts, course_seconds: int | None, course_minimum: int) -> Iterable[Reason]:
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
            N_("课程共 %(course)s，要求 %(required)s"), N_("请换更长的课程，或降低要求"), source="B1",
            params={
                "margin": COURSE_MARGIN_PERCENT, "course": Duration(course_seconds),
                "required": Duration(plan.required_study_seconds),
            },
            field_name="course_id",
        )  # fmt: skip
    if course_minimum > plan.required_study_seconds:
        yield Reason(
            "course.minimum", N_("各课最短学习时间之和不能超过要求的学时"),
            N_("各课之和 %(minimum)s，要求 %(required)s"), N_("请换课程，或提高要求"), source="B1",
            params={"minimum": Duration(course_minimum), "required": Duration(plan.required_study_seconds)},
            field_name="course_id",
        )  # fmt: skip


def _blueprint_reasons(points: int | None, shortages: tuple[Phrase, ...]) -> Iterable[Reason]:
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
            "blueprint.shortage", N_("题库要够组卷"), "%(shortage)s", N_("请先补题，或改方案"), source="B5",
            params={"shortage": shortage}, field_name="blueprint_id",
        )  # fmt: skip
