"""The base of every form: what WTForms says by itself is said in the words of this house.

Its own messages come from a catalogue inside the library and say that a value is "not a valid date
value"; an error here says what to type.
"""

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms import StringField

from lms.core.errors import N_

_EMPTY = N_("请填写这一项")
FILL_IN = _l(_EMPTY)
"""Said at a field that must not stay empty."""
CHOOSE = _l("请选择")
"""Said where nothing is chosen yet, in the list itself and at the field that was left so."""

OWN_WORDS = {
    "This field is required.": _EMPTY,
    "Not a valid choice.": N_("请从列表中选择一项"),
    "Invalid Choice: could not coerce.": N_("请从列表中选择一项"),
    "Not a valid date value.": N_("请按 2009-07-01 的形式填写日期"),
    "Not a valid datetime value.": N_("请按 2026-11-21 09:00 的形式填写日期和时间"),
    "Not a valid integer value.": N_("请填写整数，例如 90"),
    "Not a valid decimal value.": N_("请填写数字，例如 2.5"),
    "Field cannot be longer than %(max)d character.": N_("最多 %(max)d 个字"),
    "Field must be at least %(min)d character long.": N_("至少 %(min)d 个字"),
}
"""Message of the library -> message of the house; the library's own Chinese serves for what is not here."""


class Words:
    """What a form asks for its messages."""

    def gettext(self, text: str) -> str:
        """Return the house's words for a message of the library."""
        own = OWN_WORDS.get(text)
        return gettext(own) if own else str(translations.gettext(text))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the house's words for a message with a number; Chinese has one form for all."""
        own = OWN_WORDS.get(singular)
        return gettext(own) if own else str(translations.ngettext(singular, plural, count))


WORDS = Words()
_DURATION = re.compile(r"(\d{1,5})(?:[:\uff1a]([0-5]\d))?")


class HouseForm(FlaskForm):
    """A form of this house."""

    class Meta(FlaskForm.Meta):
        """The library's settings of a form, with the words of the house."""

        def get_translations(self, _form: Any) -> Words:
            """Return the words for the library's own messages."""
            return WORDS


class DurationField(StringField):
    """A duration in whole seconds, typed and shown as minutes; what is no whole minute as minutes:seconds."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed into seconds."""
        found = _DURATION.fullmatch(str(valuelist[0]).strip()) if valuelist else None
        self.data: Any = None
        if found is None:
            raise ValueError(gettext("请填写分钟数，例如 180；不是整分钟的，写成 180:30"))
        self.data = int(found[1]) * 60 + int(found[2] or 0)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        minutes, seconds = divmod(self.data, 60)
        return f"{minutes}:{seconds:02d}" if seconds else str(minutes)
