"""What the pages of the exam room send."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from lms.core.errors import N_
from lms.exam.errors import wrong_answer
from lms.exam.service.attempts import SheetAnswer
from question_bank.grading import tidy_written
from question_bank.phrases import phrase

REVISION_DIGITS_MAX = 10


class VoidForm(FlaskForm):
    """Giving an attempt back, with the reason (H10)."""

    remark = TextAreaField(
        _l("作废原因"), validators=[InputRequired(_l("请写明原因"))],
        description=_l("写明经过和依据，会永久留痕"), render_kw={"rows": 3},
    )  # fmt: skip


def wants_to_hand_in(sent: MultiDict[str, str]) -> bool:
    """Tell whether the button that hands in was pressed; a form that was sent by Enter alone only saves."""
    return sent.get("action") == "hand_in"


def read_sheet(sent: MultiDict[str, str], question_count: int) -> dict[int, SheetAnswer]:
    """Read the whole answer sheet as a page without scripts sends it.

    A question counts as sent when its revision is there (`r7`); its choice is every value of `q7`, none included,
    and the text written into a fill-in question is `w7`.
    Raises Invalid for a revision that is no number.
    """
    answers = {}
    for position in range(1, question_count + 1):
        known = sent.get(f"r{position}")
        if known is None:
            continue
        if not (known.isascii() and known.isdigit() and len(known) <= REVISION_DIGITS_MAX):
            raise wrong_answer(
                phrase(N_("第 %(position)s 题的修改序号不是数字"), position=position), "revision"
            )
        is_written = f"w{position}" in sent
        values = [tidy_written(sent[f"w{position}"])] if is_written else sent.getlist(f"q{position}")
        chosen = frozenset(value for value in values if value)
        answers[position] = SheetAnswer(position, int(known), chosen, is_written=is_written)
    return answers
