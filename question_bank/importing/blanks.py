"""The key of a fill-in question as people write it in one cell or on one line: 三|3, or 3.14±0.01."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from question_bank.importing.cells import cell_text
from question_bank.items import ALTERNATIVES_SIGN, TOLERANCE_SIGN, Blank, Number, read_decimal
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault, tidy_text

_GAP = re.compile(r"_{2,}|[(（][ \u3000]*[)）]|＿+")
_TOLERANCE = re.compile(r"±|\+[-/]")
_SEVERAL = re.compile(r"[;；\n]")
_DASHES = re.compile(r"^(.*?)[（(]\s*(?:±|\+[-/]-?)\s*(.*?)\s*[)）]$")


def gaps_in(stem: str) -> int:
    """Return how many gaps a stem leaves."""
    return len(_GAP.findall(stem))


def read_blank(raw: object, stem: str, *, exact: bool = False) -> tuple[Blank | None, Fault | None]:
    """Return the key that a cell says, or why it cannot be told; None and None for an empty cell.

    With `exact` (our own template) a semicolon is part of the answer.
    """
    if isinstance(raw, date | datetime | time | timedelta):
        what = phrase(
            N_("答案“%(value)s”是日期或时间，多半被 Excel 改动过。请把单元格设为文本格式，再填答案。"),
            value=str(raw),
        )
        return None, Fault("answer_unreadable", what, "answer")
    text = tidy_text(cell_text(raw))
    if not text:
        return None, None
    if not exact and gaps_in(stem) > 1:
        return None, Fault(
            "blanks_several",
            phrase(N_("题干里有 %(count)s 个空，一题只能有 1 个空。请拆成几题。"), count=gaps_in(stem)),
            "stem",
        )
    if not exact and _SEVERAL.search(text):
        return None, Fault(
            "answer_unreadable",
            phrase(
                N_(
                    "答案“%(text)s”里有分号或换行，分不清是几个空还是几种答案。几种答案请用竖线“|”分开，几个空请拆成几题。"
                ),
                text=text[:60],
            ),
            "answer",
        )
    parts = [part.strip() for part in text.replace("｜", ALTERNATIVES_SIGN).split(ALTERNATIVES_SIGN)]
    if not any(_TOLERANCE.search(part) for part in parts):
        return Blank(tuple(parts)), None
    numbers = [_number(part) for part in parts]
    known = tuple(number for number in numbers if number is not None)
    if len(known) < len(parts):
        return None, Fault(
            "answer_unreadable",
            phrase(N_("带误差的答案“%(text)s”看不懂。请写成 3.14±0.01。"), text=text[:60]),
            "answer",
        )
    return Blank(numbers=known), None


def _number(text: str) -> Number | None:
    plain = unicodedata.normalize("NFKC", text)
    bracketed = _DASHES.match(plain)
    value, tolerance = (
        (bracketed[1], bracketed[2])
        if bracketed
        else tuple(_TOLERANCE.sub(TOLERANCE_SIGN, plain, count=1).split(TOLERANCE_SIGN, 1))
        if _TOLERANCE.search(plain)
        else (plain, "")
    )
    number, off = read_decimal(value), read_decimal(tolerance)
    return None if number is None or off is None or off < 0 else Number(number, off)
