"""The process in which a foreign video file is read: one file in, renditions and a poster out.

`python -I video_process.py SOURCE FOLDER LIMITS`: it is started by its path, without the environment of the
site, and imports nothing of it, so that whoever breaks a decoder finds neither keys nor a connection to the
database. The kernel bounds its memory, time, files and their sizes; containers are opened by name and without
the references to other files that they may hold, so no list of files or addresses is ever followed. It prints
a line of JSON each second, and one at the end: `{"made": …}` or `{"refused": code}`. When nobody reads any
more, it ends.

One pass decodes everything: so what cannot be decoded is noticed, whatever the container claims.
"""

import errno
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler
from av.error import ExternalError, FFmpegError

MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
MATROSKA = b"\x1a\x45\xdf\xa3"
PLAYABLE_PIXELS = {"yuv420p", "yuvj420p"}
FULL_SIZE = (1920, 1080)
LOW_SIZE = (640, 360)
LOW_BITS = 200_000
LOW_SOUND_BITS = 40_000
LOW_RATE = 25
LAST_PICTURE_MS = 1000 // LOW_RATE
SMALL_ENOUGH_BITS = 300_000
"""A video that needs no more than this has no use for a second rendition."""
SOUND_BITS = 128_000
SOUND_BLOCK = 1024
MS = Fraction(1, 1000)
KEYFRAME_EVERY = 150
POSTER_WIDTH = 1280
POSTER_AT_MS = 10_000
BROKEN_PACKETS = 50
"""So many pieces of a file may be unreadable; players skip them too."""
MIN_MS = 1000
LONGEST_SIDE = 8192
"""A strip of a few lines is no picture either."""
HELD_PACKETS = 2000
"""Packets that may wait for the first picture, or for a packet that says when they are decoded."""


class Refused(Exception):
    """The file is no lesson video; the code says why."""


def container_of(source: Path) -> str:
    """Return the demuxer a file asks for by its first bytes, or refuse it."""
    with source.open("rb") as stream:
        head = stream.read(12)
    if head.startswith(MATROSKA):
        return "matroska"
    if head[4:8] in MOV_BOXES:
        return "mov"
    raise Refused("container")


def fitted(width: int, height: int, most: tuple[int, int]) -> tuple[int, int]:
    """Return the size that fits into a frame (or the frame on its side) with even sides, never larger than it was."""
    wide, high = most if width >= height else most[::-1]
    share = min(Fraction(1), Fraction(wide, width), Fraction(high, height))
    return max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2)


