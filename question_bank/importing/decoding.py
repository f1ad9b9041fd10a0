"""Bytes into text, in the encodings that Chinese programs write; what could be two encodings is refused."""

import codecs
import re

from question_bank.importing.report import UnreadableFile
from question_bank.phrases import N_

ENCODING_NAMES = {"utf-8-sig": "UTF-8", "gb18030": "GB18030 (GBK)", "utf-16": "UTF-16"}
# A file with this many good characters for each bad one was meant as UTF-8 and has been damaged.
_GOOD_FOR_EACH_BAD = 20
# Other encodings read as GB18030 give rare characters; a Chinese bank is written in common ones.
_RARE_SHARE_MAX = 0.2
_RARE_ENOUGH = 8
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LOOKED_AT = 256 * 1024


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding; raises `UnreadableFile` when it is no text or in doubt."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        # GB18030 is only tried where UTF-8 has failed.
        if encoding == "gb18030" and _is_damaged_utf8(data):
            break
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or "\ufffd" in text or (encoding == "gb18030" and _is_foreign(text)):
            break
        return text, ENCODING_NAMES[encoding]
    raise UnreadableFile(
        "not_a_text",
        N_("看不出文字编码，或文件里有乱码。请上传 .xlsx、.docx，或另存为 UTF-8、GBK 编码的文本文件。"),
    )


def _is_damaged_utf8(data: bytes) -> bool:
    # Whoever asks knows already that the whole is no UTF-8, so the beginning tells what it was meant to be.
    lenient = data[:_LOOKED_AT].decode("utf-8", "replace")
    bad = lenient.count("\ufffd")
    good = len(lenient) - len(lenient.encode("ascii", "ignore")) - bad
    return bad * _GOOD_FOR_EACH_BAD < good


def _is_foreign(text: str) -> bool:
    if _PRIVATE.search(text):
        return True
    text = text[:_LOOKED_AT]
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    common = text.encode("gb2312", "ignore").decode("gb2312")
    rare = len(text) - len(common)
    return rare >= _RARE_ENOUGH and rare > beyond_ascii * _RARE_SHARE_MAX
