"""Texts as the bank stores them: tidy, and free of characters that nobody can see."""

import re

from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation.fault import Fault

# Line breaks are allowed; other controls, bidirectional overrides (they can show an option as another one),
# halves of surrogate pairs, non-characters and the replacement character (a sign of a wrong encoding) are
# not.
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff]"
)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_WIDE_SPACES = re.compile("[\t\u00a0\u2002-\u200a\u202f]+")
_UNTIDY = re.compile("^\\s|\\s$|[\t\r\u00a0\u00ad\u2002-\u200b\u202f\u2060\ufeff]| \n|\n ")


def tidy_text(text: str) -> str:
    r"""Return `text` as the bank stores it.

    Ends trimmed, line breaks as "\n", tabs and odd spaces as one space, zero-width characters removed.
    Wording, punctuation and full-width letters stay as they are. Tidying twice changes nothing more.
    """
    if is_clean(text) or not _UNTIDY.search(text):
        return text
    text = _WIDE_SPACES.sub(" ", _INVISIBLE.sub("", text))
    # No pattern here: one that looks for blanks before a break goes through a long run of them again and again.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join([line.strip(" ") for line in lines]).strip()


def is_clean(text: str) -> bool:
    """Tell quickly that `text` is tidy and has no forbidden character.

    False means only that it must be looked at more closely.
    """
    return text.isprintable() and "\ufffd" not in text and text.strip() == text


def text_faults(text: str, longest: int, name: Phrase, field: str) -> list[Fault]:
    """Return why `text` may not be stored: too long, unprintable or untidy; `name` says which text it is."""
    faults: list[Fault] = []
    if len(text) <= longest and is_clean(text):
        return faults
    if len(text) > longest:
        what = phrase(
            N_("%(name)s有 %(length)s 字，最多 %(longest)s 字。请缩短。"),
            name=name,
            length=len(text),
            longest=longest,
        )
        faults.append(Fault("text_too_long", what, field))
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        what = phrase(
            N_("%(name)s第 %(place)s 个字是看不见的控制字符或乱码（%(sign)s）。请删去它再重新输入。"),
            name=name,
            place=forbidden.start() + 1,
            sign=f"U+{ord(forbidden[0]):04X}",
        )
        faults.append(Fault("text_control", what, field))
    elif _UNTIDY.search(text):
        what = phrase(N_("%(name)s首尾或行间有多余的空白，或有零宽字符。请删去。"), name=name)
        faults.append(Fault("text_untidy", what, field))
    return faults
