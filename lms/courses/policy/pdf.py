"""Looking into a PDF for what no handout needs: scripts, programs, attached files, forms that send.

It is no reader of PDF: it looks through the objects, also the packed ones, for names of something that acts. Names
may be written with escapes, so they are spelled out first. What is drawn (the contents of streams) is skipped. Its
work is bounded: it goes forward only, and little is unpacked.
Objects and names: ISO 32000-1, sections 7.3.5 and 7.5.7.
"""

import re
import zlib
from enum import StrEnum

MAX_UNPACKED_BYTES = 16 << 20
_STREAM = re.compile(rb"stream\r?\n")
_END = b"endstream"
_NAMES = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|Rendition|Movie|Sound|Encrypt)"
    rb"(?![^\x00\t\n\f\r ()<>\[\]{}/%])"
)
_LOCK = b"Encrypt"
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_DICTIONARY_BYTES = 1024
"""So far before its stream the dictionary of packed objects begins, at most."""


class PdfTrouble(StrEnum):
    """Why a file is no handout."""

    NO_PDF = "no_pdf"
    LOCKED = "locked"
    ACTIVE = "active"


def pdf_trouble(data: bytes) -> PdfTrouble | None:
    """Say why a file is no plain PDF, or None."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
        return PdfTrouble.NO_PDF
    names: set[bytes] = set()
    room, end = MAX_UNPACKED_BYTES, 0
    while (begin := _STREAM.search(data, end)) and (close := data.find(_END, begin.end())) >= 0:
        outside = data[end : begin.start()]
        names |= _names(outside)
        end = close + len(_END)
        if b"/ObjStm" in outside[-_DICTIONARY_BYTES:]:
            objects = _unpacked(data[begin.end() : close], room)
            if objects is None:
                return PdfTrouble.LOCKED
            room -= len(objects)
            names |= _names(objects)
    names |= _names(data[end:])
    if _LOCK in names:
        return PdfTrouble.LOCKED
    return PdfTrouble.ACTIVE if names else None


def _names(objects: bytes) -> set[bytes]:
    return set(_NAMES.findall(_ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), objects)))


def _unpacked(body: bytes, room: int) -> bytes | None:
    """Return packed objects as they are meant, or None when they cannot be looked into."""
    reader = zlib.decompressobj()
    try:
        objects = reader.decompress(body, room + 1)
    except zlib.error:
        return None
    return objects if len(objects) <= room else None
