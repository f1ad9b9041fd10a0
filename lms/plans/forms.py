"""Forms of the plans room. Moments are a day and a time such as 24:00 in Asia/Shanghai, durations are minutes."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_ngettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, TextInput

from lms.accounts.policy import OrganisationKind
from lms.core.forms import CHOOSE, FILL_IN, DurationField
from lms.plans.occupations import choices as occupation_choices
from lms.plans.policy import (
    FULL_MARK_HUNDREDTHS,
    MAX_ATTEMPTS_BOUND,
    NUMBER_RULE_NAMES,
    OCCUPATION_CLASS_NAMES,
    PLAN_ZONE,
    RENEWAL_NUMBER_NAMES,
    REVIEW_ORDER,
    SPEEDS_PERCENT,
    TIER_NAMES,
    TITLE_MAX_LENGTH,
    ExaminerLevel,
    OccupationChoice,
    PlanDraft,
    PlanFacts,
)
from lms.plans.templates import TEMPLATES

_BEFORE_PUBLISHING = _l("草稿里可以先空着，发布前必选")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2})[:：](\d{2})")


class DayField(StringField):
    """A day to pick, or typed as 2026-12-01; strokes and points between the numbers are understood too."""

    widget = DateInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed into a date."""
        found = _DAY.fullmatch(str(valuelist[0]).strip()) if valuelist else None
        self.data: Any = None
        if found is None:
            raise ValueError(gettext("请按 2026-12-01 的格式填写"))
        try:
            self.data = date(*map(int, found.groups()))
        except ValueError as error:
            raise ValueError(gettext("没有这一天")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data.isoformat())


class CountField(IntegerField):
    """A whole number; what is none is told an example."""

    def __init__(self, label: Any = None, *, example: int, **options: Any) -> None:
        super().__init__(label, **options)
        self._example = example

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed into a whole number."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("请填写整数，例如 %(example)s", example=self._example)) from error


class MarkField(DecimalField):
    """Points; what is no number is left to the form, which knows the bounds."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed into points, or into nothing."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data: Any = None


class DayAndTime:
    """Draws a moment as a day to pick and a time to type or pick, for no picker of a browser knows 24:00."""

    def __call__(self, field: "MomentField", **attributes: Any) -> Markup:
        """Return both inputs; they are sent one after the other under the field's name."""
        day, time = field.parts()
        time_name = gettext("%(label)s：时刻", label=field.label.text)
        return Markup('<div class="moment">{}{}</div>').format(
            DateInput()(field, value=day, **attributes),
            TextInput()(
                field, **{**attributes, "id": f"{field.id}-time", "value": time, "list": field.times},
                inputmode="numeric", autocomplete="off", maxlength=5, aria_label=time_name,
            ),
        )  # fmt: skip


