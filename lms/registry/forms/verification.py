"""Forms of the public check, and of employers' lists."""

import json

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, StringField
from wtforms.validators import InputRequired

from lms.core.forms import HouseForm
from lms.registry.policy.files import BATCH_ROWS_MOST, BatchRow

_ROW_PARTS = 3
_LONGEST = 60


class VerifyForm(FlaskForm):
    """The public question: a number with the holder's name, or the code alone.

    Sent by POST although it changes nothing: a name has no place in an address or a log (fault G1).
    """

    number = StringField(_l("证书编号"))
    name = StringField(_l("姓名"))
    code = StringField(_l("查验码"))


class FileForm(FlaskForm):
    """A certificate's file to be checked."""

    file = FileField(
        _l("证书文件"), description=_l("下载的 PDF 原文件，最多 2 MB；核对完就丢弃，不保存"),
        render_kw={"accept": ".pdf,application/pdf"},
    )  # fmt: skip


class BatchForm(HouseForm):
    """An employer's list."""

    file = FileField(
        _l("名单"), [InputRequired(_l("请选择文件"))],
        description=_l("xlsx 或 csv，要有“证书编号”“姓名”两列，最多 %(most)s 行", most=BATCH_ROWS_MOST),
        render_kw={"accept": ".xlsx,.csv,.txt"},
    )  # fmt: skip


class BatchResultForm(HouseForm):
    """A list that was read, sent back so that its answers may be taken away; nothing of it is kept here."""

    rows = HiddenField()

    def carry(self, rows: list[BatchRow]) -> None:
        """Put the rows into the form."""
        self.rows.data = json.dumps([[one.row, one.number, one.name] for one in rows], ensure_ascii=False)

    def wanted(self) -> list[BatchRow]:
        """Read the rows back; nothing of what no page of ours has sent."""
        try:
            read = json.loads(self.rows.data or "")
        except (ValueError, RecursionError):
            return []
        if not isinstance(read, list) or len(read) > BATCH_ROWS_MOST or not all(map(_is_row, read)):
            return []
        return [BatchRow(*one) for one in read]


def _is_row(one: object) -> bool:
    if not isinstance(one, list) or len(one) != _ROW_PARTS:
        return False
    row, *texts = one
    return type(row) is int and all(isinstance(text, str) and len(text) <= _LONGEST for text in texts)
