"""What the pages of the questions room send."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
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
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from lms.core.errors import Refusal
from lms.core.forms import HouseForm
from lms.core.speech import in_one_sentence
from lms.questions.policy import (
    ARRIVAL_NAMES,
    BLUEPRINT_TITLE_MAX,
    BULK_NAMES,
    PROFILE_NAME_MAX,
    SECTIONS_MAX,
)
from question_bank.items import (
    AREAS,
    DIFFICULTY_NAMES,
    OPTION_KEYS,
    TYPE_NAMES,
    Blueprint,
    BlueprintSection,
    Difficulty,
    ItemType,
)
from question_bank.validation import points_text, tidy_text


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


class ProfileForm(HouseForm):
    """The name of a saved profile."""

    name = StringField(
        _l("导入方案名称"),
        validators=[
            InputRequired(_l("请填写名称")),
            Length(max=PROFILE_NAME_MAX, message=_l("最多 %(max)d 个字")),
        ],
        render_kw={"maxlength": PROFILE_NAME_MAX, "autocomplete": "off"},
    )


class AcceptForm(HouseForm):
    """How the questions of a checked file arrive."""

    arrival = RadioField(
        _l("新题导入以后"), choices=[SelectChoice(one.value, _l(name)) for one, name in ARRIVAL_NAMES.items()],
        validators=[Optional()],
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


class WholeField(StringField):
    """A whole number of at most four digits; `number` is zero while nothing that makes sense is written."""

    _shape = re.compile(r"\d{1,4}")

    def __init__(self, label: Any, *, example: str, needed: bool = True, **options: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **options)
        self._example = example
        self._needed = needed

    @property
    def _typed(self) -> str:
        # Half of all number keys of a Chinese keyboard write full-width digits.
        return unicodedata.normalize("NFKC", self.data or "").strip()

    @property
    def number(self) -> int:
        """What is written, in the smallest unit."""
        return int(self._typed) if self._shape.fullmatch(self._typed) else 0

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no such number, with an example of one."""
        if (self._typed or self._needed) and not self._shape.fullmatch(self._typed):
            raise ValidationError(self._complaint())

    def _complaint(self) -> str:
        return str(gettext("请填写整数，例如 %(example)s", example=self._example))


class PointsField(WholeField):
    """Points with at most two decimals; `number` counts hundredths (H12)."""

    _shape = re.compile(r"(\d{1,4})(?:\.(\d{1,2}))?")

    @property
    def number(self) -> int:
        """What is written, in hundredths of a point."""
        found = self._shape.fullmatch(self._typed)
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0

    def _complaint(self) -> str:
        return str(gettext("请填写分数，最多两位小数，例如 %(example)s", example=self._example))


SPREAD = "spread"
BANDS = tuple(Difficulty)
ANY = _l("不限")


class SectionForm(HouseForm):
    """One section of a blueprint; the fields of all sections travel in one form, told apart by their prefix."""

    class Meta(HouseForm.Meta):
        """The token stands in the form around it."""

        csrf = False

    type = SelectField(
        _l("题型"), choices=[SelectChoice(one.value, _l(name)) for one, name in TYPE_NAMES.items()]
    )
    area = SelectField(
        _l("知识领域"),
        choices=[SelectChoice("", ANY)] + [SelectChoice(code, _l(name)) for code, name in AREAS.items()],
    )
    level = SelectField(
        _l("难度"),
        choices=[SelectChoice("", ANY)]
        + [SelectChoice(one.value, _l(name)) for one, name in DIFFICULTY_NAMES.items()]
        + [SelectChoice(SPREAD, _l("分别规定"))],
    )
    count = WholeField(_l("题数"), example="20")
    points = PointsField(_l("每题分值"), example="2.5")
    seconds = WholeField(_l("每题预计用时（秒）"), example="90", needed=False)
    easy = WholeField(_l("易的题数"), example="5", needed=False)
    medium = WholeField(_l("中的题数"), example="10", needed=False)
    hard = WholeField(_l("难的题数"), example="5", needed=False)
    partial = BooleanField(_l("多选题：选对一部分、没有选错，按比例给分（不勾选则全对才给分）"))

    @property
    def section(self) -> BlueprintSection:
        """What is written, as far as it makes sense; what does not counts as zero or as any."""
        level = self.level.data
        spread = tuple((band, self[band.value].number) for band in BANDS if self[band.value].number)
        return BlueprintSection(
            type=ItemType(self.type.data) if self.type.data in set(ItemType) else ItemType.SINGLE,
            area=self.area.data if self.area.data in AREAS else None,
            difficulty=Difficulty(level) if level in set(Difficulty) else None,
            count=self.count.number,
            points_each=self.points.number,
            partial_credit=self.partial.data,
            # All three left empty is still a rule about difficulties, and one that does not add up.
            spread=(spread or ((Difficulty.EASY, 0),)) if level == SPREAD else (),
            seconds_each=self.seconds.number,
        )


