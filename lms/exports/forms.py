"""What somebody says who wants a file."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lms.core.forms import HouseForm
from lms.exports.policy import PURPOSE_MAX, FileFormat


class ExportForm(HouseForm):
    """In which format, and what for."""

    format = RadioField(_l("文件格式"), validators=[InputRequired(_l("请选择文件格式"))])
    purpose = StringField(
        _l("用途"), validators=[InputRequired(_l("请写明用途"))], render_kw={"maxlength": PURPOSE_MAX},
        description=_l("交给谁、做什么用；会写入审计记录"),
    )  # fmt: skip


def export_form(formats: Iterable[FileFormat]) -> ExportForm:
    """Return the form with the formats there are; the first one is chosen."""
    form = ExportForm()
    offered = list(formats)
    form.format.choices = [SelectChoice(one.value, _l(one.label)) for one in offered]
    if not form.is_submitted():
        form.format.data = offered[0].value
    return form
