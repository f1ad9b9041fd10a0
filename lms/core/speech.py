"""Saying the catalogue's texts in the language of the reader, with their places filled.

Rules and services hold message ids and plain values; how a value reads depends on the reader, so it is
decided here, at the edge. Outside a request there is no reader, and every text stays Chinese.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, Protocol, runtime_checkable

from lms.core.catalogue import gettext, ngettext
from lms.core.errors import Counted, Duration, Opening, Reason
from lms.core.formats import duration_words, moment, opening_cn


@runtime_checkable
class Sayable(Protocol):
    """Something that knows its words but not its reader: a `Word`, or a phrase of the question bank."""

    def say(self, translate: Callable[[str], str]) -> str:
        """Return the words, each text of them translated."""
        ...


def say(text: str | Sayable, params: Mapping[str, Any] | None = None) -> str:
    """Return a text in the reader's language with its places filled; an empty text stays empty.

    Without values it is taken as it is: a stored word, such as an education, may be said too.
    """
    if isinstance(text, Sayable):
        return text.say(gettext)
    if not text:
        return ""
    if not params:
        return gettext(text)
    filled = {name: _value(value) for name, value in params.items()}
    if isinstance(text, Counted):
        return ngettext(text, text, params[text.by], **filled)
    return gettext(text) % filled


def spoken(reason: Reason) -> dict[str, str]:
    """Return a reason's three texts in the reader's language, beside what identifies it."""
    return {
        "code": reason.code, "rule": say(reason.rule, reason.params), "now": say(reason.now, reason.params),
        "way_out": say(reason.way_out, reason.params), "source": reason.source, "field": reason.field_name,
    }  # fmt: skip


def in_one_sentence(reason: Reason) -> str:
    """Return a reason for the place beside a field: value first, then rule and way out."""
    parts = [
        say(text, reason.params).rstrip("。.") for text in (reason.now, reason.rule, reason.way_out) if text
    ]
    together = reduce(lambda one, other: gettext("%(one)s；%(other)s", one=one, other=other), parts)
    return gettext("%(sentence)s。", sentence=together)


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Opening):
        return opening_cn(value.at, year=True)
    if isinstance(value, Duration):
        return duration_words(value.seconds)
    if isinstance(value, tuple):
        return gettext("、").join(str(_value(one)) for one in value)
    return value.say(gettext) if isinstance(value, Sayable) else value
