"""The two verbs that look a text up in the reader's catalogue, with types: Flask-Babel brings none.

Formats and speech stand on them; views may ask Flask-Babel itself.
"""

import flask_babel


def gettext(text: str, /, **values: object) -> str:
    """Return the text in the reader's language; outside a request it stays as it is."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """As `gettext`, in the form for a count; ``%(num)s`` is the count."""
    return str(flask_babel.ngettext(one, many, num, **values))
