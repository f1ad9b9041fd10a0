"""Reading captions (WebVTT) strictly, and writing them anew: what is served was written here, never uploaded.

Kept are the times and the plain words of each cue. Styles, regions, positions, voices and tags are left out:
players show captions as the reader has chosen, and nothing foreign reaches a page.
Format: W3C, WebVTT: The Web Video Text Tracks Format, section 6.
"""

import html
import re
from dataclasses import dataclass

from lms.core.errors import N_, Invalid, Reason
from lms.courses.policy import MAX_CAPTIONS_BYTES

MAX_CUES = 5000
MAX_CUE_TEXT = 500
_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMES = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_TAG = re.compile(r"<[^<>]*>")
_RULE = N_("字幕为 WebVTT（.vtt）文件，UTF-8 编码，不超过 1 MB，时间从早到晚")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: from, to (milliseconds), and its plain words."""

    start: int
    end: int
    text: str


def read_captions(data: bytes) -> list[Cue]:
    """Read a WebVTT file. Raises Invalid naming the line that does not stand."""
    if len(data) > MAX_CAPTIONS_BYTES:
        raise _fault(N_("这个文件太大"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(N_("文件不是 UTF-8 编码的文字")) from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise _fault(N_("第一行不是 WEBVTT"))
    cues = list(_cues(lines))
    if not cues:
        raise _fault(N_("文件里没有一条字幕"))
    return cues


def write_captions(cues: list[Cue]) -> bytes:
    """Write captions anew."""
    blocks = [
        f"{_clock(cue.start)} --> {_clock(cue.end)}\n{html.escape(cue.text, quote=False)}" for cue in cues
    ]
    return ("WEBVTT\n\n" + "\n\n".join(blocks) + "\n").encode()


def _cues(lines: list[str]) -> "list[Cue]":
    found: list[Cue] = []
    at = 1
    while at < len(lines):
        if "-->" not in lines[at]:
            at += 1  # an identifier, a note, a style or a blank line
            continue
        times = _TIMES.fullmatch(lines[at].strip())
        if times is None:
            raise _fault(N_("第 %(line)s 行的时间无法识别"), at + 1)
        start, end = _ms(times.groups()[:4]), _ms(times.groups()[4:])
        if end <= start or (found and start < found[-1].start):
            raise _fault(N_("第 %(line)s 行的时间不对：要在上一条之后，结束晚于开始"), at + 1)
        first = at = at + 1
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            at += 1
        words = html.unescape(_TAG.sub("", "\n".join(lines[first:at]))).strip()
        if len(words) > MAX_CUE_TEXT or len(found) >= MAX_CUES:
            raise _fault(N_("第 %(line)s 行起的字幕过长，或条数过多"), first)
        if words:
            found.append(Cue(start, end, words))
    return found


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _clock(ms: int) -> str:
    seconds, thousandths = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def _fault(now: str, line: int = 0) -> Invalid:
    return Invalid(
        Reason(
            "captions",
            _RULE,
            now,
            N_("请改好后重新上传"),
            params={"line": line} if line else {},
            field_name="captions",
        )
    )
