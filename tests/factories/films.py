"""Small films in the containers and codecs that people upload: moving pictures and a tone."""

import math
from array import array
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageDraw

SOUND_RATE = 48_000
BLOCK = 960


def film(
    path: Path, *, seconds: float = 3, video: str | None = "libx264", sound: str | None = "aac",
    size: tuple[int, int] = (640, 360), rate: int = 10, bits: int = 600_000,
) -> Path:  # fmt: skip
    """Write a film; the name's ending says the container. Without `video` there is only sound."""
    with av.open(str(path), "w") as container:
        pictures = None
        if video is not None:
            # Films are made to be looked into, not kept: nobody waits for a good compression.
            pictures = container.add_stream(
                video, rate=rate, options={"preset": "ultrafast"} if video == "libx264" else None
            )
            pictures.width, pictures.height = size
            pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
            pictures.bit_rate = bits
            pictures.codec_context.thread_count = 1
        tone = container.add_stream(sound, rate=SOUND_RATE, layout="stereo") if sound is not None else None
        for number in range(int(seconds * rate) if pictures is not None else 0):
            image = (
                Image.effect_noise(size, 40).convert("RGB")
                if bits > 1_000_000
                else Image.new("RGB", size, "#1c5078")
            )
            ImageDraw.Draw(image).rectangle((0, 0, (number * 7) % size[0], size[1] // 4), fill="#e8d9b0")
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(pictures.encode(frame))
        if pictures is not None:
            container.mux(pictures.encode(None))
        if tone is not None:
            _play(container, tone, seconds)
    return path


def _play(container: av.container.OutputContainer, tone: av.AudioStream, seconds: float) -> None:
    resampler = av.AudioResampler(
        format=tone.codec_context.format.name,
        layout="stereo",
        rate=SOUND_RATE,
        frame_size=tone.codec_context.frame_size or BLOCK,
    )
    wave = array("f", (0.1 * math.sin(2 * math.pi * 250 * n / SOUND_RATE) for n in range(BLOCK))).tobytes()
    for number in range(int(seconds * SOUND_RATE / BLOCK)):
        block = av.AudioFrame(format="fltp", layout="stereo", samples=BLOCK)
        block.sample_rate, block.pts, block.time_base = SOUND_RATE, number * BLOCK, Fraction(1, SOUND_RATE)
        for plane in block.planes:
            plane.update(wave)
        for ready in resampler.resample(block):
            container.mux(tone.encode(ready))
    for ready in resampler.resample(None):
        container.mux(tone.encode(ready))
    container.mux(tone.encode(None))
