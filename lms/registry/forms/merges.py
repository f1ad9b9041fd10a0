"""The form with which a registrar proposes that two entries are of one person."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from lms.certificates.policy.certificates import MAX_REASON_LENGTH
from lms.core.forms import HouseForm


class MergeForm(HouseForm):
    """The number of the other entry, or the ground once it is found."""

    number = StringField(
        _l("另一条登记的证书编号"), description=_l("15 位（旧证 14 位）；旧编号也可以"),
        render_kw={"maxlength": 30, "inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip
    reason = TextAreaField(
        _l("依据"), [InputRequired(_l("请写明依据"))], render_kw={"maxlength": MAX_REASON_LENGTH, "rows": 3},
        description=_l("会写入两条登记的历史；请写明核对了什么，不要写个人信息"),
    )  # fmt: skip
