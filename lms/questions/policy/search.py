"""How questions are found by words: everything a reader of the item sees, in one form that ignores look-alikes."""

import unicodedata

from question_bank.items import Item

TERMS_MAX = 5


def folded(text: str) -> str:
    """Return a text without spaces and without the difference of wide and narrow signs, capitals and small letters."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def searched_text(item: Item) -> str:
    """Return what searching looks through; parts are kept apart, so that no word runs from one into the next."""
    blank = [*item.blank.texts, *(number.text for number in item.blank.numbers)] if item.blank else []
    parts = [item.stem, *(option.text for option in item.options), *blank, item.explanation]
    return "\n".join(folded(part) for part in parts)


def terms(text: str) -> tuple[str, ...]:
    """Return the words that are looked for; each of them has to be there."""
    found = dict.fromkeys(folded(word) for word in text.split())
    return tuple(word for word in found if word)[:TERMS_MAX]
