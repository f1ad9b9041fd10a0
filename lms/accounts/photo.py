"""The portrait: decoded, stripped, scaled and encoded again (A7, H3, faults E1 and E2)."""

import io
import warnings

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from lms.accounts.policy import PHOTO_MAX_BYTES, PHOTO_MAX_PIXELS, PHOTO_MIN_SIDE, PHOTO_RULE
from lms.core.errors import N_, Invalid, Reason

HARD_MAX_PIXELS = 40_000_000
JPEG_QUALITY = 88
_MAGIC = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG"}
_EXTENSIONS = {"JPEG": ("jpg", "jpeg"), "PNG": ("png",)}


def clean_photo(data: bytes, filename: str) -> bytes:
    """Return the portrait as a fresh JPEG without metadata, at most 3 megapixels.

    Raises Invalid when the file is empty, larger than 3 MiB, is not a JPEG or PNG, calls itself what it
    is not, is truncated, has absurd dimensions, or lies on its side: cropping a landscape to a portrait
    would print half a face.
    """
    if not data:
        raise _refuse("photo.empty", N_("您选择的文件是空的"))
    if len(data) > PHOTO_MAX_BYTES:
        raise _refuse("photo.too_large", N_("您选择的文件有 %(size)s MB"), size=f"{len(data) / 2**20:.1f}")
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise _refuse("photo.not_an_image", N_("您选择的文件不是 JPG 或 PNG 图片"))
    extension = filename.rpartition(".")[2].lower()
    if extension not in _EXTENSIONS[kind]:
        raise _refuse(
            "photo.misnamed", N_("文件名以 .%(extension)s 结尾，内容却是 %(kind)s 图片"),
            extension=extension or "?", kind=kind,
        )  # fmt: skip
    # The PDF library, once imported, tells Pillow to show half a picture as if it were whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind]) as opened:
                if opened.width * opened.height > HARD_MAX_PIXELS:
                    raise _refuse("photo.too_many_pixels", N_("图片有 %(width)s × %(height)s 像素"),
                                  width=opened.width, height=opened.height)  # fmt: skip
                opened.load()
                portrait = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Warning,
        Image.DecompressionBombError,
    ) as error:
        raise _refuse("photo.broken", N_("文件不完整或已损坏，无法读取")) from error
    if min(portrait.size) < PHOTO_MIN_SIDE:
        raise _refuse("photo.too_small", N_("图片只有 %(width)s × %(height)s 像素"),
                      width=portrait.width, height=portrait.height)  # fmt: skip
    if portrait.width > portrait.height:
        raise _refuse("photo.landscape", N_("图片是横的：%(width)s × %(height)s 像素"),
                      width=portrait.width, height=portrait.height)  # fmt: skip
    pixels = portrait.width * portrait.height
    if pixels > PHOTO_MAX_PIXELS:
        scale = (PHOTO_MAX_PIXELS / pixels) ** 0.5
        portrait = portrait.resize(
            (int(portrait.width * scale), int(portrait.height * scale)), Image.Resampling.LANCZOS
        )
    fresh = Image.new("RGB", portrait.size)
    fresh.paste(portrait)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()


def no_photo() -> Invalid:
    """Build the refusal of a form that was sent without any file."""
    return _refuse("photo.none", N_("还没有选择文件"))


def _refuse(code: str, now: str, **params: str | int) -> Invalid:
    return Invalid(
        Reason(
            code=code, rule=PHOTO_RULE, now=now, way_out=N_("请换一张符合要求的照片上传"), source="A7",
            params={**params, "side": PHOTO_MIN_SIDE}, field_name="photo",
        )
    )  # fmt: skip
