"""What people write about refused seconds: the appeal, the decision, and the note on a finding."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lms.core.forms import HouseForm
from lms.study.policy.appeals import APPEAL_MAX, DECISION_MAX
from lms.study.policy.integrity import NOTE_MAX

GRANT, REFUSE = "grant", "refuse"


class AppealForm(HouseForm):
    """What happened; the stretches are ticked in the list."""

    words = TextAreaField(
        _l("当时的情况"), [InputRequired(_l("请写明当时的情况"))], render_kw={"maxlength": APPEAL_MAX, "rows": 4},
        description=_l("写明当时发生了什么、为什么应当计入，10 至 500 个字；考务管理员会看到"),
    )  # fmt: skip


class DecisionForm(HouseForm):
    """Yes or no, and why."""

    verdict = RadioField(
        _l("决定"), [InputRequired(_l("请选择同意或不同意"))],
        choices=[SelectChoice(GRANT, _l("同意，补记能补记的秒")), SelectChoice(REFUSE, _l("不同意"))],
    )  # fmt: skip
    words = TextAreaField(
        _l("理由"), [InputRequired(_l("请写明理由"))], render_kw={"maxlength": DECISION_MAX, "rows": 4},
        description=_l("学员会看到，并写入审计记录"),
    )  # fmt: skip


class NoteForm(HouseForm):
    """What somebody found out who looked at a finding."""

    note = TextAreaField(
        _l("核实情况"), [InputRequired(_l("请写明核实的情况"))], render_kw={"maxlength": NOTE_MAX, "rows": 3},
        description=_l("写入审计记录；不会改变任何人的学时"),
    )  # fmt: skip
