"""What a file that a stranger hands in shows of our certificates.

Whether a file is genuine is a question of its hash alone. What is read here only tells how a file that is not may have
come about, so no PDF reader takes part: strangers' files are searched for a few marks, within fixed bounds of size,
number and time, and whatever cannot be read is left out.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from asn1crypto import cms
from cryptography import x509

from lms.certificates.numbers import CertificateNumber
from lms.certificates.seal_public import is_signed_by, public_part
from lms.core.identifiers import ID_LENGTH

LARGEST_FILE = 2_000_000
"""Bytes of a file that is looked at; a certificate of ours has 60,000."""
HEAD_BYTES = 1024
"""So far from the start readers look for the mark of a PDF."""
_SIGNATURES_MOST = 8
_ENDS_MOST = 16
_CODES_MOST = 8
_STREAMS_MOST = 200
_STREAM_BYTES = 64 * 1024
_ALL_STREAM_BYTES = 4 * 1024 * 1024
_SIGNATURE_BYTES = 64 * 1024
_CERTIFICATES_MOST = 12

_RANGE = re.compile(rb"/ByteRange\s{0,8}\[\s{0,8}(\d{1,8})\s{1,8}(\d{1,8})\s{1,8}(\d{1,8})\s{1,8}(\d{1,8})")
_CONTENTS = re.compile(rb"/Contents\s{0,8}<([0-9A-Fa-f]{512,131072})>")
_END = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_STREAM = re.compile(rb"stream\r?\n")
_LETTER = rb"[0-9a-hjkmnp-tv-z]"
_CODE = re.compile(
    rb"(?:/|\\057)verify(?:/|\\057)(" + _LETTER + rb"{16})(?![0-9a-z])"
    rb"|(?<![0-9a-z-])(" + _LETTER + rb"{4}(?:-" + _LETTER + rb"{4}){3})(?![0-9a-z-])"
)
_NUMBER = re.compile(rb"(?<![0-9])([0-9]{14,15})(?![0-9])")


@dataclass(frozen=True, slots=True)
class SignatureTrace:
    """One signature found in a file."""

    seal_id: str
    """SHA-256 of the certificate it names as its signer's; empty when it cannot be read."""
    signer: str
    """The subject of that certificate."""
    is_intact: bool
    """Whether what it covers is what was signed, by the key of that certificate."""
    end: int
    """Where the signed version of the file ends."""


@dataclass(frozen=True, slots=True)
class FileTraces:
    """Everything that is known of a file without asking the register."""

    sha256: str
    size: int
    signatures: tuple[SignatureTrace, ...]
    codes: tuple[str, ...]
    """What looks like verification codes, in the stored form."""
    has_number: bool
    """Whether something in it reads like one of our certificate numbers."""
    earlier: tuple[tuple[int, str], ...]
    """Length and SHA-256 of what the file may have been before something was appended."""


def is_pdf(data: bytes) -> bool:
    """Tell whether a file calls itself a PDF."""
    return b"%PDF-" in data[:HEAD_BYTES]


def look_at(data: bytes) -> FileTraces:
    """Look for our marks in a file of at most LARGEST_FILE bytes; never raises, whatever the file holds."""
    signatures = tuple(_signatures(data))
    texts = list(_texts(data))
    ends = {trace.end for trace in signatures} | {found.end() for found in _bounded(_END, data, _ENDS_MOST)}
    return FileTraces(
        sha256=hashlib.sha256(data).hexdigest(), size=len(data), signatures=signatures, codes=_codes(texts),
        has_number=any(_has_number(text) for text in texts),
        earlier=tuple(
            (end, hashlib.sha256(data[:end]).hexdigest())
            for end in sorted(ends, reverse=True)[:_ENDS_MOST]
            if 0 < end < len(data)
        ),
    )  # fmt: skip


def _bounded(wanted: re.Pattern[bytes], text: bytes, most: int) -> Iterator[re.Match[bytes]]:
    for count, found in enumerate(wanted.finditer(text)):
        if count == most:
            return
        yield found


def _texts(data: bytes) -> Iterator[bytes]:
    """Yield the file as it is, without the zero bytes of wide characters, and what its streams hold."""
    yield data
    if b"\0" in data:
        yield data.replace(b"\0", b"")
    left = _ALL_STREAM_BYTES
    for found in _bounded(_STREAM, data, _STREAMS_MOST):
        if left <= 0:
            return
        unpacking = zlib.decompressobj()
        try:
            text = unpacking.decompress(
                data[found.end() : found.end() + _STREAM_BYTES], min(_STREAM_BYTES, left)
            )
        except zlib.error:
            continue
        left -= len(text)
        yield text


def _codes(texts: list[bytes]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        for match in _bounded(_CODE, text, _CODES_MOST):
            code = (match[1] or match[2]).decode().replace("-", "")
            if len(code) == ID_LENGTH:
                found.setdefault(code)
    return tuple(found)[:_CODES_MOST]


def _has_number(text: bytes) -> bool:
    found = (match[1].decode() for match in _bounded(_NUMBER, text, _STREAMS_MOST))
    return any(CertificateNumber.parse(number) is not None for number in found)


def _signatures(data: bytes) -> Iterator[SignatureTrace]:
    # A program that saved the file anew has moved the signature away from where its range says it is.
    elsewhere = [match[1] for match in _bounded(_CONTENTS, data, _SIGNATURES_MOST)]
    for place, found in enumerate(_bounded(_RANGE, data, _SIGNATURES_MOST)):
        first, length, second, rest = (int(number) for number in found.groups())
        end = min(second + rest, len(data))
        gap = data[first + length : second]
        is_whole = first == 0 and length < second and second + rest == end and gap[:1] + gap[-1:] == b"<>"
        digits = gap[1:-1] if is_whole else elsewhere[place] if place < len(elsewhere) else b""
        signed = data[:length] + data[second:end] if is_whole else None
        try:
            yield _read(digits, signed, end)
        except Exception:  # noqa: BLE001 - the reader of ASN.1 raises many kinds, and a stranger chose what it reads
            yield SignatureTrace("", "", is_intact=False, end=end)


def _read(digits: bytes, signed: bytes | None, end: int) -> SignatureTrace:
    """Read one signature; `signed` is what it covers, None when that cannot be told."""
    if not 0 < len(digits) <= 2 * _SIGNATURE_BYTES:
        return SignatureTrace("", "", is_intact=False, end=end)
    content = cms.ContentInfo.load(bytes.fromhex(digits.decode("ascii")))["content"]
    info = content["signer_infos"][0]
    wanted = info["sid"].chosen["serial_number"].native
    certificates = [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in list(content["certificates"])[:_CERTIFICATES_MOST]
    ]
    signer = next(one for one in certificates if one.serial_number == wanted)
    attributes = info["signed_attrs"]
    digest = next(one["values"][0].native for one in attributes if one["type"].native == "message_digest")
    is_intact = (
        signed is not None
        and digest == hashlib.sha256(signed).digest()
        and is_signed_by(signer, info["signature"].native, attributes.untag().dump(force=True))
    )
    return SignatureTrace(
        public_part([signer]).id, signer.subject.rfc4514_string(), is_intact=is_intact, end=end
    )
