"""Forms of the registry."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lms.certificates.policy.certificates import MAX_REASON_LENGTH, MIN_REASON_LENGTH
from lms.certificates.policy.decisions import VERDICT_NAMES, VERDICTS, Ground
from lms.certificates.policy.versions import CAUSE_NAMES, REISSUE_CAUSES
from lms.core.forms import HouseForm
from lms.registry.policy.saved_filters import NAME_LENGTH


class RegisterForm(HouseForm):
    """An earlier register to be checked."""

    file = FileField(
        _l("登记表"), [InputRequired(_l("请选择文件"))],
        description=_l("表格（.xlsx .xls .ods .csv），最大 5 MB，最多 2,000 行；先检查，不会马上登记"),
        render_kw={"accept": ".xlsx,.xls,.ods,.csv"},
    )  # fmt: skip


class SaveForm(HouseForm):
    """The name under which a filter is saved."""

    name = StringField(_l("名称"), [InputRequired(_l("请填写名称"))], render_kw={"maxlength": NAME_LENGTH})


class ReasonForm(FlaskForm):
    """The written reason of an act on an entry."""

    reason = TextAreaField(
        _l("依据"),
        [
            InputRequired(_l("请写明依据")),
            Length(
                MIN_REASON_LENGTH, MAX_REASON_LENGTH,
                message=_l("依据为 %(low)s 至 %(high)s 个字", low=MIN_REASON_LENGTH, high=MAX_REASON_LENGTH),
            ),
        ],
        description=_l("会写入历史；撤销的依据还会在查验页公开，请不要写个人信息"),
    )  # fmt: skip


class VerdictForm(HouseForm):
    """What is proposed for a suspended certificate."""

    verdict = RadioField(
        _l("处理意见"), [InputRequired(_l("请选择一种"))],
        choices=[SelectChoice(verdict.value, _l(name)) for verdict, name in VERDICT_NAMES.items()
                 if verdict in VERDICTS[Ground.CORRECTION]],
    )  # fmt: skip
    reason = TextAreaField(
        _l("依据"), [InputRequired(_l("请写明依据"))], render_kw={"maxlength": MAX_REASON_LENGTH, "rows": 3},
        description=_l("会写入历史；撤销的依据还会在查验页公开，请不要写个人信息"),
    )  # fmt: skip


class ReissueForm(HouseForm):
    """Why a certificate is to be printed anew."""

    cause = RadioField(
        _l("补发原因"), [InputRequired(_l("请选择一种"))],
        choices=[SelectChoice(cause.value, _l(CAUSE_NAMES[cause])) for cause in REISSUE_CAUSES],
    )  # fmt: skip
    reason = TextAreaField(
        _l("依据"), [InputRequired(_l("请写明依据"))], render_kw={"maxlength": MAX_REASON_LENGTH, "rows": 3},
        description=_l("会写入历史，持证人也能看到，请不要写个人信息"),
    )  # fmt: skip