class MomentField(StringField):
    """A moment in Asia/Shanghai. The end of a day may be typed as 24:00 and is shown so when `ends` is set."""

    widget = DayAndTime()

    def __init__(self, label: Any = None, *, ends: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self._ends = ends

    @property
    def times(self) -> str:
        """The id of the list of times that the page offers."""
        return "times-until" if self._ends else "times-from"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed, in one piece or in two, into an aware datetime."""
        found = _MOMENT.fullmatch(" ".join(str(part).strip() for part in valuelist))
        self.data: Any = None
        if found is None:
            raise ValueError(gettext("请选日期，再填时刻，例如 14:30；一天结束写 24:00"))
        year, month, day, hour, minute = map(int, found.groups())
        extra = timedelta(days=1) if (hour, minute) == (24, 0) else timedelta()
        try:
            self.data = (
                datetime(year, month, day, hour % 24 if extra else hour, minute, tzinfo=PLAN_ZONE) + extra
            )
        except (ValueError, OverflowError) as error:
            raise ValueError(gettext("没有这一天或这个时刻")) from error

    def parts(self) -> tuple[str, str]:
        """Return the day and the time as they are shown; what was typed comes back as it was."""
        if self.raw_data:
            day, _, time = " ".join(str(part).strip() for part in self.raw_data).partition(" ")
            return day, time
        if self.data is None:
            return "", ""
        local = self.data.astimezone(PLAN_ZONE)
        if self._ends and (local.hour, local.minute) == (0, 0):
            return f"{local - timedelta(days=1):%Y-%m-%d}", "24:00"
        return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


class TickField(SelectMultipleField):
    """Several choices as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@dataclass(frozen=True, slots=True)
class OccupationGroup:
    """The tick boxes of one class of the national dictionary."""

    name: str
    options: tuple[Any, ...]

    @property
    def ticked(self) -> int:
        """How many of them are ticked."""
        return sum(bool(option.checked) for option in self.options)


class NewPlanForm(FlaskForm):
    """Beginning a plan: the template brings everything else."""

    template_code = RadioField(
        _l("模板"), validators=[InputRequired(CHOOSE)],
        choices=[
            SelectChoice(template.code, _l("%(name)s：%(about)s", name=_l(template.name), about=_l(template.about)))
            for template in TEMPLATES.values()
        ],
    )  # fmt: skip
    title = StringField(
        _l("计划名称"),
        validators=[InputRequired(FILL_IN), Length(max=TITLE_MAX_LENGTH, message=_l("最多 %(max)d 个字"))],
        description=_l("例如：2026年第四期考评员培训班"),
    )  # fmt: skip
    first_day = DayField(
        _l("报名第一天"),
        validators=[InputRequired(FILL_IN)],
        description=_l("其余时间按模板推算，都可以再改"),
    )
    issuer_organisation_id = SelectField(
        _l("主办机构"), validators=[InputRequired(CHOOSE)], description=_l("谁培训、谁发证、谁管理")
    )


class PlanForm(FlaskForm):
    """Everything of a draft."""

    title = StringField(
        _l("计划名称"),
        validators=[InputRequired(FILL_IN), Length(max=TITLE_MAX_LENGTH, message=_l("最多 %(max)d 个字"))],
    )
    enrol_from = MomentField(_l("报名开始"))
    enrol_until = MomentField(_l("报名截止"), ends=True)
    study_from = MomentField(_l("学习开始"))
    study_until = MomentField(_l("学习截止"), ends=True)
    exam_from = MomentField(_l("考试开始"))
    exam_until = MomentField(_l("考试截止"), ends=True)
    course_id = SelectField(
        lazy_pgettext("one", "课程"), validate_choice=True, description=_BEFORE_PUBLISHING
    )
    required_study_seconds = DurationField(_l("要求学时（分钟）"), description=_l("课程要比它至少长 5%"))
    blueprint_id = SelectField(
        lazy_pgettext("one", "组卷方案"), validate_choice=True, description=_BEFORE_PUBLISHING
    )
    exam_duration_seconds = DurationField(_l("考试时长（分钟）"))
    pass_mark = MarkField(
        _l("合格分数"), validators=[InputRequired(FILL_IN)], description=_l("满分 100 分，达到即合格")
    )
    max_attempts = SelectField(
        _l("考试机会"), coerce=int,
        choices=[
            SelectChoice(n, lazy_ngettext("%(num)s 次", "%(num)s 次", n))
            for n in range(1, MAX_ATTEMPTS_BOUND + 1)
        ],
    )  # fmt: skip
    review_route = TickField(
        _l("审核路线"), description=_l("省属单位自动跳过市级"),
        choices=[SelectChoice(tier.value, _l(TIER_NAMES[tier])) for tier in REVIEW_ORDER],
    )  # fmt: skip
    occupations = TickField(_l("考评员的职业"))
    senior_occupations = TickField(_l("高级考评员的职业"))
    beat_interval_seconds = DurationField(
        _l("学习记录间隔（分钟）"), description=_l("不是整分钟的，写成 0:15，即 15 秒")
    )
    presence_answer_seconds = DurationField(
        _l("在学确认作答时间（分钟）"), description=_l("不是整分钟的，写成 1:30，即 90 秒")
    )
    presence_min_seconds = DurationField(_l("在学确认最短间隔（分钟）"))
    presence_max_seconds = DurationField(_l("在学确认最长间隔（分钟）"))
    may_skip_ahead = SelectField(
        _l("第一次观看时"), coerce=int,
        choices=[SelectChoice(0, _l("不能跳过还没看的部分")), SelectChoice(1, _l("可以任意拖动"))],
        description=_l("往回拖动总是可以"),
    )  # fmt: skip
    top_speed_percent = SelectField(
        _l("最快播放速度"), coerce=int,
        choices=[SelectChoice(percent, _l("%(times)s 倍", times=f"{percent / 100:g}")) for percent in SPEEDS_PERCENT],
        description=_l("加速播放时，计入的时间不超过实际经过的时间"),
    )  # fmt: skip
    daily_limit_seconds = DurationField(_l("每天最多计入（分钟）"), description=_l("0 表示不限"))
    number_rule = SelectField(
        _l("证书编号规则"), choices=[SelectChoice(rule, _l(name)) for rule, name in NUMBER_RULE_NAMES.items()]
    )
    keeps_number = SelectField(
        _l("到期换证的编号"), coerce=int, default=0,
        choices=[SelectChoice(int(keeps), _l(name)) for keeps, name in RENEWAL_NUMBER_NAMES.items()],
        description=_l("沿用编号的，还须编号规则和发证机构都与原证书相同；不同的换发新编号"),
    )  # fmt: skip
    validity_years = CountField(_l("证书有效期（年）"), example=3, validators=[InputRequired(FILL_IN)])

    def offer(self, plan: PlanFacts, courses: list[Any], blueprints: list[Any]) -> None:
        """Fill the choices; what the plan offers already stays on offer even when the list has changed."""
        known = {**occupation_choices(), **{choice.key: choice for choice in plan.occupations}}
        self._known = dict(sorted(known.items(), key=lambda one: (one[1].code, one[1].edition)))
        for field, level in (
            (self.occupations, ExaminerLevel.EXAMINER),
            (self.senior_occupations, ExaminerLevel.SENIOR),
        ):
            field.choices = [
                SelectChoice(key, _named(choice))
                for key, choice in self._known.items()
                if choice.level is level
            ]
        self.course_id.choices = [SelectChoice("", _l("还没有选"))] + [
            SelectChoice(*pair) for pair in courses
        ]
        self.blueprint_id.choices = [SelectChoice("", _l("还没有选"))] + [
            SelectChoice(*pair) for pair in blueprints
        ]

    def show(self, plan: PlanFacts) -> None:
        """Fill the fields with a plan's present content."""
        for name in (
            "title", "enrol_from", "enrol_until", "study_from", "study_until", "exam_from", "exam_until",
            "required_study_seconds", "exam_duration_seconds", "max_attempts", "beat_interval_seconds",
            "presence_min_seconds", "presence_max_seconds", "presence_answer_seconds", "top_speed_percent",
            "daily_limit_seconds", "number_rule", "validity_years",
        ):  # fmt: skip
            self[name].data = getattr(plan, name)
        self.may_skip_ahead.data = int(plan.may_skip_ahead)
        self.keeps_number.data = int(plan.keeps_number)
        self.course_id.data = plan.course_id or _the_only(self.course_id)
        self.blueprint_id.data = plan.blueprint_id or _the_only(self.blueprint_id)
        self.pass_mark.data = Decimal(plan.pass_mark) / 100
        self.review_route.data = [tier.value for tier in plan.review_route]
        self.occupations.data = [choice.key for choice in plan.occupations]
        self.senior_occupations.data = [choice.key for choice in plan.occupations]

    def occupation_groups(self) -> list[tuple[TickField, list[OccupationGroup]]]:
        """Return the two fields of occupations, the tick boxes of each by class of the dictionary."""
        return [(field, self._groups(field)) for field in (self.occupations, self.senior_occupations)]

    def _groups(self, field: TickField) -> list[OccupationGroup]:
        options = list(field)
        of_class = {
            number: tuple(option for option in options if self._known[option.data].code.startswith(number))
            for number in OCCUPATION_CLASS_NAMES
        }
        return [
            OccupationGroup(OCCUPATION_CLASS_NAMES[number], some) for number, some in of_class.items() if some
        ]

    def draft(self, plan: PlanFacts) -> PlanDraft:
        """Return what was typed as a draft; stages come from the template."""
        return PlanDraft(
            title=(self.title.data or "").strip(),
            occupations=self._ticked(),
            stages=plan.stages,
            enrol_from=self.enrol_from.data,
            enrol_until=self.enrol_until.data,
            study_from=self.study_from.data,
            study_until=self.study_until.data,
            exam_from=self.exam_from.data,
            exam_until=self.exam_until.data,
            required_study_seconds=self.required_study_seconds.data,
            beat_interval_seconds=self.beat_interval_seconds.data,
            presence_min_seconds=self.presence_min_seconds.data,
            presence_max_seconds=self.presence_max_seconds.data,
            presence_answer_seconds=self.presence_answer_seconds.data,
            may_skip_ahead=bool(self.may_skip_ahead.data),
            top_speed_percent=self.top_speed_percent.data,
            daily_limit_seconds=self.daily_limit_seconds.data,
            pass_mark=int(100 * (self.pass_mark.data or 0)),
            exam_duration_seconds=self.exam_duration_seconds.data,
            max_attempts=self.max_attempts.data,
            course_id=self.course_id.data or None,
            blueprint_id=self.blueprint_id.data or None,
            review_route=tuple(OrganisationKind(tier) for tier in self.review_route.data or ()),
            number_rule=self.number_rule.data,
            keeps_number=bool(self.keeps_number.data),
            validity_years=self.validity_years.data or 0,
        )

    def validate_pass_mark(self, field: Any) -> None:
        """Refuse what is not a whole number of hundredths of a point (H12)."""
        if (
            field.data is None
            or not field.data.is_finite()
            or not 0 <= field.data <= FULL_MARK_HUNDREDTHS // 100
        ):
            raise ValidationError(gettext("请填写 0 到 100 之间的分数，例如 90"))
        if field.data * 100 != int(field.data * 100):
            raise ValidationError(gettext("最多两位小数"))

    def _ticked(self) -> tuple[OccupationChoice, ...]:
        keys = dict.fromkeys([*(self.occupations.data or ()), *(self.senior_occupations.data or ())])
        return tuple(self._known[key] for key in keys)


def _named(choice: OccupationChoice) -> Any:
    return _l(
        "%(name)s（%(code)s，%(edition)s年版）", name=choice.name, code=choice.code, edition=choice.edition
    )


def _the_only(field: SelectField) -> str:
    """Return the value of the one choice there is beside the blank, or the blank when there are more or none."""
    offered = [str(choice.value) for choice in field.choices if choice.value]
    return offered[0] if len(offered) == 1 else ""
