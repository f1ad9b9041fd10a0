"""The pictures of a certificate: the portrait in its printed size, the QR code, and the preview for pages."""

import base64
import io
from functools import lru_cache
from itertools import groupby
from typing import Any

import segno
from PIL import Image, ImageOps

from lms.core.settings import ROOT

STATIC = ROOT / "lms" / "app" / "static" / "certificate"
PHOTO_PIXELS = (413, 579)  # 35 x 49 mm at 300 dots per inch
PHOTO_ENOUGH = (400, 560)  # nobody sees 290 dots per inch; a scan of 600 is a pixel short of twice 300
PHOTO_QUALITY = 84
INK = "#13222e"
QUIET_ZONE = 2  # modules around the code; the white of its box is the rest
_INK_RGB = " ".join(f"{int(INK[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))


def as_address(kind: str, data: bytes) -> str:
    """Return bytes as an address that needs no request."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def portrait(photo: bytes) -> bytes:
    """Crop a photo to 5:7 and scale it to the printed size, so that no certificate carries megabytes."""
    with Image.open(io.BytesIO(photo)) as opened:
        # The decoder itself leaves out what is finer than the print, in a fifth of the time that scaling takes.
        opened.draft("RGB", PHOTO_ENOUGH)
        fitted = ImageOps.fit(
            opened.convert("RGB"), PHOTO_PIXELS, Image.Resampling.BICUBIC, centering=(0.5, 0.35)
        )
    made = io.BytesIO()
    fitted.save(made, "JPEG", quality=PHOTO_QUALITY, optimize=True)
    return made.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)


def qr_svg(address: str, light: str | None = None) -> bytes:
    """Draw the QR code of an address; without `light` the ground stays clear."""
    drawn = io.BytesIO()
    options: dict[str, Any] = {
        "kind": "svg",
        "border": QUIET_ZONE,
        "dark": INK,
        "xmldecl": False,
        "omitsize": True,
    }
    if light is not None:
        options["light"] = light
    _code(address).save(drawn, **options)
    return drawn.getvalue()


def qr_operators(address: str, left: float, bottom: float, side: float) -> bytes:
    """Draw the QR code of an address as page operators of PDF: a white square with the dark runs of each row on it.

    `left`, `bottom` and `side` are points from the corner of the page. Through a vector file the same drawing would
    take a PDF engine ten times as long.
    """
    rows = list(_code(address).matrix_iter(border=QUIET_ZONE))
    step = side / len(rows)
    drawn = [f"q 1 g {left:.3f} {bottom:.3f} {side:.3f} {side:.3f} re f {_INK_RGB} rg"]
    for number, row in enumerate(rows, 1):
        at, level = 0, bottom + side - number * step
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                drawn.append(f"{left + at * step:.3f} {level:.3f} {width * step:.3f} {step:.3f} re")
            at += width
    return "\n".join([*drawn, "f Q"]).encode("ascii")


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
