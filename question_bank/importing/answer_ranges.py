"""Answers on a page of their own: 1-5 ABCDE, 6-8 AB ACD BD, 1. A 2. B (Q32)."""

import re

_DASH = r"[-—–~～至到]{1,2}"
_RANGE = re.compile(rf"(?<!\d)(\d{{1,4}})\s*{_DASH}\s*(\d{{1,4}})\s*[题]?\s*[.．、:：]?\s*")
_WORD = r"[A-HＡ-Ｈ]{1,8}|[√×✓✗✔✘TFＴＦ]|正确|错误|对|错"
_PAIR = re.compile(rf"(?<!\d)(\d{{1,4}})\s*[.．、:：)）]?\s*({_WORD})(?![A-Za-z])")
_ONE = re.compile(r"[A-HＡ-Ｈ√×✓✗✔✘TFＴＦ对错]")
_GAPS = re.compile(r"[\s,，、;；]+")
_SPAN_MAX = 500


def looks_like_answers(text: str) -> bool:
    """Tell whether a line holds nothing but numbers with their answers."""
    return bool(text.strip()) and read_answers(text) is not None


def read_answers(text: str) -> dict[int, str] | None:
    """Return number -> answer as written, or None when the line cannot be shared out without doubt."""
    text = " ".join(text.split())
    ranges = list(_RANGE.finditer(text))
    if not ranges:
        return _pairs(text)
    if text[: ranges[0].start()].strip():
        return None
    answers: dict[int, str] = {}
    ends = [match.start() for match in ranges[1:]] + [len(text)]
    for match, end in zip(ranges, ends, strict=True):
        first, last = int(match[1]), int(match[2])
        shares = _shares(text[match.end() : end], last - first + 1)
        if shares is None or any(number in answers for number in range(first, last + 1)):
            return None
        answers.update(zip(range(first, last + 1), shares, strict=True))
    return answers


def _shares(text: str, count: int) -> list[str] | None:
    """Share the answers of a range out: one word each, or one letter each."""
    words = [word for word in _GAPS.split(text.strip()) if word]
    if not 0 < count <= _SPAN_MAX or not all(re.fullmatch(rf"(?:{_WORD})+", word) for word in words):
        return None
    if len(words) == count:
        return words
    letters = "".join(words)
    return list(letters) if len(letters) == count and all(map(_ONE.fullmatch, letters)) else None


def _pairs(text: str) -> dict[int, str] | None:
    found = list(_PAIR.finditer(text))
    rest = _GAPS.sub("", _PAIR.sub(" ", text)).strip(".。")
    answers = {int(match[1]): match[2] for match in found}
    return answers if found and not rest and len(answers) == len(found) else None
