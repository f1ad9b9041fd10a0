"""Lines under the questions of a sheet: they count them (合计 60, 共 60 题，每题 1 分), sign it (审核：) or end it.

Such a line is read past only when every filled cell of it is a number or such words from beginning to end, and when
it answers nothing: a row that could be a question is never taken for one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from question_bank.importing.cells import cell_text

_NUMBER = r"(?:[\d.]+|[零一二三四五六七八九十百千两]+)"
_UNIT = r"(?:个|道|小|大)*(?:题目?|试题|行|条|分|道)"
_COUNTED = rf"{_NUMBER}{_UNIT}"
_SUM = (
    r"(?:以上|本表|全表|本页|全卷|总题库|题库)?"
    r"(?:合计|总计|小计|共计|共有|总共|共|题目总数|试题总数|总题数|题数|题量|总分|满分)"
)
_LINE = re.compile(
    rf"\(?(?:{_SUM}:?(?:{_COUNTED}|{_NUMBER})?|以下空白|以下无正文)"
    rf"(?:[,;.、。(]*(?:{_SUM}:?|每{_UNIT}|各)?{_COUNTED}\)?)*[.。)]*"
)
_SIGNED = re.compile(
    r"(?:制表|制表人|填表|填表人|编制|编制人|出题人|命题人|审核|审核人|复核|复核人|校对|校对人|批准人|日期|制表日期|填表日期|"
    r"单位|制表单位|填报单位):[^:,;?。()]{0,16}"
)
_FIGURE = re.compile(rf"{_NUMBER}(?:{_UNIT})?")
_TEXT_MAX = 60
_ANSWERS = ("answer", "explanation")


def footer_text(row: Sequence[object], columns: Mapping[str, int]) -> str | None:
    """Return what a line under the questions says, or None when the row may be a question."""
    filled = [(place, text) for place, value in enumerate(row) if (text := cell_text(value).strip())]
    words = [(place, text) for place, text in filled if not _FIGURE.fullmatch(_plain(text))]
    if not words or any(not _closes(text) for _, text in words):
        return None
    is_stem = any(columns.get("stem") == place for place, _ in words)
    is_signature = len(words) > 1 and all(_SIGNED.fullmatch(_plain(text)) for _, text in words)
    if (
        is_stem
        and not is_signature
        and any(columns.get(name) == place for name in _ANSWERS for place, _ in filled)
    ):
        # A stem with an answer, however odd, is somebody's question.
        return None
    return " ".join(text for _, text in filled)


def _closes(text: str) -> bool:
    plain = _plain(text)
    return len(text) <= _TEXT_MAX and (_LINE.fullmatch(plain) or _SIGNED.fullmatch(plain)) is not None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
