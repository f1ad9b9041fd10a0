"""Answers as people write them, and never a guess: what could mean two things is a fault."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from question_bank.importing.words import plain, truth_of
from question_bank.items import FALSE_KEY, OPTION_KEYS, TRUE_KEY, ItemType
from question_bank.phrases import N_, Phrase, Value, phrase
from question_bank.validation import Fault

_SEPARATORS = re.compile(r"[\s,、;|/+&和与]+")
_DIGITS = re.compile(r"^[0-9](?:[0-9]|[\s,、;|/]+(?=[0-9]))*$")


class Numbering(StrEnum):
    """How a sheet counts options in its answers, as far as its own rows prove it."""

    UNKNOWN = "unknown"
    FROM_ZERO = "from_zero"
    FROM_ONE = "from_one"


def numeric_answer(raw: object) -> tuple[int, ...] | None:
    """Return the numbers of an answer that is written in digits only, or None."""
    # Most answers are letters; a word that begins with one is no number.
    if isinstance(raw, bool) or (isinstance(raw, str) and raw[:1].isalpha()):
        return None
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = unicodedata.normalize("NFKC", str(raw)).strip().rstrip(".。")
    if not _DIGITS.match(text):
        return None
    return tuple(int(digit) for digit in re.sub(r"\D", "", text))


def read_answer(
    raw: object, type_: ItemType, options: Mapping[str, str], numbering: Numbering, *, letters_only: bool
) -> tuple[frozenset[str], Fault | None]:
    """Return the option letters that `raw` names, or why it cannot be told.

    `options` is letter -> text as written in the row; for a true/false item without written options it is
    empty, and A stands for right. With `letters_only` (our own template) an answer is never the text of an
    option. Letters without an option are returned as they are: validation names them.
    """
    if isinstance(raw, date | datetime | time | timedelta):
        return frozenset(), _fault(
            raw,
            N_("答案“%(answer)s”是日期或时间，多半被 Excel 改动过。请把单元格设为文本格式，再填选项字母。"),
        )
    if not str(raw).strip():
        return frozenset(), None
    if type_ is ItemType.TRUE_FALSE:
        return _truth_answer(raw, options)
    if isinstance(raw, bool):
        text = N_("答案“%(answer)s”是逻辑值，不是选项字母。请填%(letters)s。")
        return frozenset(), _fault(raw, text, letters=_letters(options))
    by_text = set() if letters_only else _named_by_text(raw, options)
    return _choice_answer(raw, by_text, options, numbering)


def _truth_answer(raw: object, options: Mapping[str, str]) -> tuple[frozenset[str], Fault | None]:
    letter = plain(raw).rstrip(".。").upper()
    if letter in (TRUE_KEY, FALSE_KEY):
        # With written options the letter follows their text: some banks put 错误 first.
        said = truth_of(options.get(letter, "")) if options else letter == TRUE_KEY
    elif (digits := numeric_answer(raw)) is not None:
        said = bool(digits[0]) if digits in ((0,), (1,)) else None
    else:
        said = truth_of(str(raw))
    if said is None:
        return frozenset(), _fault(raw, N_("答案“%(answer)s”看不出是对还是错。请填“正确”或“错误”。"))
    return frozenset({TRUE_KEY if said else FALSE_KEY}), None


def _choice_answer(
    raw: object, by_text: set[str], options: Mapping[str, str], numbering: Numbering
) -> tuple[frozenset[str], Fault | None]:
    digits = numeric_answer(raw)
    if digits is not None:
        return _numbered_answer(raw, digits, by_text, options, numbering)
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", str(raw))).strip(".。()[]").upper()
    if letters and letters.isascii() and letters.isalpha() and len(letters) <= len(OPTION_KEYS):
        chosen = frozenset(letters)
        if len(letters) != len(chosen):
            return frozenset(), _fault(raw, N_("答案“%(answer)s”里有重复的字母。请核对后每个字母只写一次。"))
        if by_text and by_text != chosen:
            text = N_("答案“%(answer)s”既是选项字母，又是另一个选项的文字。请改选项的写法。")
            return frozenset(), _fault(raw, text)
        if len(letters) == 1 or all(letter in OPTION_KEYS for letter in letters) or not by_text:
            return chosen, None
    if len(by_text) == 1:
        return frozenset(by_text), None
    text = N_("答案“%(answer)s”不是选项字母。请填%(letters)s，多选题如“AC”。")
    return frozenset(), _fault(raw, text, letters=_letters(options))


def _named_by_text(raw: object, options: Mapping[str, str]) -> set[str]:
    word = plain(raw)
    # A text that ends in a Chinese character is never a word of letters, and most texts do.
    latin = word.isascii()
    return {
        key
        for key, text in options.items()
        if not (latin and "一" <= text[-1:] <= "鿿") and plain(text) == word
    }


def _numbered_answer(
    raw: object,
    digits: tuple[int, ...],
    by_text: set[str],
    options: Mapping[str, str],
    numbering: Numbering,
) -> tuple[frozenset[str], Fault | None]:
    start = {Numbering.FROM_ZERO: 0, Numbering.FROM_ONE: 1}.get(numbering)
    if start is None:
        text = N_("答案“%(answer)s”是数字，分不清从 0 数还是从 1 数。请改成%(letters)s。")
        return frozenset(), _fault(raw, text, letters=_letters(options))
    keys = sorted(options)
    if any(not start <= digit < start + len(keys) for digit in digits):
        text = N_("答案“%(answer)s”没有对应选项，本题从 %(first)s 数到 %(last)s。请改答案，或补上选项。")
        return frozenset(), _fault(raw, text, first=start, last=start + len(keys) - 1)
    chosen = frozenset(keys[digit - start] for digit in digits)
    if len(chosen) != len(digits):
        return frozenset(), _fault(raw, N_("答案“%(answer)s”里有重复的数字。请核对后每个数字只写一次。"))
    if by_text and by_text != chosen:
        text = N_("答案“%(answer)s”既可能是选项的序号，又是另一个选项的文字。请改成%(letters)s。")
        return frozenset(), _fault(raw, text, letters=_letters(options))
    return chosen, None


def _letters(options: Mapping[str, str]) -> Phrase:
    keys = sorted(options)
    if len(keys) > 1:
        return phrase(N_("选项字母 %(first)s—%(last)s"), first=keys[0], last=keys[-1])
    return phrase(N_("选项字母"))


def _fault(raw: object, text: str, /, **values: Value) -> Fault:
    shown = raw if isinstance(raw, str) else _shown(raw)
    return Fault("answer_unreadable", phrase(text, answer=shown, **values), "answer")


def _shown(raw: object) -> str:
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)
