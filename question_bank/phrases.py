"""Words for a reader whose language is not known here.

The package says everything in Chinese and knows no other language. A phrase keeps its text and its values
apart, so that a caller may look the text up in a catalogue before the values go in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | Phrase | tuple[str | Phrase, ...]"
"""What fills a place: a word, a number, a phrase of its own, or several of them as a list."""


def N_(text: str) -> str:  # noqa: N802 - the customary name by which message extractors find a text
    """Mark a text for translation without translating it."""
    return text


LIST_MARK = N_("、")


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text with ``%(name)s`` places and what fills them; without values the text stands as it is."""

    text: str
    values: tuple[tuple[str, Value], ...] = ()

    def say(self, translate: Callable[[str], str] = _as_it_is) -> str:
        """Return the words, each text of them translated; in Chinese when no translation is given."""
        if not self.values:
            return translate(self.text)
        return translate(self.text) % {name: _said(value, translate) for name, value in self.values}

    def to_json(self) -> Any:
        """Return the phrase as JSON values; `phrase_from_json` reads it."""
        if not self.values:
            return [self.text]
        return [self.text, {name: _value_to_json(value) for name, value in self.values}]


def phrase(text: str, /, **values: Value) -> Phrase:
    """Return a phrase of a marked text: ``phrase(N_("第 %(row)s 行"), row=3)``."""
    return Phrase(text, tuple(values.items()))


def phrase_from_json(stored: Any) -> Phrase:
    """Read what `Phrase.to_json` wrote; a bare text is a phrase without values."""
    if isinstance(stored, str):
        return Phrase(stored)
    text, *rest = stored
    return Phrase(
        text, tuple((name, _value_from_json(value)) for name, value in rest[0].items()) if rest else ()
    )


def _said(value: Value, translate: Callable[[str], str]) -> str | int:
    if isinstance(value, tuple):
        return translate(LIST_MARK).join(str(_said(one, translate)) for one in value)
    return value.say(translate) if isinstance(value, Phrase) else value


def _value_to_json(value: Value) -> Any:
    if isinstance(value, tuple):
        return {"list": [_value_to_json(one) for one in value]}
    return value.to_json() if isinstance(value, Phrase) else value


def _value_from_json(stored: Any) -> Value:
    if isinstance(stored, dict):
        return tuple(one if isinstance(one, str) else phrase_from_json(one) for one in stored["list"])
    return phrase_from_json(stored) if isinstance(stored, list) else stored
