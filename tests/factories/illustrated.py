"""Question files with pictures in them, as Moodle writes them, and the pictures themselves."""

import base64
import io
from html import escape

from PIL import Image


def drawing(
    width: int = 640, height: int = 360, kind: str = "PNG", mode: str = "RGB", **options: object
) -> bytes:
    """A sound picture: a frame and a diagonal on a plain ground."""
    image = Image.new(mode, (width, height), "white")
    for place in range(min(width, height)):
        image.putpixel((place, place), image.getpixel((0, height - 1)) if place == 0 else _dark(mode))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def illustrated(*questions: tuple[str, bytes], name: str = "figure.png", alt: str = "接线图") -> bytes:
    """A Moodle file of single-choice questions, each a stem in HTML-free words and the picture it shows."""
    return _quiz("".join(_question(words, data, name, alt) for words, data in questions))


def _quiz(inner: str) -> bytes:
    category = "<question type='category'><category><text>$course$/top/考务管理</text></category></question>"
    return f'<?xml version="1.0" encoding="UTF-8"?><quiz>{category}{inner}</quiz>'.encode()


def _question(words: str, data: bytes, name: str, alt: str) -> str:
    stem = escape(f'<p>{escape(words)}<img src="@@PLUGINFILE@@/{name}" alt="{escape(alt)}"></p>')
    file = f'<file name="{name}" encoding="base64">{base64.b64encode(data).decode()}</file>'
    options = "".join(
        f'<answer fraction="{weight}" format="html"><text>{text}</text></answer>'
        for text, weight in (("串联", 0), ("并联", 100), ("短路", 0))
    )
    return (
        f'<question type="multichoice"><name><text>q</text></name><questiontext format="html"><text>{stem}</text>'
        f"{file}</questiontext><single>true</single>{options}</question>"
    )


def _dark(mode: str) -> tuple[int, ...] | int:
    return {"L": 0, "I;16": 0, "P": 0, "RGB": (0, 0, 0), "RGBA": (0, 0, 0, 255)}[mode]
