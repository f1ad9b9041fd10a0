"""Forms of the certificates room."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from lms.certificates.policy.layouts import LONGEST
from lms.core.forms import FILL_IN, HouseForm

_FIELD_MAX = 160


def _picture(label: str) -> FileField:
    return FileField(
        label, validators=[Optional()], render_kw={"accept": ".png,image/png"},
        description=_l("PNG，不超过 300 KB，背景可以透明；不选则保持不变"),
    )  # fmt: skip


class LayoutForm(HouseForm):
    """The words and pictures of a layout's draft."""

    over = StringField(
        _l("标题上方的一行"),
        [DataRequired(FILL_IN)],
        description=_l("最多 %(max)s 个字", max=LONGEST["over"]),
    )
    title = StringField(
        _l("标题"),
        [DataRequired(FILL_IN)],
        description=_l("要有【级别】，打印时换成“考评员”或“高级考评员”"),
    )
    statement = TextAreaField(
        _l("姓名后面的正文"), [DataRequired(FILL_IN), Length(max=_FIELD_MAX)], render_kw={"rows": 3},
        description=_l("最多 %(max)s 个字，可以用【级别】", max=LONGEST["statement"]),
    )  # fmt: skip
    issuer = StringField(
        _l("落款"), [DataRequired(FILL_IN)], description=_l("要有【发证机关】，打印时换成发证机关的名称")
    )
    logo = _picture(_l("标志"))
    no_logo = BooleanField(_l("不要标志"))
    stamp = _picture(_l("印章图样"))
    no_stamp = BooleanField(_l("不要印章图样"))


class EditionForm(HouseForm):
    """Which edition of a draft an act is about."""

    edition = IntegerField(validators=[DataRequired()])
