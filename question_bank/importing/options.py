"""Options as people write them: one column each with or without a label, or all of them in one cell."""

import re
import unicodedata

from question_bank.items import OPTION_KEYS, Option
from question_bank.phrases import N_, phrase
from question_bank.validation import OPTIONS_MIN, Fault, tidy_text, too_many_options

_MARKS = ".．、:：)）,，"
# (A) 甲, A. 甲, Ａ、甲: a letter with a mark behind it.
_LABEL = re.compile(rf"^[(（\[【]?\s*([A-Ha-hＡ-Ｈａ-ｈ])\s*[{_MARKS}\]】]\s*")
# A强制性: a bare letter; trusted only when the letters of all parts agree.
_GLUED = re.compile(r"^([A-HＡ-Ｈ])\s*(?![A-Za-z0-9])")
_INLINE = re.compile(rf"[(（]?([A-HＡ-Ｈ])\s*[{_MARKS}]\s*")
_HARD_BREAK = re.compile(r"\*{2,}|#{2,}|\n|\|{1,2}")


def split_options(text: str) -> tuple[dict[str, str], Fault | None]:
    """Split one cell into letter -> text, or say why that cannot be done safely.

    The separators are taken from the data, not from the header. Letters in another order are kept as
    written, so that an answer still follows its letter. Anything doubtful is a fault, never one giant
    option.
    """
    text = tidy_text(text)
    parts = [part.strip() for part in _HARD_BREAK.split(text)]
    if len(parts) > 1 and not parts[0]:
        parts = parts[1:]
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-1]
    # A stray single star or hash is left when three were typed for two.
    parts = [part.strip("*#").strip() for part in parts]
    pieces = _labelled(parts) if len(parts) > 1 else None
    if pieces is None:
        pieces = _labelled_inline(" ".join(parts) if len(parts) > 1 else parts[0])
    if pieces is None and len(parts) > 1 and not any(_LABEL.match(part) for part in parts):
        pieces = [
            (OPTION_KEYS[place] if place < len(OPTION_KEYS) else "?", part)
            for place, part in enumerate(parts)
        ]
    if pieces is None:
        return {}, Fault(
            "options_unclear",
            phrase(N_("分不清选项从哪里断开。请每个选项以“A.”“B.”开头并另起一行，或每个选项占一列。")),
            "options",
        )
    return _checked(pieces)


def column_options(cells: dict[str, str], doubts: list[Fault]) -> tuple[dict[str, str], Fault | None]:
    """Take options from one column each; labels in the cells are removed when they agree with the columns.

    A letter without a mark (A强制性) is one only if every cell begins with its own; taking it off is a doubt.
    """
    filled = {key: text for key, text in cells.items() if text}
    labels = {}
    for key, text in filled.items():
        labels[key] = _LABEL.match(text)
        if labels[key] is None:
            return _without_glued(filled, doubts), None
    stated = {key: _letter(match[1]) for key, match in labels.items() if match}
    if any(key != letter for key, letter in stated.items()):
        wrong = next(key for key, letter in stated.items() if key != letter)
        what = phrase(
            N_(
                "选项 %(key)s 一列里写的是“%(stated)s”，分不清答案指哪一个。请让字母与列名一致，"
                "或删去单元格里的字母。"
            ),
            key=wrong,
            stated=stated[wrong],
        )
        return {}, Fault("option_label_mismatch", what, f"option:{wrong}")
    return {key: text[match.end() :] for key, text in filled.items() if (match := labels[key])}, None


def _without_glued(filled: dict[str, str], doubts: list[Fault]) -> dict[str, str]:
    bare: dict[str, str] = {}
    for key, text in filled.items():
        match = _GLUED.match(text)
        if match is None or _letter(match[1]) != key:
            return filled
        bare[key] = text[match.end() :]
    # A类, B类, C类 are whole texts: without their letters nothing tells them apart.
    if len(bare) < OPTIONS_MIN or len(set(bare.values())) < len(bare) or not all(bare.values()):
        return filled
    what = phrase(N_("各选项都以自己的字母开头，已去掉字母。如果字母是选项的内容，请把它改写到别处。"))
    doubts.append(Fault("option_letters_removed", what, "option:A"))
    return bare


def as_options(texts: dict[str, str]) -> tuple[tuple[Option, ...], dict[str, str]]:
    """Put letter -> text in order from A; the second value maps written letters to new ones."""
    if "".join(texts) == OPTION_KEYS[: len(texts)]:
        # So are nearly all, and nothing needs a new letter.
        return tuple([Option(key, text) for key, text in texts.items()]), {}
    letters = sorted(texts)
    renamed = dict(zip(letters, OPTION_KEYS, strict=False))
    return tuple([Option(renamed[old], texts[old]) for old in letters]), renamed


def _labelled(parts: list[str]) -> list[tuple[str, str]] | None:
    pieces: list[tuple[str, str]] = []
    for pattern in (_LABEL, _GLUED):
        pieces = []
        for part in parts:
            match = pattern.match(part) or (_LABEL.match(part) if pattern is _GLUED else None)
            if match is None:
                break
            pieces.append((_letter(match[1]), part[match.end() :]))
        if len(pieces) == len(parts):
            break
    if len(pieces) != len(parts):
        return None
    letters = [letter for letter, _ in pieces]
    # A part that still holds the next letter hides a missing separator (**C所有D、…).
    for _, body in pieces:
        for match in _INLINE.finditer(body):
            if _letter(match[1]) not in letters:
                return None
    return pieces


def _labelled_inline(text: str) -> list[tuple[str, str]] | None:
    matches = list(_INLINE.finditer(text))
    letters = "".join(_letter(match[1]) for match in matches)
    if (
        len(matches) < OPTIONS_MIN
        or letters != OPTION_KEYS[: len(letters)]
        or text[: matches[0].start()].strip()
    ):
        return None
    ends = [match.start() for match in matches[1:]] + [len(text)]
    return [
        (_letter(match[1]), text[match.end() : end].strip().rstrip(";； "))
        for match, end in zip(matches, ends, strict=True)
    ]


def _checked(pieces: list[tuple[str, str]]) -> tuple[dict[str, str], Fault | None]:
    letters = [letter for letter, _ in pieces]
    if len(letters) > len(OPTION_KEYS):
        return {}, Fault("options_too_many", too_many_options(len(letters)), "options")
    if sorted(letters) != list(OPTION_KEYS[: len(letters)]):
        what = phrase(N_("选项字母是“%(keys)s”，应从 A 起连续且不重复。请改选项字母。"), keys=tuple(letters))
        return {}, Fault("option_keys", what, "options")
    return {letter: tidy_text(text) for letter, text in pieces}, None


def _letter(mark: str) -> str:
    return unicodedata.normalize("NFKC", mark).upper()