def section_texts(section: BlueprintSection) -> dict[str, Any]:
    """Return what the fields of a section show."""
    bands = {band.value: str(count) for band, count in section.spread}
    return {
        "type": section.type.value, "area": section.area or "",
        "level": SPREAD if section.spread else (section.difficulty or ""),
        "count": str(section.count), "points": points_text(section.points_each), "partial": section.partial_credit,
        "seconds": str(section.seconds_each or ""), **bands,
    }  # fmt: skip


class BlueprintForm(HouseForm):
    """A draft of a blueprint. `parts` are its sections as they are written, in their order."""

    title = StringField(
        _l("方案名称"), description=_l("制定计划的人凭名称选择"),
        validators=[
            DataRequired(_l("请填写方案名称")), Length(max=BLUEPRINT_TITLE_MAX, message=_l("最多 %(max)d 个字"))
        ],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    base = HiddenField()

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.parts: list[SectionForm] = []

    def show(self, blueprint: Blueprint, revision: int) -> None:
        """Fill the fields with a stored draft."""
        self.title.data, self.base.data = blueprint.title, str(revision)
        self.write([section_texts(section) for section in blueprint.sections])

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the sections anew, numbered from 1."""
        self.parts = [
            SectionForm(None, prefix=f"s{number}-", data=row) for number, row in enumerate(rows, start=1)
        ]

    def read(self, sent: Any) -> None:
        """Take the sections that were sent; one more than there may be, so that a rule can say so."""
        prefixes = (f"s{number}-" for number in range(1, SECTIONS_MAX + 2))
        self.parts = [SectionForm(sent, prefix=prefix) for prefix in prefixes if f"{prefix}type" in sent]

    @property
    def blueprint(self) -> Blueprint:
        """What is written, as far as it makes sense."""
        return Blueprint(tuple(part.section for part in self.parts), tidy_text(self.title.data or ""))

    @property
    def revision(self) -> int:
        """The revision that the page showed; zero when it was tampered with."""
        return int(self.base.data) if re.fullmatch(r"[0-9]{1,9}", self.base.data or "") else 0

    def is_sound(self) -> bool:
        """Tell whether every field can be read; the fields say what is wrong with them."""
        return all([self.validate(), *(part.validate() for part in self.parts)])

    def take(self, refusal: Refusal) -> None:
        """Put each reason of a refusal at its field, or at the head of the form."""
        for reason in refusal.reasons:
            self._place(reason.field_name).append(in_one_sentence(reason))

    def complaints(self) -> list[tuple[str, str, str]]:
        """Return everything to repair: id of the field, its name, and what is wrong."""
        found = [("", "", error) for error in self.form_errors]
        found += [(self.title.id, str(self.title.label.text), error) for error in self.title.errors]
        for number, part in enumerate(self.parts, start=1):
            found += [
                (field.id, gettext("第 %(n)s 大题，%(field)s", n=number, field=field.label.text), error)
                for field in part
                for error in field.errors
            ]
        return found

    def _place(self, name: str) -> list[str]:
        kind, _, place = name.partition(":")
        number, _, field_name = place.partition(":")
        if kind not in ("section", "title"):
            head: list[str] = self.form_errors
            return head
        field: Any = self.title if kind == "title" else self.parts[int(number) - 1][field_name]
        errors: list[str] = list(field.errors)
        field.errors = errors
        return errors


class NewBlueprintForm(HouseForm):
    """Beginning a blueprint."""

    title = StringField(
        _l("方案名称"), description=_l("例如：考评员考试（100 分）"),
        validators=[
            DataRequired(_l("请填写方案名称")), Length(max=BLUEPRINT_TITLE_MAX, message=_l("最多 %(max)d 个字"))
        ],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    source_id = SelectField(_l("从哪里开始"), description=_l("复制的方案不受影响"))
