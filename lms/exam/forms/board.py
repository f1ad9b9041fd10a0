"""What the pages of fair conditions and of invigilation send."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from lms.core.forms import HouseForm
from lms.exam.policy.conditions import CAUSE_NAMES, REASON_MAX, REASON_MIN, WORDS_MAX, Verdict

GRADE_NOW, ASK_TO_VOID = "grade", "void"
_WHY = {"maxlength": REASON_MAX, "rows": 2}


def _reason(help_text: Any) -> TextAreaField:
    return TextAreaField(
        _l("原因"), [InputRequired(_l("请写明原因"))], render_kw=dict(_WHY),
        description=_l("%(low)s 至 %(high)s 个字；%(help)s", low=REASON_MIN, high=REASON_MAX, help=help_text),
    )  # fmt: skip


class TargetForm(HouseForm):
    """Whom an act reaches; the page fills the choices with what the actor reaches."""

    target = SelectField(_l("对象"), [InputRequired(_l("请选择对象"))], choices=[])


class TimeForm(TargetForm):
    """Time given during the exam."""

    minutes = IntegerField(
        _l("补时（分钟）"),
        [InputRequired(_l("请填写分钟数"))],
        render_kw={"maxlength": 3, "inputmode": "numeric"},
    )
    extends_window = BooleanField(
        _l("同时顺延考试结束时间"), default=True, description=_l("不选时，补的时间最多到本期考试结束")
    )
    reason = _reason(_l("考生会看到，并永久留痕"))


class PauseForm(TargetForm):
    """A pause with its longest length."""

    minutes = IntegerField(
        _l("最长暂停（分钟）"), [InputRequired(_l("请填写分钟数"))],
        description=_l("到时自动继续，可以提前继续；没用完的时间会收回，考生的作答时间不多也不少"),
        render_kw={"maxlength": 3, "inputmode": "numeric"},
    )  # fmt: skip
    reason = _reason(_l("考生会看到，并永久留痕"))


class MessageForm(TargetForm):
    """Words for the people who sit."""

    words = TextAreaField(
        _l("消息"), [InputRequired(_l("请写明要告诉考生的话"))],
        description=_l("几秒内出现在考生的考试页上，考生确认后这里会显示"),
        render_kw={"maxlength": WORDS_MAX, "rows": 3},
    )  # fmt: skip


class ExtraForm(HouseForm):
    """More time for one person, before the exam."""

    person = SelectField(_l("考生"), [InputRequired(_l("请选择考生"))], choices=[])
    percent = IntegerField(
        _l("按比例延长（百分之几）"), [Optional()], default=0, description=_l("25 表示原作答时间的四分之一"),
        render_kw={"maxlength": 3, "inputmode": "numeric"},
    )  # fmt: skip
    minutes = IntegerField(
        _l("另加（分钟）"), [Optional()], default=0, render_kw={"maxlength": 3, "inputmode": "numeric"}
    )
    extends_window = BooleanField(
        _l("同时顺延考试结束时间"), default=True, description=_l("不选时，延长的时间最多到本期考试结束")
    )
    reason = _reason(_l("写明依据，例如证明材料的名称和编号；永久留痕"))


class ReasonForm(HouseForm):
    """An act that needs only its reason."""

    reason = _reason(_l("会永久留痕"))


class EndForm(HouseForm):
    """An exam ended for cause."""

    cause = SelectField(
        _l("结束的原因"), [InputRequired(_l("请选择原因"))],
        choices=[SelectChoice(cause.value, _l(name)) for cause, name in CAUSE_NAMES.items()],
    )  # fmt: skip
    outcome = RadioField(
        _l("结束以后"), [InputRequired(_l("请选择结束以后怎么办"))],
        choices=[
            SelectChoice(GRADE_NOW, _l("按已保存的答案评分")),
            SelectChoice(ASK_TO_VOID, _l("先不评分，提请另一名考务管理员决定是否作废")),
        ],
    )  # fmt: skip
    reason = _reason(_l("写明经过；会永久留痕"))


class VerdictForm(HouseForm):
    """What the second person decides."""

    verdict = RadioField(
        _l("决定"), [InputRequired(_l("请选择决定"))],
        choices=[
            SelectChoice(Verdict.KEEP.value, _l("不作废，按已保存的答案评分")),
            SelectChoice(Verdict.VOID.value, _l("作废，不计入次数")),
        ],
    )  # fmt: skip
    reason = _reason(_l("写明依据；会永久留痕"))


class RemarkForm(HouseForm):
    """A note on what somebody saw, or that what was noticed needs nothing more."""

    words = TextAreaField(
        _l("记录"), [Optional()], description=_l("记入这名考生的经过，不影响考试"), render_kw=dict(_WHY)
    )
    is_cleared = BooleanField(_l("已看过，到现在为止的提示不再列出"))
