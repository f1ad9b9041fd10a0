"""Looking into a PDF for what no handout needs: scripts, programs, attached files, forms that send.

It is no reader of PDF: it collects the names that stand in the objects, also in packed ones, and says whether one of
them belongs to something that acts. Names may be written with escapes, so they are spelled out first. What is drawn
(the contents of streams) is skipped. Its work is bounded: each byte is looked at once, and little is unpacked.
Objects and names: ISO 32000-1, sections 7.3.5 and 7.5.7.
"""

import re
import zlib
from enum import StrEnum

MAX_UNPACKED_BYTES = 16 << 20
ACTIVE_NAMES = {
    b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/EmbeddedFiles", b"/RichMedia", b"/XFA", b"/SubmitForm",
    b"/ImportData", b"/Rendition", b"/Movie", b"/Sound",
}  # fmt: skip
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]{1,127}")
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
    for stream in _STREAM.finditer(data):
        outside = data[end : stream.start()]
        names |= _names(outside)
        end = stream.end()
        if b"/ObjStm" in outside[-_DICTIONARY_BYTES:]:
            objects = _unpacked(stream[1], room)
            if objects is None:
                return PdfTrouble.LOCKED
            room -= len(objects)
            names |= _names(objects)
    names |= _names(data[end:])
    if b"/Encrypt" in names:
        return PdfTrouble.LOCKED
    return PdfTrouble.ACTIVE if names & ACTIVE_NAMES else None


def _names(objects: bytes) -> set[bytes]:
    return {_ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name) for name in _NAME.findall(objects)}


def _unpacked(body: bytes, room: int) -> bytes | None:
    """Return packed objects as they are meant, or None when they cannot be looked into."""
    reader = zlib.decompressobj()
    try:
        objects = reader.decompress(body, room + 1)
    except zlib.error:
        return None
    return objects if len(objects) <= room else None
