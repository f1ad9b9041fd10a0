"""Word documents written by python-docx, with what it has no verbs for put in as XML."""

import io
import struct
import zlib

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATHS = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def dot(shade: int = 0) -> bytes:
    """A sound PNG of one grey dot; another shade is another picture."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes([0, shade]))),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in [*chunks, (b"IEND", b"")]
    )


def saved(document: Document) -> bytes:
    """The bytes of a document."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def typed(*lines: str) -> bytes:
    """A document with one paragraph for each line."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def number_by_itself(document: Document, levels: str) -> None:
    """Let Word count: list 7 of the document, with levels given as XML."""
    part = document.part.numbering_part.element
    part.insert(
        0, parse_xml(f'<w:abstractNum xmlns:w="{WORD}" w:abstractNumId="77">{levels}</w:abstractNum>')
    )
    part.append(parse_xml(f'<w:num xmlns:w="{WORD}" w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def level(depth: int, form: str, text: str) -> str:
    """One level of a list."""
    return f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'


def counted(paragraph: Paragraph, depth: int) -> None:
    """Put a paragraph into that list."""
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr xmlns:w="{WORD}"><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>')
    )


def formula(paragraph: Paragraph, inner: str) -> None:
    """Put a formula of Word's own kind at the end of a paragraph."""
    paragraph._p.append(parse_xml(f'<m:oMath xmlns:m="{MATHS}">{inner}</m:oMath>'))
