"""What the pages of the questions room send."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from lms.core.forms import HouseForm
from lms.questions.policy import PROFILE_NAME_MAX
from question_bank.items import AREAS, DIFFICULTY_NAMES, Difficulty


class UploadForm(HouseForm):
    """One question file to be checked."""

    file = FileField(
        _l("题库文件"), validators=[InputRequired(_l("请选择文件"))],
        description=_l(
            "表格（.xlsx .xls .ods .csv .tsv）、Word（.docx）、文本（.txt .gift）、Moodle 或 QTI（.xml .zip），"
            "最大 10 MB；先检查，不会马上写入题库"
        ),
        render_kw={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt,.docx,.gift,.xml,.zip"},
    )  # fmt: skip
    default_area = SelectField(
        _l("没有写明知识领域的题归入"),
        choices=[SelectChoice("", _l("不归入，报告为问题"))]
        + [SelectChoice(code, _l(name)) for code, name in AREAS.items()],
    )
    default_difficulty = SelectField(
        _l("没有写明难度的题定为"), default=Difficulty.MEDIUM.value, validators=[Optional()],
        choices=[SelectChoice(level.value, _l(name)) for level, name in DIFFICULTY_NAMES.items()],
    )  # fmt: skip


class ColumnsForm(HouseForm):
    """What the columns of a file are; the columns themselves differ from file to file."""

    name = StringField(
        _l("保存为方案（可不填）"), validators=[Length(max=PROFILE_NAME_MAX, message=_l("最多 %(max)d 个字"))],
        description=_l("填写名称后，以后上传同样表头的文件会自动这样理解"),
        render_kw={"maxlength": PROFILE_NAME_MAX, "autocomplete": "off"},
    )  # fmt: skip


class RetireForm(HouseForm):
    """Taking an item out of future papers."""

    remark = TextAreaField(
        _l("停用原因"), validators=[InputRequired(_l("请写明原因"))], render_kw={"rows": 3},
        description=_l("已经抽好的试卷不受影响"),
    )  # fmt: skip
