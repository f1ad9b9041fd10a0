"""Long lesson videos that cost nothing: a still picture every half minute, real H.264 in a real MP4."""

from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageDraw

STEP_SECONDS = 30
_SIZE = (320, 180)


def make_long_clip(path: Path, seconds: int, colour: str = "#1c5078") -> None:
    """Write a clip of `seconds`, a multiple of STEP_SECONDS, whose bar moves with each picture."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        options = {"preset": "ultrafast", "bf": "0"}
        video = container.add_stream("libx264", rate=Fraction(1, STEP_SECONDS), options=options)
        video.width, video.height = _SIZE
        video.pix_fmt = "yuv420p"
        video.codec_context.thread_count = 1
        count = seconds // STEP_SECONDS
        for number in range(count):
            image = Image.new("RGB", _SIZE, colour)
            ImageDraw.Draw(image).rectangle((0, 160, _SIZE[0] * (number + 1) // count, 180), fill="#e8d9b0")
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(STEP_SECONDS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
