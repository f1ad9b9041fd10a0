"""What is done with the public part of a seal: describing it, and checking what its key has signed."""

import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from lms.certificates.policy.seals import SealFacts


def public_part(chain: list[x509.Certificate]) -> SealFacts:
    """Describe a signing certificate that stands first in its chain."""
    signing = chain[0]
    return SealFacts(
        id=hashlib.sha256(signing.public_bytes(Encoding.DER)).hexdigest(),
        chain="".join(one.public_bytes(Encoding.PEM).decode() for one in chain),
        subject=signing.subject.rfc4514_string(),
        valid_from=signing.not_valid_before_utc, valid_until=signing.not_valid_after_utc,
    )  # fmt: skip


def is_signed_by(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    """Tell whether a raw signature (SHA-256 with RSA PKCS#1 or ECDSA) over data was made by a certificate's key."""
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
