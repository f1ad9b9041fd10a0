"""The base of every form: what WTForms says by itself is said in the words of this house.

Its own messages come from a catalogue inside the library and say that a value is "not a valid date
value"; an error here says what to type.
"""

from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations

from lms.core.errors import N_

OWN_WORDS = {
    "This field is required.": N_("请填写这一项"),
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


class HouseForm(FlaskForm):
    """A form of this house."""

    class Meta(FlaskForm.Meta):
        """The library's settings of a form, with the words of the house."""

        def get_translations(self, _form: Any) -> Words:
            """Return the words for the library's own messages."""
            return WORDS
