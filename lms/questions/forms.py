"""What the pages of the questions room send."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lms.core.forms import HouseForm
from question_bank.items import AREAS


class UploadForm(HouseForm):
    """One question file to be checked."""

    file = FileField(
        _l("题库表格"), validators=[InputRequired(_l("请选择文件"))],
        description=_l("Excel（.xlsx）或 CSV，最大 10 MB；先检查，不会马上写入题库"),
        render_kw={"accept": ".xlsx,.csv"},
    )  # fmt: skip
    default_area = SelectField(
        _l("没有写明知识领域的题归入"),
        choices=[SelectChoice("", _l("不归入，报告为问题"))]
        + [SelectChoice(code, _l(name)) for code, name in AREAS.items()],
    )


class RetireForm(HouseForm):
    """Taking an item out of future papers."""

    remark = TextAreaField(
        _l("停用原因"), validators=[InputRequired(_l("请写明原因"))], render_kw={"rows": 3},
        description=_l("已经抽好的试卷不受影响"),
    )  # fmt: skip
