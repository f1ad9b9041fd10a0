"""Stems as people write them: numbers before them, brackets inside them, and sometimes the answer in a bracket."""

import re
import unicodedata

from question_bank.phrases import N_, phrase
from question_bank.validation import Fault

# A point before a digit may be a decimal point (1.5米), so the number stays.
_NUMBER = re.compile(r"^\s*(\d{1,5})\s*(?:[、)）]\s*|[.．]\s*(?=\D))")
# These stand between a number and the stem in some banks, and between a number and its unit in others.
_LOOSE_NUMBER = re.compile(r"^\s*(\d{1,5})(?:\s*[,，:：]\s*(?=\D)|[ \t\u00a0\u3000]+(?=\D))")
_EMPTY = re.compile(r"[(（][ \u3000]*[)）]")
_ANSWERED = re.compile(r"(.?)[(（][ \u3000]*([A-HＡ-Ｈ]{1,8}|√|×|✓|✗|对|错|正确|错误)[ \u3000]*[)）]")
_BLANK = "（ ）"


def number_of(stem: str) -> int | None:
    """Return the number in the sheet that a stem certainly begins with, or None."""
    match = _NUMBER.match(stem)
    return int(match[1]) if match else None


def loose_number_of(stem: str) -> int | None:
    """Return the number that a stem perhaps begins with: only its neighbours can tell."""
    match = _NUMBER.match(stem) or _LOOSE_NUMBER.match(stem)
    return int(match[1]) if match else None


def without_number(stem: str, *, loose: bool = False) -> str:
    """Return the stem without its number in the sheet."""
    match = _NUMBER.match(stem) or (_LOOSE_NUMBER.match(stem) if loose else None)
    return stem[match.end() :] if match else stem


def even_brackets(stem: str) -> str:
    """Return the stem with every empty answer bracket written alike, whatever its halves and spaces were."""
    if "(" not in stem and "（" not in stem:
        return stem
    return _EMPTY.sub(_BLANK, stem)


def answer_in_stem(stem: str) -> tuple[str, str, Fault | None]:
    """Take the answer out of its bracket: 由（ B ）负责 gives 由（ ）负责 and B.

    Only for banks whose author says that the answers stand there. dB(A) holds no answer: a bracket right
    behind a Latin letter belongs to a symbol. Two brackets that could hold it, or an empty one beside it, are
    a fault.
    """
    found = [match for match in _ANSWERED.finditer(stem) if not re.match(r"[A-Za-z]", match[1])]
    if not found:
        return stem, "", None
    if len(found) > 1 or _EMPTY.search(stem):
        shown = tuple(match[0][len(match[1]) :] for match in found)
        what = phrase(
            N_("题干里有几处像是答案的括号（%(shown)s），分不清哪一处是答案。请把答案写到答案列。"),
            shown=shown,
        )
        return stem, "", Fault("answer_in_stem_unclear", what, "stem")
    match = found[0]
    answer = unicodedata.normalize("NFKC", match[2])
    return f"{stem[: match.start()]}{match[1]}{_BLANK}{stem[match.end() :]}", answer, None
