"""What people write after an exam: corrections, reviews of scores, and what a plan shows."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from lms.core.forms import HouseForm
from lms.exam.policy.corrections import KIND_NAMES, TEXT_MAX, TEXTS_MAX, WORDS_MAX
from lms.exam.policy.reports import DETAIL_NAMES
from lms.exam.policy.reviews import VERDICT_NAMES
from question_bank.correcting import CorrectionKind
from question_bank.items import Item

_LONG = {"maxlength": WORDS_MAX, "rows": 4}


class CorrectionForm(HouseForm):
    """What is wrong with a question, and what is to count instead."""

    kind = RadioField(
        _l("怎样更正"), [InputRequired(_l("请选择一种"))],
        choices=[SelectChoice(kind.value, _l(name)) for kind, name in KIND_NAMES.items()],
    )  # fmt: skip
    letters = SelectMultipleField(
        _l("新答案"), choices=[], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
        validate_choice=False, description=_l("“另有答案也对”和“更换答案”时选；字母是题库里的选项顺序"),
    )  # fmt: skip
    texts = TextAreaField(
        _l("新答案"), render_kw={"rows": 3, "maxlength": TEXTS_MAX * (TEXT_MAX + 2)},
        description=_l("“另有答案也对”和“更换答案”时写，每行一个"),
    )  # fmt: skip
    words = TextAreaField(
        _l("依据"), [InputRequired(_l("请写明依据"))], render_kw=_LONG,
        description=_l("写明错在哪里、依据哪条规定，10 至 500 个字；写入审计记录"),
    )  # fmt: skip

    def offer(self, item: Item) -> None:
        """Offer the options of a wording, or lines for what fills its gap."""
        self.letters.choices = [
            SelectChoice(option.key, f"{option.key}  {option.text[:TEXT_MAX]}") for option in item.options
        ]
        if item.blank is not None:
            del self.letters
        else:
            del self.texts

    @property
    def accepted(self) -> tuple[str, ...]:
        """The other key as it was ticked or written."""
        if "letters" in self:
            return tuple(self.letters.data or ())
        lines = (line.strip() for line in (self.texts.data or "").splitlines())
        return tuple(line for line in lines if line)

    @property
    def chosen_kind(self) -> CorrectionKind:
        """The kind, once the form is valid."""
        return CorrectionKind(self.kind.data)


class WordsForm(HouseForm):
    """A written reason for a step that asks for one."""

    words = TextAreaField(
        _l("理由"), [InputRequired(_l("请写明理由"))], render_kw=_LONG,
        description=_l("10 至 500 个字，写入审计记录"),
    )  # fmt: skip


class ReviewForm(HouseForm):
    """What a candidate doubts about his score."""

    words = TextAreaField(
        _l("复核的理由"), [InputRequired(_l("请写明理由"))], render_kw=_LONG,
        description=_l("写明对成绩有什么疑问，10 至 500 个字；考务管理员会看到"),
    )  # fmt: skip


class AnswerForm(HouseForm):
    """The answer to a review, before another person confirms it."""

    verdict = RadioField(
        _l("结论"), [InputRequired(_l("请选择结论"))],
        choices=[SelectChoice(verdict.value, _l(name)) for verdict, name in VERDICT_NAMES.items()],
    )  # fmt: skip
    words = TextAreaField(
        _l("给考生的答复"), [InputRequired(_l("请写答复"))], render_kw=_LONG,
        description=_l("另一人确认后考生会看到；不要写题目和答案"),
    )  # fmt: skip


class ReportForm(HouseForm):
    """How much of their scores the candidates of a plan see."""

    detail = RadioField(
        _l("考生能看到"), [InputRequired(_l("请选择一种"))],
        choices=[SelectChoice(detail.value, _l(name)) for detail, name in DETAIL_NAMES.items()],
    )  # fmt: skip