@dataclass
class Rendition:
    """One MP4 file that is written from decoded pictures and sound."""

    path: Path
    size: tuple[int, int]
    video_bits: int | None
    sound_bits: int
    layout: str
    rate: int
    most_rate: int | None = None
    last_ms: int = field(default=-1, init=False)
    last: Any = field(default=None, init=False)

    def open(self, *, with_sound: bool) -> None:
        """Begin the file."""
        self.container = av.open(str(self.path), "w", format="mp4", options={"movflags": "+faststart"})
        bits = self.video_bits
        bound = {"maxrate": str(bits * 3 // 2), "bufsize": str(bits * 4)} if bits else {"crf": "23"}
        options = {"preset": "veryfast", "profile": "high", **bound}
        self.video: Any = self.container.add_stream("libx264", rate=LOW_RATE, options=options)
        self.video.width, self.video.height = self.size
        self.video.pix_fmt = "yuv420p"
        self.video.codec_context.time_base = MS
        self.video.codec_context.gop_size = KEYFRAME_EVERY
        self.video.codec_context.thread_count = max(1, (os.cpu_count() or 1) // 2)
        if bits:
            self.video.bit_rate = bits
        self.sound: Any = None
        if with_sound:
            self.sound = self.container.add_stream("aac", rate=self.rate, layout=self.layout)
            self.sound.bit_rate = self.sound_bits
            self.resampler = AudioResampler("fltp", self.layout, self.rate, SOUND_BLOCK)

    def take_picture(self, frame: Any, at_ms: int) -> None:
        """Write a picture, unless one stands at that moment already or the file shows fewer."""
        gap = 900 // self.most_rate if self.most_rate else 1
        if self.last_ms >= 0 and at_ms < self.last_ms + gap:
            return
        shown = frame.reformat(width=self.size[0], height=self.size[1], format="yuv420p")
        shown.pts, shown.time_base = at_ms, MS
        shown.pict_type = 0
        self.last_ms, self.last = at_ms, frame
        self.container.mux(self.video.encode(shown))

    def take_sound(self, frame: Any) -> None:
        """Write a stretch of sound; None says that there is no more."""
        if self.sound is not None:
            for block in self.resampler.resample(frame):
                self.container.mux(self.sound.encode(block))

    def close(self, end_ms: int) -> None:
        """Write what is held back, and finish the file; the last picture is shown as long as in the source."""
        if end_ms - self.last_ms > 2 * LAST_PICTURE_MS:
            self.take_picture(self.last, end_ms - LAST_PICTURE_MS)
        self.container.mux(self.video.encode(None))
        if self.sound is not None:
            self.take_sound(None)
            self.container.mux(self.sound.encode(None))
        self.container.close()


class Remux:
    """The file as it is, in an MP4 with its index first: nothing is encoded again."""

    def __init__(self, path: Path, video: Any, sound: Any) -> None:
        self.container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self.streams = {video.index: self.container.add_stream_from_template(video)}
        if sound is not None:
            self.streams[sound.index] = self.container.add_stream_from_template(sound)

    def take(self, packet: Any) -> None:
        """Write a packet on."""
        packet.stream = self.streams[packet.stream.index]
        self.container.mux(packet)


class Work:
    """The one pass through a file."""

    def __init__(self, source: Path, folder: Path, limits: dict[str, Any]) -> None:
        self.folder, self.limits = folder, limits
        kind = container_of(source)
        options = {"protocol_whitelist": "file"} | ({"enable_drefs": "0"} if kind == "mov" else {})
        self.container: Any = av.open(str(source), format=kind, options=options, metadata_errors="ignore")
        pictures: list[Any] = [one for one in self.container.streams.video if not _is_cover(one)]
        if not pictures:
            raise Refused("no_video")
        self.video = pictures[0]
        if self.video.codec_context is None:
            raise Refused("codec")
        sounds: list[Any] = list(self.container.streams.audio)
        self.sound = next((one for one in sounds if one.codec_context is not None), None)
        self._check_size(self.video.codec_context)
        self.claimed_ms = (self.container.duration or 0) // 1000
        if self.claimed_ms > limits["seconds"] * 1000:
            raise Refused("too_long")
        self.start_ms: int | None = None
        self.sides = (0, 0)
        self.end_ms = self.sound_end_ms = 0
        self.pictures = self.broken = 0
        self.poster: Any = None
        self.said_at = 0.0
        self.turned = 0
        self.copies = self._may_copy()
        bits = source.stat().st_size * 8000 // max(1, self.claimed_ms)
        self.wants_low = not (self.copies and self.claimed_ms and bits <= SMALL_ENOUGH_BITS)
        self.remux: Remux | None = None
        self.held: list[Any] = []
        self.held_sound: list[Any] = []
        self.renditions: list[Rendition] = []

    def run(self) -> dict[str, Any]:
        """Do the work and return what was made."""
        for packet in self.container.demux([one for one in (self.video, self.sound) if one is not None]):
            frames = [] if self._is_known() else list(self._decoded(packet))
            take = self._take_picture if packet.stream is self.video else self._take_sound
            for frame in frames:
                take(frame)
            if self.copies and packet.size:
                self._copy(packet)
                self.end_ms = max(self.end_ms, self._packet_end(packet))
            self._say()
        if not self.pictures:
            raise Refused("codec" if self.broken else "no_video")
        if self.remux is not None:
            self.remux.container.close()
        for one in self.renditions:
            one.close(self.end_ms)
        if max(self.end_ms, self.sound_end_ms) < self.claimed_ms * 9 // 10 - MIN_MS:
            raise Refused("damaged")  # the second half is missing: players would just stop there
        if self.end_ms < MIN_MS:
            raise Refused("too_short")
        self._write_poster()
        return {"main": "main.mp4", "low": "low.mp4" if self.wants_low else None, "poster": "poster.jpg"}

    def _is_known(self) -> bool:
        """Tell whether the rest of a file need not be decoded: this house filmed it, and only copies it."""
        is_only_copied = self.remux is not None and not self.renditions
        return bool(self.limits["trusts"]) and is_only_copied and self.poster[1]

    def _may_copy(self) -> bool:
        """Tell whether browsers play the streams as they are."""
        context = self.video.codec_context
        return (
            context.name == "h264"
            and context.pix_fmt in PLAYABLE_PIXELS
            and (self.sound is None or self.sound.codec_context.name == "aac")
            and fitted(context.width, context.height, FULL_SIZE) == (context.width, context.height)
        )

    def _check_size(self, context: Any) -> None:
        width, height = context.width, context.height
        if width * height > self.limits["pixels"] or max(width, height) > LONGEST_SIDE:
            raise Refused("too_large")

    def _decoded(self, packet: Any) -> Iterator[Any]:
        try:
            yield from packet.decode()
        except FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            self.broken += 1
            if self.broken > BROKEN_PACKETS:
                raise Refused("damaged" if self.pictures else "codec") from error

    def _take_picture(self, frame: Any) -> None:
        if frame.pts is None:
            return
        self._check_size(frame)
        at = int(frame.pts * frame.time_base * 1000)
        if self.start_ms is None:
            self.start_ms = at
            self._open(frame)
        at -= self.start_ms
        if at > self.limits["seconds"] * 1000:
            raise Refused("too_long")
        if at < 0:
            return
        self.pictures += 1
        self.end_ms = max(self.end_ms, at + int((frame.duration or 0) * frame.time_base * 1000))
        wanted = min(POSTER_AT_MS, self.claimed_ms // 10)
        if self.poster is None or (at >= wanted and not self.poster[1]):
            self.poster = (self._upright(frame).to_image(), at >= wanted)
        for one in self.renditions:
            one.take_picture(self._upright(frame) if self.turned else frame, at)

    def _take_sound(self, frame: Any) -> None:
        if frame.pts is None:
            return
        if (
            self.start_ms is None
        ):  # a decoder shows its first picture late, and its sound is to be heard all the same
            self.held_sound.append(frame)
            if len(self.held_sound) > HELD_PACKETS:
                raise Refused("damaged")
            return
        frame.pts -= int(Fraction(self.start_ms, 1000) / frame.time_base)
        if frame.pts < 0:
            return
        self.sound_end_ms = max(self.sound_end_ms, int(frame.pts * frame.time_base * 1000))
        for one in self.renditions:
            one.take_sound(frame)

    def _open(self, first: Any) -> None:
        """Begin the files: how the first picture lies decides their size."""
        self.turned = int(getattr(first, "rotation", 0) or 0) % 360
        if self.turned and self.copies:
            self.copies = False
            self.wants_low = True
        # The points of old recordings are not square; those of what is written here are.
        shape = self.video.sample_aspect_ratio or 1
        sides = (max(2, round(first.width * shape)), first.height)
        self.sides = sides = sides if self.turned % 180 == 0 else sides[::-1]
        if self.copies:
            self.remux = Remux(self.folder / "main.mp4", self.video, self.sound)
        else:
            size = fitted(*sides, FULL_SIZE)
            full = Rendition(self.folder / "main.mp4", size, None, SOUND_BITS, "stereo", 48_000)
            self.renditions.append(full)
        if self.wants_low:
            size, path = fitted(*sides, LOW_SIZE), self.folder / "low.mp4"
            self.renditions.append(Rendition(path, size, LOW_BITS, LOW_SOUND_BITS, "mono", 24_000, LOW_RATE))
        for one in self.renditions:
            one.open(with_sound=self.sound is not None)
        for frame in self.held_sound:
            self._take_sound(frame)
        self.held_sound.clear()

    def _copy(self, packet: Any) -> None:
        """Write a packet on, as soon as there is a file and it is known when every packet before is decoded."""
        if packet.dts is not None:
            date_back(self.held, packet)
        self.held.append(packet)
        if self.remux is None or any(one.dts is None for one in self.held):
            if len(self.held) > HELD_PACKETS:
                raise Refused("damaged")
            return
        for one in self.held:
            self.remux.take(one)
        self.held.clear()

    def _packet_end(self, packet: Any) -> int:
        if packet.pts is None or packet.stream.type != "video" or not packet.time_base:
            return 0
        return int((packet.pts + (packet.duration or 0)) * packet.time_base * 1000) - (self.start_ms or 0)

    def _upright(self, frame: Any) -> Any:
        """Return a picture as it is meant to be seen: phones film lying down and say so beside."""
        if not self.turned:
            return frame
        image = frame.to_image().rotate(self.turned, expand=True)
        from_image: Any = av.VideoFrame.from_image
        return from_image(image)

    def _write_poster(self) -> None:
        image = self.poster[0].resize(fitted(*self.sides, (POSTER_WIDTH, POSTER_WIDTH)))
        image.save(self.folder / "poster.jpg", "JPEG", quality=80)

    def _say(self) -> None:
        now = time.monotonic()
        if now - self.said_at >= 1:
            self.said_at = now
            tell({"done": self.end_ms, "total": self.claimed_ms})


def date_back(held: list[Any], dated: Any) -> None:
    """Say of packets when they are decoded, counted back from a later one: Matroska does not say it of the first."""
    at = dated.dts
    for one in reversed(held):
        if one.stream is dated.stream and one.dts is None:
            at -= one.duration or 1
            one.dts = at


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def tell(fact: dict[str, Any]) -> None:
    """Print a line for whoever started this."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def fence(limits: dict[str, Any]) -> None:
    """Let the kernel bound this process."""
    for what, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]), (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    # At the first figure the kernel says why it ends the process, at the second it would not.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 10))
    os.nice(10)


def main(source: str, folder: str, limits_json: str) -> None:
    """Work on one file and tell the outcome."""
    limits = json.loads(limits_json)
    fence(limits)
    outcome: dict[str, Any]
    try:
        outcome = {"made": Work(Path(source), Path(folder), limits).run()}
    except Refused as refusal:
        outcome = {"refused": str(refusal)}
    except (MemoryError, ExternalError):  # an encoder says no more than that it could not go on
        outcome = {"refused": "too_heavy"}
    except OSError as error:
        if error.errno == errno.ENOSPC:
            outcome = {"failed": "disk_full"}
        elif error.errno == errno.EFBIG:
            outcome = {"refused": "too_heavy"}
        elif isinstance(error, FFmpegError):
            outcome = {"refused": "damaged"}
        else:
            raise
    except FFmpegError:
        outcome = {"refused": "damaged"}
    tell(outcome)


if __name__ == "__main__":
    main(*sys.argv[1:])
