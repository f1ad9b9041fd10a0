"""Logo and stamp: decoded, stripped, scaled and encoded again before anything is stored (faults E1, E2)."""

import io
import warnings

from PIL import Image, ImageFile, UnidentifiedImageError

from lms.certificates.policy.layouts import PICTURE_MAX_BYTES, PICTURE_SIDE, picture_refused
from lms.core.errors import N_, Invalid

MAX_PIXELS = 16_000_000


def clean_picture(data: bytes) -> bytes:
    """Return a picture as a fresh PNG without metadata, at most 480 pixels wide and high; a clear ground stays clear.

    Raises Invalid when the file is empty, larger than 300 KiB, no PNG, broken, or of absurd dimensions.
    """
    if not data:
        raise Invalid(picture_refused(N_("您选择的文件是空的")))
    if len(data) > PICTURE_MAX_BYTES:
        raise Invalid(picture_refused(N_("您选择的文件有 %(size)s KB"), size=-(-len(data) // 1024)))
    if not data.startswith(b"\x89PNG"):
        raise Invalid(picture_refused(N_("您选择的文件不是 PNG 图片")))
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise Invalid(picture_refused(N_("图片的像素太多")))
                opened.load()
                picture = opened.convert("RGBA")
    except (
        UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError,
    ) as error:  # fmt: skip
        raise Invalid(picture_refused(N_("文件不完整或已损坏，无法读取"))) from error
    picture.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    fresh = Image.new("RGBA", picture.size)
    fresh.paste(picture)
    made = io.BytesIO()
    fresh.save(made, "PNG", optimize=True)
    return made.getvalue()
