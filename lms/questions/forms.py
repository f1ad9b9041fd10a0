"""What the pages of the questions room send."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from lms.core.forms import HouseForm
from lms.questions.policy import BULK_NAMES, PROFILE_NAME_MAX
from question_bank.items import AREAS, DIFFICULTY_NAMES, OPTION_KEYS, TYPE_NAMES, Difficulty


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


class ItemForm(HouseForm):
    """Everything that a version of a question says. The rules of questions speak, not the browser's."""

    type = SelectField(
        _l("题型"), choices=[SelectChoice(one.value, _l(name)) for one, name in TYPE_NAMES.items()]
    )
    stem = TextAreaField(_l("题干"), validators=[InputRequired(_l("请填写题干"))], render_kw={"rows": 3})
    answer = StringField(
        _l("答案"), validators=[InputRequired(_l("请填写答案"))],
        description=_l("选择题写字母，如 AC；判断题写“正确”或“错误”；填空题的几种答案用竖线分开，数值写成 3.14±0.01"),
    )  # fmt: skip
    case_matters = BooleanField(_l("填空题区分大小写"))
    explanation = TextAreaField(_l("解析"), render_kw={"rows": 3})
    area = SelectField(_l("知识领域"), choices=[SelectChoice(code, _l(name)) for code, name in AREAS.items()])
    difficulty = SelectField(
        _l("难度"), choices=[SelectChoice(one.value, _l(name)) for one, name in DIFFICULTY_NAMES.items()]
    )
    source = StringField(_l("依据"), description=_l("规则的名称和条款"))
    rule_version = StringField(_l("规则版本"), description=_l("例：2026年版；规则改版时凭它找出要改的题"))
    retire_on = DateField(
        _l("停用日期"),
        validators=[Optional()],
        description=_l("规则失效之日；从这天起不再抽到。不填就一直使用"),
    )
    note = TextAreaField(
        _l("改了什么，为什么"), validators=[InputRequired(_l("请写明改了什么"))], render_kw={"rows": 2},
        description=_l("复核的人和以后查看的人会看到"),
    )  # fmt: skip
    base = HiddenField()


for _key in OPTION_KEYS:
    setattr(
        ItemForm, f"option_{_key.lower()}", TextAreaField(_l("选项 %(key)s", key=_key), render_kw={"rows": 1})
    )


class DecisionForm(HouseForm):
    """What the second person says of a version."""

    remark = TextAreaField(
        _l("意见"), render_kw={"rows": 2}, description=_l("退回时必须写明；通过时可以不写")
    )


class BulkForm(HouseForm):
    """One change for many questions."""

    act = RadioField(
        _l("改什么"), choices=[SelectChoice(act.value, _l(name)) for act, name in BULK_NAMES.items()],
        validators=[InputRequired(_l("请选择改什么"))],
    )  # fmt: skip
    area = SelectField(
        _l("新的知识领域"), validators=[Optional()], description=_l("只在改知识领域时有用"),
        choices=[SelectChoice("", _l("请选择"))] + [SelectChoice(code, _l(name)) for code, name in AREAS.items()],
    )  # fmt: skip
    difficulty = SelectField(
        _l("新的难度"), validators=[Optional()], description=_l("只在改难度时有用"),
        choices=[SelectChoice("", _l("请选择"))]
        + [SelectChoice(one.value, _l(name)) for one, name in DIFFICULTY_NAMES.items()],
    )  # fmt: skip
    remark = TextAreaField(_l("原因"), validators=[InputRequired(_l("请写明原因"))], render_kw={"rows": 2})
    count = HiddenField()
