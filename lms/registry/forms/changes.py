"""What is written about a change of a workplace: the request, and the registrar's answer."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lms.certificates.policy.certificates import MAX_REASON_LENGTH
from lms.core.forms import HouseForm

ACCEPT, REFUSE = "accept", "refuse"


class ChangeForm(HouseForm):
    """Where the holder works now, and what shows it."""

    seen = HiddenField()
    """The workplace that the entry named when the form was drawn."""
    workplace = SelectField(
        _l("现在的工作单位"), validators=[InputRequired(_l("请选择"))], description=_l("须为已登记的评价机构")
    )
    words = TextAreaField(
        _l("依据"), [InputRequired(_l("请写明依据"))], render_kw={"maxlength": MAX_REASON_LENGTH, "rows": 3},
        description=_l("例如调动的时间和文件；登记员会看到，4 至 200 个字，不要写证件号码"),
    )  # fmt: skip


class AnswerForm(HouseForm):
    """Yes or no, and why."""

    verdict = RadioField(
        _l("决定"), [InputRequired(_l("请选择同意或不同意"))],
        choices=[SelectChoice(ACCEPT, _l("同意，变更登记")), SelectChoice(REFUSE, _l("不同意"))],
    )  # fmt: skip
    words = TextAreaField(
        _l("理由"), [InputRequired(_l("请写明理由"))], render_kw={"maxlength": MAX_REASON_LENGTH, "rows": 3},
        description=_l("持证人会看到，并写入登记的变更历史"),
    )  # fmt: skip
