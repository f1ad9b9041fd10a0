"""What the pages of exam rooms and seats send."""

import json

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lms.core.forms import HouseForm
from lms.exam.policy.rooms import LIST_ROWS_MOST, NAME_MAX, PLACE_MAX, SEATS_MOST, Wish

_WISH_PARTS = 4
_ID_MAX = 16


class RoomForm(HouseForm):
    """A room."""

    name = StringField(
        _l("考场名称"), [InputRequired(_l("请填写考场名称"))], description=_l("例如“第 1 考场”，一个计划里不能重名"),
        render_kw={"maxlength": NAME_MAX, "autocomplete": "off"},
    )  # fmt: skip
    place = StringField(
        _l("地点"), [InputRequired(_l("请填写地点"))], description=_l("考生要找得到，例如“实训楼 301 室”"),
        render_kw={"maxlength": PLACE_MAX, "autocomplete": "off"},
    )  # fmt: skip
    seat_count = IntegerField(
        _l("座位数"),
        [InputRequired(_l("请填写座位数"))],
        render_kw={"maxlength": len(str(SEATS_MOST)), "inputmode": "numeric"},
    )


class PeopleForm(HouseForm):
    """Candidates without a seat who get one in a room; the page fills the choices."""

    people = SelectMultipleField(
        _l("还没有座位的考生"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class InvigilatorForm(HouseForm):
    """An invigilator who is bound to a room; the page fills the choices."""

    person = SelectField(_l("监考员"), [InputRequired(_l("请选择监考员"))], choices=[])


class SeatForm(HouseForm):
    """Another seat for one person; the page fills the rooms."""

    room = SelectField(_l("考场"), [InputRequired(_l("请选择考场"))], choices=[])
    seat = IntegerField(
        _l("座位号"), [Optional(), NumberRange(min=1, message=_l("请填写 1 以上的座位号"))],
        description=_l("不填时给号码最小的空座位"), render_kw={"maxlength": 3, "inputmode": "numeric"},
    )  # fmt: skip
    goes_on = BooleanField(
        _l("他的时间马上接着走"),
        description=_l("他正和原考场一起暂停。不选时，他继续暂停，到原考场继续时一起继续"),
    )


class ListForm(HouseForm):
    """A list of seats."""

    file = FileField(
        _l("座位表"),
        [InputRequired(_l("请选择文件"))],
        description=_l("xlsx 或 csv；先检查，确认以后才写入"),
        render_kw={"accept": ".xlsx,.csv,.txt"},
    )


class TakeListForm(HouseForm):
    """What a checked list wants, sent back to be done."""

    wishes = HiddenField()
    digest = HiddenField()

    def carry(self, wishes: list[Wish], digest: str) -> None:
        """Put the wishes into the form, as compact as they are read back."""
        self.wishes.data = json.dumps(
            [[one.row, one.person_id, one.room_id, one.seat] for one in wishes], separators=(",", ":")
        )
        self.digest.data = digest

    def wanted(self) -> list[Wish]:
        """Read the wishes back; nothing of what no page of ours has sent."""
        try:
            read = json.loads(self.wishes.data or "")
        except ValueError:
            return []
        if not isinstance(read, list) or len(read) > LIST_ROWS_MOST:
            return []
        return [Wish(*one) for one in read] if all(_is_wish(one) for one in read) else []


def _is_wish(one: object) -> bool:
    if not isinstance(one, list) or len(one) != _WISH_PARTS:
        return False
    row, person_id, room_id, seat = one
    return (
        type(row) is int
        and type(seat) is int
        and isinstance(person_id, str)
        and isinstance(room_id, str)
        and max(len(person_id), len(room_id)) <= _ID_MAX
    )
