"""A file is believed for what it holds, not for its name, its header or a form (H11)."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.courses.mp4 import MAX_SECONDS, NotAPlayableVideo, VideoFacts, read_video_facts

CLIP = Path(__file__).parents[1] / "data" / "clip.mp4"
CLIP_SECONDS = 16


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """The top boxes of a well-formed file, each whole."""
    found, at = [], 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at : at + length]))
        at += length
    return found


def with_all(data: bytes, name: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """Change every box called `name`; `change` gets the whole file and where the box's body begins."""
    changed, at = bytearray(data), data.find(name)
    assert at > 0
    while at > 0:
        change(changed, at + 4)
        at = data.find(name, at + 4)
    return bytes(changed)


def claim(seconds: int) -> Callable[[bytearray, int], None]:
    """Make a movie header (version 0) claim a length."""

    def change(data: bytearray, at: int) -> None:
        (timescale,) = struct.unpack_from(">I", data, at + 12)
        struct.pack_into(">I", data, at + 16, timescale * seconds)

    return change


def stretch_samples(data: bytearray, at: int) -> None:
    """Let the first run of samples last as long as the field can say."""
    struct.pack_into(">I", data, at + 12, 0xFFFFFFFF)


def refused(data: bytes) -> str:
    """The code with which the bytes are refused."""
    with pytest.raises(NotAPlayableVideo) as caught:
        read_video_facts(io.BytesIO(data))
    reason = caught.value.reason
    assert all((reason.rule, reason.now, reason.way_out))
    assert caught.value.status == 422
    return reason.code


@pytest.fixture(scope="module")
def clip() -> bytes:
    return CLIP.read_bytes()


def test_a_good_clip_tells_its_facts_from_a_path_and_from_a_stream(clip: bytes) -> None:
    facts = VideoFacts(CLIP_SECONDS * 1000, 1280, 720, "h264", "aac", faststart=True)
    assert read_video_facts(CLIP) == facts
    assert read_video_facts(str(CLIP)) == facts
    assert read_video_facts(io.BytesIO(clip)) == facts


def test_a_clip_with_its_index_at_the_end_is_playable_but_not_faststart(clip: bytes) -> None:
    index = next(whole for kind, whole in boxes(clip) if kind == b"moov")
    others = b"".join(whole for kind, whole in boxes(clip) if kind != b"moov")
    facts = read_video_facts(io.BytesIO(others + index))
    assert (facts.faststart, facts.duration_ms) == (False, CLIP_SECONDS * 1000)


def test_an_empty_file_is_refused() -> None:
    assert refused(b"") == "empty"


def test_a_picture_named_mp4_is_refused(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0"))
    path = tmp_path / "lesson.mp4"
    path.write_bytes(picture + chunk(b"IEND", b""))
    with pytest.raises(NotAPlayableVideo) as caught:
        read_video_facts(path)
    assert caught.value.reason.code == "not_mp4"


@pytest.mark.parametrize("data", [b"\0", b"hello, this is text", bytes(64), b"RIFF" + bytes(40)])
def test_other_bytes_are_refused_as_no_mp4(data: bytes) -> None:
    assert refused(data) == "not_mp4"


def test_a_clip_cut_off_anywhere_is_refused(clip: bytes) -> None:
    for length in range(1, len(clip), 97):
        assert refused(clip[:length]) in {"not_mp4", "truncated"}, length
    assert refused(clip[:-1]) == "truncated"


def test_media_that_was_left_out_is_noticed_even_when_the_boxes_add_up(clip: bytes) -> None:
    parts = [whole if kind != b"mdat" else box(b"mdat", b"") for kind, whole in boxes(clip)]
    assert refused(b"".join(parts)) == "truncated"


@pytest.mark.parametrize("seconds", [CLIP_SECONDS + 3, MAX_SECONDS, 40 * 3600])
def test_a_header_that_claims_more_than_its_samples_is_refused(clip: bytes, seconds: int) -> None:
    assert refused(with_all(clip, b"mvhd", claim(seconds))) == "false_length"


def test_a_header_that_claims_less_than_its_samples_is_believed(clip: bytes) -> None:
    shorter = with_all(clip, b"mvhd", claim(9))
    assert read_video_facts(io.BytesIO(shorter)).duration_ms == 9000


def test_a_clip_stretched_beyond_four_hours_is_refused(clip: bytes) -> None:
    stretched = with_all(with_all(clip, b"stts", stretch_samples), b"mvhd", claim(MAX_SECONDS * 4))
    assert refused(stretched) == "too_long"


def test_a_picture_codec_that_browsers_do_not_play_is_refused(clip: bytes) -> None:
    assert refused(clip.replace(b"avc1\0\0\0\0", b"hev1\0\0\0\0")) == "codec"


def test_mp3_sound_inside_an_mp4_is_refused(clip: bytes) -> None:
    at = clip.index(b"esds")
    where = clip.index(b"\x04", clip.index(b"\x03", at + 8) + 5)
    while clip[where + 1] & 0x80:
        where += 1
    mp3 = bytearray(clip)
    assert mp3[where + 2] == 0x40
    mp3[where + 2] = 0x6B
    assert refused(bytes(mp3)) == "codec"


def test_sound_without_a_picture_is_refused(clip: bytes) -> None:
    assert refused(clip.replace(b"vide", b"meta")) == "no_video"


def test_a_live_stream_in_pieces_is_refused(clip: bytes) -> None:
    assert refused(clip + box(b"moof", bytes(16))) == "fragmented"


def test_a_swarm_of_tiny_boxes_is_refused_without_much_work(clip: bytes) -> None:
    head = next(whole for kind, whole in boxes(clip) if kind == b"ftyp")
    assert refused(head + box(b"moov", box(b"free", b"") * 100_000)) == "damaged"
    assert refused(head + box(b"free", b"") * 100_000) == "damaged"


def test_an_index_larger_than_any_real_one_is_not_even_read(clip: bytes) -> None:
    head = next(whole for kind, whole in boxes(clip) if kind == b"ftyp")
    assert refused(head + box(b"moov", bytes(33 << 20))) == "damaged"


def test_any_single_spoiled_byte_of_the_index_gives_facts_or_a_refusal_and_never_a_crash(clip: bytes) -> None:
    end = clip.index(b"mdat")
    refusals = 0
    for at in range(0, end, 3):
        for value in (0x00, 0x7F, 0xFF):
            spoiled = bytearray(clip)
            spoiled[at] = value
            try:
                facts = read_video_facts(io.BytesIO(bytes(spoiled)))
            except NotAPlayableVideo:
                refusals += 1
            else:
                assert 0 < facts.duration_ms <= MAX_SECONDS * 1000
    assert refusals > 100
