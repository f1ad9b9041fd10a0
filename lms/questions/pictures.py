"""The pictures of an import: decoded and written anew before anybody sees them, kept with the wordings that show them.

What a file brings is never served. A picture is decoded by its bytes (an SVG is no picture here), turned upright,
scaled to what a page can use, and encoded again: what came along inside it, be it a place or a script, stays behind.
"""

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError
from sqlalchemy import insert, select

from lms.core.storage import Storage
from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import QuestionItem, QuestionPicture, QuestionVersion
from lms.questions.policy import picture_keys
from question_bank.importing import ImportReport, LocatedItem, PictureFile
from question_bank.items import fingerprint

SIDE_MAX = 1600
"""Longer than any screen of an exam room shows; more is scaled down."""
PIXELS_MAX = 24_000_000
"""As many as a usual camera has; unpacked they take a hundred megabytes of a worker."""
PIXELS_IN_ALL_MAX = 400_000_000
"""A file of few bytes may unpack to days of work: what comes after this many is left out."""
PNG_BYTES_MAX = 600 * 1024
"""A drawing is smaller as PNG; what is larger is a photograph and becomes a JPEG."""
JPEG_QUALITY = 85
_FORMATS = {
    "image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/bmp": "BMP", "image/webp": "WEBP",
}  # fmt: skip
_MARKS_PER_QUERY = 500
_WHITE = (255, 255, 255)
_SIXTEEN_TO_EIGHT = 1 / 256
Made = TypeVar("Made")


def with_fresh_pictures(report: ImportReport) -> ImportReport:
    """Return a report whose pictures are written anew, still by the keys the texts name; broken ones are left out.

    Decoding takes a while: call it outside any transaction.
    """
    fresh: dict[str, PictureFile] = {}
    left = PIXELS_IN_ALL_MAX
    for key, sent in report.pictures.items():
        pixels = _pixels(sent)
        # What turns out to be broken has cost its time as well.
        if 0 < pixels <= min(PIXELS_MAX, left):
            left -= pixels
            written = _attempted(_written_anew, sent)
            if written is not None:
                fresh[key] = written
    return replace(report, pictures=fresh)


@dataclass(frozen=True, slots=True)
class StoredPictures:
    """Pictures on disk: the columns of each by its key, and which wordings (by fingerprint) show which."""

    columns: Mapping[str, Mapping[str, str | int]]
    shown_by: Mapping[str, frozenset[str]]


def store_pictures(storage: Storage, report: ImportReport, located: Sequence[LocatedItem]) -> StoredPictures:
    """Put the pictures that the items to be accepted show on disk, before any row names them."""
    if not report.pictures:
        return StoredPictures({}, {})
    keys = [(entry.item, picture_keys(entry.item)) for entry in located]
    shown_by = {fingerprint(item): shown for item, shown in keys if shown}
    wanted = frozenset().union(*shown_by.values())
    return StoredPictures({key: _stored(storage, report.pictures[key]) for key in sorted(wanted)}, shown_by)


def tie_pictures(uow: UnitOfWork, batch_id: str, stored: StoredPictures) -> None:
    """Tie stored pictures to the wordings of an accepted import, in the transaction that brings these in."""
    marks = sorted(stored.shown_by)
    for start in range(0, len(marks), _MARKS_PER_QUERY):
        versions = uow.session.execute(
            select(QuestionVersion.id, QuestionVersion.fingerprint)
            .join(QuestionItem, QuestionItem.id == QuestionVersion.item_id)
            .where(
                QuestionVersion.fingerprint.in_(marks[start : start + _MARKS_PER_QUERY]),
                QuestionItem.import_batch_id == batch_id,
            )
        )
        rows = [
            {"version_id": version_id, "picture_key": key, **stored.columns[key]}
            for version_id, mark in versions
            for key in sorted(stored.shown_by[mark])
        ]
        if rows:
            uow.session.execute(insert(QuestionPicture), rows)


def _stored(storage: Storage, file: PictureFile) -> dict[str, str | int]:
    with Image.open(io.BytesIO(file.data)) as image:
        width, height = image.size
    return {
        "file_key": storage.put(file.data), "media_type": file.media_type, "width": width, "height": height,
    }  # fmt: skip


def _attempted(work: Callable[[PictureFile], Made], file: PictureFile) -> Made | None:
    """Do something with a picture; None when it is broken or not what it says."""
    # The PDF library, once imported, tells Pillow to show half a picture as if it were whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return work(file)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Warning,
        Image.DecompressionBombError,
    ):
        return None


def _pixels(file: PictureFile) -> int:
    """Return how many pixels a picture says it has; nothing is unpacked for it. Nought when it is none."""
    return _attempted(_said_pixels, file) or 0


def _said_pixels(file: PictureFile) -> int:
    with _opened(file) as image:
        return image.width * image.height


def _opened(file: PictureFile) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(file.data), formats=[_FORMATS[file.media_type]])


def _written_anew(file: PictureFile) -> PictureFile:
    with _opened(file) as image:
        image.load()
        return _fresh(ImageOps.exif_transpose(image), is_photograph=file.media_type == "image/jpeg")


def _fresh(upright: Image.Image, *, is_photograph: bool) -> PictureFile:
    if upright.mode.startswith("I"):
        # Sixteen shades of depth per sign would be cut off, not scaled, when they become eight.
        upright = upright.point(lambda shade: shade * _SIXTEEN_TO_EIGHT).convert("L")
    has_holes = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    image = upright.convert("RGBA" if has_holes else "RGB")
    image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    if not is_photograph:
        png = _encoded(image, "PNG", optimize=True)
        if len(png) <= PNG_BYTES_MAX:
            return PictureFile("image/png", png)
    ground = Image.new("RGB", image.size, _WHITE)
    ground.paste(image, mask=image if has_holes else None)
    return PictureFile("image/jpeg", _encoded(ground, "JPEG", quality=JPEG_QUALITY, optimize=True))


def _encoded(image: Image.Image, kind: str, **options: bool | int) -> bytes:
    # A new picture carries nothing over: no text, no place, no thumbnail.
    fresh = Image.new(image.mode, image.size)
    fresh.paste(image)
    out = io.BytesIO()
    fresh.save(out, kind, **options)
    return out.getvalue()
