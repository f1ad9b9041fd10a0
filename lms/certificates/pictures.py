"""The pictures of a certificate: the portrait in its printed size, the QR code, and the preview for pages."""

import base64
import io
from functools import lru_cache
from typing import Any

import segno
from PIL import Image, ImageOps

from lms.core.settings import ROOT

STATIC = ROOT / "lms" / "app" / "static" / "certificate"
PHOTO_PIXELS = (413, 579)  # 35 x 49 mm at 300 dots per inch
PHOTO_QUALITY = 84
INK = "#13222e"


def as_address(kind: str, data: bytes) -> str:
    """Return bytes as an address that needs no request."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def portrait(photo: bytes) -> bytes:
    """Crop a photo to 5:7 and scale it to the printed size, so that no certificate carries megabytes."""
    with Image.open(io.BytesIO(photo)) as opened:
        opened.draft("RGB", (PHOTO_PIXELS[0] * 2, PHOTO_PIXELS[1] * 2))
        fitted = ImageOps.fit(
            opened.convert("RGB"), PHOTO_PIXELS, Image.Resampling.BICUBIC, centering=(0.5, 0.35)
        )
    made = io.BytesIO()
    fitted.save(made, "JPEG", quality=PHOTO_QUALITY, optimize=True)
    return made.getvalue()


def qr_svg(address: str, light: str | None = None) -> bytes:
    """Draw the QR code of an address; without `light` the ground stays clear."""
    drawn = io.BytesIO()
    options: dict[str, Any] = {"kind": "svg", "border": 2, "dark": INK, "xmldecl": False, "omitsize": True}
    if light is not None:
        options["light"] = light
    segno.make(address, error="m", micro=False).save(drawn, **options)
    return drawn.getvalue()


@lru_cache(maxsize=1)
def ground_svg() -> bytes:
    """Return the frame and landscape that every certificate stands on."""
    return (STATIC / "ground.svg").read_bytes()


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Break a line of full-width characters: `first` in the first line, `rest` in each other.

    Closing marks never begin a line.
    """
    lines, room = [], first
    while text:
        end = room
        while end < len(text) and text[end] in "，。、）":
            end += 1
        lines.append(text[:end])
        text, room = text[end:], rest
    return lines
