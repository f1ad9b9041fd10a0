"""Read what an MP4 file really is: length, picture size, codecs, and whether it can be streamed.

Why an own reader of boxes and not PyAV: an upload is hostile until proven otherwise, and a demuxer in C
that runs inside the web process can neither be stopped nor fenced off. This reader never decodes media.
It looks at the index of the file only (a few kilobytes up to `MAX_INDEX_BYTES`), checks every length
before it trusts it, does not recurse, and its work is bounded by the size of the index. PyAV stays where
it is good: making our own lessons at set-up.

The length is counted from the table of samples; a header that claims more is refused and one that claims
less is believed, so neither a forged header nor a form can make a lesson longer than what can be played
(H11).
Layout of the boxes: ISO/IEC 14496-12 (containers), 14496-14 (esds), 14496-15 (avc1).
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from lms.core.errors import N_, Reason, Refusal
from lms.courses.policy import MAX_SECONDS

MAX_INDEX_BYTES = 32 << 20  # a four-hour lesson at 60 frames a second needs about 14 MB
MAX_BOXES = 4096  # in one parent; real files have about ten
CLAIM_TOLERANCE_MS = 2000  # room for a late first sample; what is counted is always the smaller figure

BOX_HEADER = 8  # bytes: a length of 32 bits and the kind of the box
WIDE_BOX_HEADER = 16  # the same with a length of 64 bits behind it
SAMPLE_ENTRY_HEADER = 16  # what every entry of `stsd` begins with

VIDEO_CODECS = {b"avc1": "h264", b"avc3": "h264", b"vp09": "vp9", b"av01": "av1"}
AUDIO_CODECS = {b"mp4a": "aac", b"Opus": "opus"}
"""What the browsers we support play from an MP4 file; anything else is refused."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a playable file is: milliseconds, pixels, codec names. `faststart`: the index stands first."""

    duration_ms: int
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    faststart: bool


class NotAPlayableVideo(Refusal):
    """The file is not a lesson video that browsers can play; `reason.code` says which way."""

    code = "not_a_playable_video"
    status = 422
    title = N_("这个文件不能作为课程视频")

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


_RULE = N_("课程视频应为 MP4 文件：视频 H.264，声音 AAC，单个文件不超过 4 小时")
_WAYS = {
    "empty": (N_("文件是空的"), N_("请重新选择文件并上传")),
    "not_mp4": (N_("文件内容不是 MP4，与文件名的后缀无关"), N_("请用转换软件导出为 MP4（H.264 + AAC）")),
    "truncated": (N_("文件不完整，后一部分缺失"), N_("请检查原文件能否播放到结尾，再完整上传一次")),
    "damaged": (N_("文件的索引已损坏"), N_("请从原始视频重新导出后再上传")),
    "fragmented": (N_("文件是分段（直播）格式"), N_("请导出为普通的 MP4 文件")),
    "no_video": (N_("文件里没有画面"), N_("请上传带画面的视频文件")),
    "codec": (N_("画面或声音的编码浏览器不能播放"), N_("请用转换软件导出为 MP4（H.264 + AAC）")),
    "false_length": (N_("文件标明的时长与实际内容不符"), N_("请从原始视频重新导出后再上传")),
    "too_long": (N_("时长超过 4 小时"), N_("请把课程分成几个较短的视频")),
}


def _refusal(code: str) -> NotAPlayableVideo:
    now, way_out = _WAYS[code]
    return NotAPlayableVideo(Reason(code, _RULE, now, way_out, source="H11", field_name="video"))


def read_video_facts(source: str | PathLike[str] | BinaryIO) -> VideoFacts:
    """Read the facts of an MP4 file, given its path or an open seekable binary stream.

    A stream is read from its beginning and left at an unspecified position. Raises NotAPlayableVideo
    when the file is empty, no MP4, cut off, damaged, fragmented, without picture, in a codec browsers do
    not play, longer than `MAX_SECONDS`, or when its header claims more than its samples hold.
    """
    if isinstance(source, str | PathLike):
        with Path(source).open("rb") as stream:
            return _read(stream)
    return _read(source)


def _read(stream: BinaryIO) -> VideoFacts:
    size = stream.seek(0, io.SEEK_END)
    if size == 0:
        raise _refusal("empty")
    index, faststart = _find_index(stream, size)
    try:
        return _facts(memoryview(index), size, faststart)
    except (struct.error, IndexError, ValueError) as error:
        raise _refusal("damaged") from error


