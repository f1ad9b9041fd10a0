"""A drawn scan of a skill certificate, such as applicants attach; it says itself that it is none."""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_SIZE = (1120, 790)
_PAPER, _EDGE, _INK, _FAINT = "#f7f4ea", "#8a7a4a", "#3a3630", "#8d887c"
_LINES = (
    ("职业技能等级证书", 64, 150),
    ("（演示图样，不是真实证书）", 34, 250),
    ("职业名称　电工　　职业技能等级　三级/高级工", 32, 400),
    ("证书编号　样张 00000000", 32, 470),
    ("评价机构　云浦电力技能评价中心", 32, 540),
    ("本图由演示程序绘制", 26, 690),
)


def draw_certificate_scan(font: Path) -> bytes:
    """Draw the scan and return it as a JPEG. Raises OSError when the font cannot be read."""
    image = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((26, 26, _SIZE[0] - 26, _SIZE[1] - 26), outline=_EDGE, width=5)
    draw.rectangle((38, 38, _SIZE[0] - 38, _SIZE[1] - 38), outline=_EDGE, width=1)
    for text, size, middle in _LINES:
        ink = _INK if size > 30 else _FAINT  # noqa: PLR2004 - the small print is faint
        draw.text((_SIZE[0] / 2, middle), text, font=ImageFont.truetype(font, size), fill=ink, anchor="mm")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
