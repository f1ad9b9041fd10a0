"""The seal: a PAdES signature that certifies a printed certificate and allows no change to it.

The private key is read here and nowhere else, in the processes that do jobs. With `LMS_SEAL_COMMAND` there is none on
this machine: a program is handed the bytes to be signed and writes the raw signature, so that the key may stay in a
hardware module. pyHanko builds the signature; the same print, moment and RSA key give the same bytes.
"""

import asyncio
import io
import os
import shlex
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lms.certificates.errors import Unsealable
from lms.certificates.policy.seals import (
    FIELD_NAME,
    LARGEST_SIGNATURE,
    REASON,
    SIGNER_SECONDS,
    SealFacts,
    expiry_reasons,
    key_missing,
    sealing_moment,
    signer_failed,
)
from lms.certificates.seal_keys import NoSealKeys, SealFolder, read_chain
from lms.certificates.seal_public import is_signed_by, public_part
from lms.core.errors import require
from lms.core.settings import Settings

_DIGEST = "sha256"
_FRAME_BYTES = 1536
"""What a signature holds beside certificates, their issuer's name and the raw signature: attributes, algorithms."""

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file, and by what."""

    data: bytes
    by: SealFacts


@dataclass(frozen=True, slots=True)
class _Hand:
    """Who signs: the chain of certificates, and the act itself."""

    chain: list[x509.Certificate]
    sign: Sign
    read: list[asn1.Certificate]
    """The same chain as pyHanko reads it: to take a certificate apart and together again takes milliseconds."""
    facts: SealFacts

    @classmethod
    def of(cls, chain: list[x509.Certificate], sign: Sign) -> "_Hand":
        """Put together whose key signs."""
        read = [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain]
        return cls(chain, sign, read, public_part(chain))


def seal(
    settings: Settings, printed: bytes, *, numbered_at: datetime, now: datetime, place: str, leads_to: str
) -> Sealed:
    """Seal a printed certificate: certified, no change permitted, invisible on the page.

    `numbered_at` is the moment that the signature names (see `sealing_moment`), `place` and `leads_to` its location
    and the address where the certificate is checked. Raises Unsealable, and nothing is issued then.
    """
    hand = _hand(settings)
    require(expiry_reasons(hand.facts, now), Unsealable)
    moment = sealing_moment(numbered_at, hand.facts.valid_from)
    # pyHanko wants a loop of its own, and the caller's thread may have one that runs.
    with ThreadPoolExecutor(max_workers=1) as aside:
        done = aside.submit(lambda: asyncio.run(_sign(printed, hand, moment, place, leads_to))).result()
    return Sealed(done, hand.facts)


async def _sign(printed: bytes, hand: _Hand, moment: datetime, place: str, leads_to: str) -> bytes:
    writer = _Appender(io.BytesIO(printed))
    described = PdfSignatureMetadata(
        field_name=FIELD_NAME, md_algorithm=_DIGEST, reason=REASON, location=place, contact_info=leads_to,
        certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, subfilter=SigSeedSubFilter.PADES,
    )  # fmt: skip
    signer = _HandSigner(hand)
    session = PdfSigner(described, signer, new_field_spec=SigFieldSpec(FIELD_NAME)).init_signing_session(
        writer
    )
    session.system_time = moment
    ready = session.prepare_tbs_document(validation_info=None, bytes_reserved=_room_for(hand.chain))
    digest, output = ready.digest_tbs_document(output=io.BytesIO())
    await ready.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=moment),
    )
    return _content(output)


def _content(output: IO[bytes]) -> bytes:
    output.seek(0)
    return output.read()


def _room_for(chain: list[x509.Certificate]) -> int:
    """Return how many hexadecimal digits the signature gets: fixed for a chain, so that nothing moves."""
    size = sum(len(one.public_bytes(Encoding.DER)) for one in chain)
    names = 3 * len(chain[0].issuer.public_bytes())
    return 2 * (size + names + _FRAME_BYTES + _signature_size(chain[0]))


def _signature_size(certificate: x509.Certificate) -> int:
    key = certificate.public_key()
    return key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else 160


class _Appender(IncrementalPdfFileWriter):
    """Appends the seal and nothing else: the same print gives the same file, and its metadata stay what they were."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> ArrayObject:
        first = prev.trailer["/ID"][0]
        # The second part says which version this is; a random one would make each run another file.
        return ArrayObject(
            [ByteStringObject(first.original_bytes), ByteStringObject(first.original_bytes[::-1])]
        )

    def _update_meta(self) -> None:
        pass


class _HandSigner(Signer):
    """Leads pyHanko's signature to whoever signs."""

    def __init__(self, hand: _Hand) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # it takes nothing
        store.register_multiple(hand.read)
        super().__init__(signing_cert=hand.read[0], cert_registry=store)
        self._hand = hand

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the raw signature of the signed attributes."""
        if digest_algorithm != _DIGEST or dry_run:
            raise NotImplementedError("the size is known, and there is one digest")
        return self._hand.sign(data)


def _hand(settings: Settings) -> _Hand:
    try:
        if settings.seal_command:
            chain = read_chain(settings.seal_chain or Path())
            return _Hand.of(chain, lambda data: _ask(settings.seal_command, chain[0], data))
        file = SealFolder(settings.effective_seal_dir).signing
        stat = file.stat()
        # Read again when another file stands there: a worker lives longer than a key.
        return _own_hand(file, stat.st_ino, stat.st_mtime_ns)
    except (NoSealKeys, OSError, ValueError, TypeError) as error:
        raise Unsealable(key_missing()) from error


@lru_cache(maxsize=1)
def _own_hand(file: Path, _inode: int, _changed_ns: int) -> _Hand:
    data = file.read_bytes()
    # The file is our own, and the tests of an RSA key take longer than the signature.
    key = load_pem_private_key(data, None, unsafe_skip_rsa_key_validation=True)
    chain = x509.load_pem_x509_certificates(data)
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != chain[0].public_key():
        raise NoSealKeys(f"{file} holds a key and the certificate of another")
    return _Hand.of(chain, lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA256()))


def _ask(command: str, certificate: x509.Certificate, data: bytes) -> bytes:
    """Have the external program sign, and check what it says: a wrong key must not go into a document."""
    # It is somebody else's program: the keys of the site are none of its business.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    try:
        done = subprocess.run(
            shlex.split(command), input=data, capture_output=True, timeout=SIGNER_SECONDS, check=False,
            env=environment,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Unsealable(signer_failed(type(error).__name__)) from error
    if done.returncode != 0:
        raise Unsealable(signer_failed(f"status {done.returncode}"))
    if not 0 < len(done.stdout) <= LARGEST_SIGNATURE:
        raise Unsealable(signer_failed(f"{len(done.stdout)} bytes"))
    if not is_signed_by(certificate, done.stdout, data):
        raise Unsealable(signer_failed("the signature does not fit the certificate"))
    return done.stdout
