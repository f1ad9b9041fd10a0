"""The verbs that look a text up in the reader's catalogue, in one step and with types: Flask-Babel brings none.

A page says hundreds of texts. For each of them the library asks four times for its context and writes the locale out:
together a tenth of the time of every page. Formats, speech and templates stand on these; views may ask it itself.
"""

from babel import Locale
from babel.support import NullTranslations
from flask import current_app
from flask_babel import get_locale, get_translations

_KEPT = "lms.catalogues"


def translations() -> NullTranslations:
    """Return the catalogue of the reader's language; outside of any application one that changes nothing."""
    locale = get_locale()
    kept: dict[Locale, NullTranslations] = (
        {} if locale is None else current_app.extensions.setdefault(_KEPT, {})
    )
    if locale is not None and (found := kept.get(locale)) is not None:
        return found
    asked: NullTranslations = get_translations()
    if locale is not None:
        kept[locale] = asked
    return asked


def gettext(text: str, /, **values: object) -> str:
    """Return the text in the reader's language; outside a request it stays as it is."""
    said = str(translations().ugettext(text))
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """As `gettext`, in the form for a count; ``%(num)s`` is the count."""
    return str(translations().ungettext(one, many, num)) % {"num": num, **values}