def _find_index(stream: BinaryIO, size: int) -> tuple[bytes, bool]:
    """Walk the top boxes; return the body of `moov` and whether it stands before the media."""
    media_first, index, faststart = False, None, False
    for kind, at, length in _top_boxes(stream, size):
        if kind == b"moof":
            raise _refusal("fragmented")
        if kind == b"mdat":
            media_first = True
        if kind == b"moov":
            if index is not None or length > MAX_INDEX_BYTES:
                raise _refusal("damaged")
            stream.seek(at)
            index, faststart = stream.read(length), not media_first
            if len(index) != length:
                raise _refusal("truncated")
    if index is None:
        raise _refusal("truncated")
    return index, faststart


def _top_boxes(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, begin and length of the body of each top box; refuses a file whose boxes do not fit it."""
    at = count = 0
    while at < size:
        stream.seek(at)
        head = stream.read(WIDE_BOX_HEADER)
        if len(head) < BOX_HEADER:
            raise _refusal("truncated" if count else "not_mp4")
        length, kind = struct.unpack_from(">I4s", head)
        header = BOX_HEADER
        if length == 1:
            if len(head) < WIDE_BOX_HEADER:
                raise _refusal("truncated" if count else "not_mp4")
            length, header = struct.unpack_from(">Q", head, BOX_HEADER)[0], WIDE_BOX_HEADER
        elif length == 0:
            length = size - at
        if count == 0 and kind != b"ftyp":
            raise _refusal("not_mp4")
        if length < header or count >= MAX_BOXES:
            raise _refusal("damaged")
        if at + length > size:
            raise _refusal("truncated")
        yield kind, at + header, length - header
        at += length
        count += 1


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the boxes directly inside `data`. Raises ValueError when a length does not fit or they swarm."""
    at = count = 0
    while at + BOX_HEADER <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        header = BOX_HEADER
        if length == 1:
            length, header = struct.unpack_from(">Q", data, at + BOX_HEADER)[0], WIDE_BOX_HEADER
        elif length == 0:
            length = len(data) - at
        if length < header or at + length > len(data):
            raise ValueError("a box does not fit into its parent")
        if count >= MAX_BOXES:
            raise ValueError("more boxes than any real file has")
        yield kind, data[at + header : at + length]
        at += length
        count += 1


def _child(data: memoryview, *path: bytes) -> memoryview:
    """The first box at `path` below `data`. Raises ValueError when there is none."""
    for name in path:
        for kind, body in _boxes(data):
            if kind == name:
                data = body
                break
        else:
            raise ValueError("a box is missing")
    return data


def _facts(index: memoryview, size: int, faststart: bool) -> VideoFacts:
    children = list(_boxes(index))
    if any(kind == b"mvex" for kind, _ in children):
        raise _refusal("fragmented")
    claimed_ms = _claimed_ms(_child(index, b"mvhd"))
    tracks = [_track(body, size) for kind, body in children if kind == b"trak"]
    video = next((track for track in tracks if track.kind == b"vide"), None)
    if video is None:
        raise _refusal("no_video")
    audio = next((track for track in tracks if track.kind == b"soun"), None)
    video_codec = VIDEO_CODECS.get(video.format)
    audio_codec = _audio_codec(audio) if audio else None
    if video_codec is None or (audio and audio_codec is None):
        raise _refusal("codec")
    width, height = struct.unpack_from(">HH", video.entry, 24)
    if not (video.duration_ms and claimed_ms and width and height):
        raise ValueError("an empty picture")
    played_ms = max(video.duration_ms, audio.duration_ms if audio else 0)
    if played_ms > MAX_SECONDS * 1000:
        raise _refusal("too_long")
    # A shorter claim is honest: an edit list may hide samples, and players then stop at the claim.
    if claimed_ms > played_ms + CLAIM_TOLERANCE_MS:
        raise _refusal("false_length")
    return VideoFacts(min(claimed_ms, played_ms), width, height, video_codec, audio_codec, faststart)


@dataclass(frozen=True, slots=True)
class _Track:
    """One track: handler kind, length by its samples, sample format and the entry that describes it."""

    kind: bytes
    duration_ms: int
    format: bytes
    entry: memoryview


def _claimed_ms(body: memoryview) -> int:
    """Milliseconds a movie header claims."""
    if body[0] == 1:
        timescale, duration = struct.unpack_from(">IQ", body, 20)
    else:
        timescale, duration = struct.unpack_from(">II", body, 12)
    if not timescale:
        raise ValueError("a clock without ticks")
    return int(duration * 1000 // timescale)


def _track(body: memoryview, size: int) -> _Track:
    media = _child(body, b"mdia")
    kind = bytes(_child(media, b"hdlr")[8:12])
    if kind not in (b"vide", b"soun"):
        return _Track(kind, 0, b"", memoryview(b""))
    table = _child(media, b"minf", b"stbl")
    header = _child(media, b"mdhd")
    (timescale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    if not timescale:
        raise ValueError("a clock without ticks")
    samples, ticks = _timing(_child(table, b"stts"))
    sizes, media_bytes = _sizes(_child(table, b"stsz"))
    if samples != sizes:
        raise ValueError("two tables count the samples differently")
    if media_bytes > size or _last_chunk(table) >= size:
        raise _refusal("truncated")
    description = _child(table, b"stsd")
    (entry_length,) = struct.unpack_from(">I", description, 8)
    if not SAMPLE_ENTRY_HEADER <= entry_length <= len(description) - 8:
        raise ValueError("a sample entry does not fit")
    entry = description[16 : 8 + entry_length]
    return _Track(kind, ticks * 1000 // timescale, bytes(description[12:16]), entry)


def _timing(body: memoryview) -> tuple[int, int]:
    """Number of samples and the sum of their lengths in ticks, from `stts`."""
    (count,) = struct.unpack_from(">I", body, 4)
    runs = struct.iter_unpack(">II", body[8 : 8 + 8 * count])
    samples = ticks = found = 0
    for many, delta in runs:
        samples, ticks, found = samples + many, ticks + many * delta, found + 1
    if found != count:
        raise ValueError("the table of times is cut off")
    return samples, ticks


def _sizes(body: memoryview) -> tuple[int, int]:
    """Number of samples and the sum of their bytes, from `stsz`."""
    fixed, count = struct.unpack_from(">II", body, 4)
    if fixed:
        return count, fixed * count
    if len(body) < 12 + 4 * count:
        raise ValueError("the table of sizes is cut off")
    return count, sum(one for (one,) in struct.iter_unpack(">I", body[12 : 12 + 4 * count]))


def _last_chunk(table: memoryview) -> int:
    """The highest place in the file where a chunk of media begins."""
    for kind, body in _boxes(table):
        if kind in (b"stco", b"co64"):
            form, width = (">I", 4) if kind == b"stco" else (">Q", 8)
            (count,) = struct.unpack_from(">I", body, 4)
            if not count or len(body) < 8 + width * count:
                raise ValueError("the table of chunks is empty or cut off")
            return max(int(at) for (at,) in struct.iter_unpack(form, body[8 : 8 + width * count]))
    raise ValueError("no table of chunks")


def _audio_codec(track: _Track) -> str | None:
    """Name of the sound codec, or None when browsers do not play it (`mp4a` may also hold MP3 and more)."""
    if track.format != b"mp4a":
        return AUDIO_CODECS.get(track.format)
    (version,) = struct.unpack_from(">H", track.entry, 8)
    for kind, body in _boxes(track.entry[28 + (16 if version == 1 else 0) :]):
        if kind == b"esds":
            return "aac" if _object_type(body[4:]) in (0x40, 0x66, 0x67, 0x68) else None
    raise ValueError("sound without its description")


def _object_type(data: memoryview) -> int:
    """The object type of an `esds` descriptor: ES_Descriptor (3) holds DecoderConfig (4)."""
    at = _descriptor(data, 0, 3)
    flags = data[at + 2]
    at += 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40:
        at += 1 + data[at]
    at += 2 if flags & 0x20 else 0
    return int(data[_descriptor(data, at, 4)])


def _descriptor(data: memoryview, at: int, tag: int) -> int:
    """Where the body of the descriptor at `at` begins. Raises ValueError when its tag is another."""
    if data[at] != tag:
        raise ValueError("an unexpected descriptor")
    for step in range(1, 5):
        if not data[at + step] & 0x80:
            return at + step + 1
    raise ValueError("a descriptor's length has no end")
