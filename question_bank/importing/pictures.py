"""The pictures of a file: kept by the hash of their bytes, and only what looks like a picture."""

import hashlib

from question_bank.importing.report import PictureFile
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase

PICTURE_BYTES_MAX = 5 * 1024 * 1024
PICTURES_BYTES_MAX = 32 * 1024 * 1024
_FIRST_BYTES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}
_RIFF, _WEBP = b"RIFF", b"WEBP"


def not_fetched(name: str) -> Phrase:
    """Say that a picture is not in the file: nothing is ever fetched."""
    return phrase(N_("图片“%(name)s”不在文件里，也不会上网去取"), name=name[:60])


class Pictures:
    """Gathers pictures while a file is read."""

    def __init__(self) -> None:
        self.files: dict[str, PictureFile] = {}
        self._bytes = 0

    def keep(self, data: bytes, name: str) -> tuple[str, Phrase | None]:
        """Keep a picture and return its mark for the text, or the mark of a missing one and the reason."""
        label = name.strip() or "图"
        media_type = media_type_of(data)
        if media_type is None:
            what = phrase(N_("图片“%(name)s”不是 PNG、JPEG、GIF、BMP 或 WebP"), name=label)
            return picture_mark(MISSING, label), what
        if len(data) > PICTURE_BYTES_MAX or self._bytes + len(data) > PICTURES_BYTES_MAX:
            what = phrase(
                N_("图片“%(name)s”太大：单张不超过 %(one)s MB，合计不超过 %(all)s MB"),
                name=label,
                one=PICTURE_BYTES_MAX >> 20,
                all=PICTURES_BYTES_MAX >> 20,
            )
            return picture_mark(MISSING, label), what
        key = hashlib.sha256(data).hexdigest()
        if key not in self.files:
            self.files[key] = PictureFile(media_type, data)
            self._bytes += len(data)
        return picture_mark(key, label), None


def media_type_of(data: bytes) -> str | None:
    """Return what the first bytes say the picture is, or None when they say nothing known."""
    if data[:4] == _RIFF and data[8:12] == _WEBP:
        return "image/webp"
    return next((kind for start, kind in _FIRST_BYTES.items() if data.startswith(start)), None)
