"""A certificate's file as somebody reads it who has only the PDF in hand: its text, and the code to scan."""

import io
import re

import pypdf
import pypdfium2
import zxingcpp


def text_of(pdf: bytes) -> str:
    """Return the words on all pages without any spaces, since a PDF has none that count."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def code_on(pdf: bytes) -> str:
    """Scan the first page as a camera would and return what its only code says."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=3).to_pil()
    finally:
        document.close()
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, found
    return str(found[0].text)
