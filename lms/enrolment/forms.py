"""Forms of the enrolment room."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Regexp

from lms.accounts.policy import MAX_REASON_LENGTH
from lms.core.forms import FILL_IN
from lms.enrolment.policy import EVIDENCE_NAMES
from lms.plans.policy import LEVEL_NAMES, PlanFacts


class ApplicationForm(FlaskForm):
    """What an applicant chooses and stands by."""

    choice = SelectField(_l("申报职业和级别"), validators=[InputRequired(_l("请选择申报的职业和级别"))])
    statements = BooleanField(_l("以上各项属实，我符合所申报级别的条件"))

    def offer(self, plan: PlanFacts) -> None:
        """Fill the choices with what the plan offers; the level comes first, as a narrow screen cuts off the end."""
        self.choice.choices = [SelectChoice("", _l("请选择"))] + [
            SelectChoice(
                choice.key,
                _l(
                    "%(level)s：%(name)s（%(code)s，%(edition)s年版）", name=choice.name, code=choice.code,
                    edition=choice.edition, level=_l(LEVEL_NAMES[choice.level]),
                ),
            )
            for choice in plan.occupations
        ]  # fmt: skip


class EvidenceForm(FlaskForm):
    """One proof (A9)."""

    kind = SelectField(
        _l("材料种类"), choices=[SelectChoice(kind.value, _l(name)) for kind, name in EVIDENCE_NAMES.items()]
    )
    # The section of the page that holds this field is called `evidence` itself, hence another id.
    evidence = FileField(
        _l("文件"),
        id="evidence-file",
        description=_l("JPG、PNG 或 PDF，每件不超过 10 MB；图片要看得清证书编号"),
    )


class _DecisionForm(FlaskForm):
    version = HiddenField(validators=[Regexp(r"\d{1,9}$", message=_l("请刷新页面后再办理"))])


class DecisionForm(_DecisionForm):
    """Passing on, approving or returning a case."""

    remark = TextAreaField(
        _l("审核意见"), description=_l("退回时必填，会给考生看；写清哪里要改、怎么改"), render_kw={"rows": 3}
    )


class PurposeForm(FlaskForm):
    """What a whole ID number is read for."""

    purpose = TextAreaField(
        _l("用途"), description=_l("例如“与身份证复印件核对”；和您的姓名一起写进审计记录"),
        validators=[InputRequired(FILL_IN)], render_kw={"rows": 2, "maxlength": MAX_REASON_LENGTH},
    )  # fmt: skip


class RejectForm(_DecisionForm):
    """Refusing a case for good; it shares its page with the other form, hence its own ids."""

    version = HiddenField(
        id="reject-version", validators=[Regexp(r"\d{1,9}$", message=_l("请刷新页面后再办理"))]
    )
    remark = TextAreaField(
        _l("不通过的原因"), description=_l("必填，会给考生看"), id="reject-remark", render_kw={"rows": 3}
    )
