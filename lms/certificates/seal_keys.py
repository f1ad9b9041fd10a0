"""The keys of the seal: where they lie, how they are made, and how one follows another.

`private/` holds the two private keys and is read by nobody but the sealing code and the operator's verbs;
`public/` holds certificates. The web process needs neither: what it verifies with are rows of `certificate_seal`.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from lms.certificates.policy.seals import BACKDATED, KEY_BITS, REHEARSED, ROOT_LIFE, SIGNING_LIFE, SealFacts
from lms.certificates.seal_public import public_part
from lms.core.settings import Settings

_LONGEST_NAME = 64
"""So many bytes every reader of certificates takes in a name (X.520 counts characters)."""


class SealKeysExist(RuntimeError):
    """There are keys already; making others would orphan them."""


class NoSealKeys(RuntimeError):
    """There are no keys, or not the one that is asked for; the message says which file."""


@dataclass(frozen=True, slots=True)
class SealFolder:
    """Where the parts of the embedded seal lie."""

    root: Path

    @property
    def signing(self) -> Path:
        """The signing key, its certificate and the root's, in one file that is replaced as one."""
        return self.root / "private" / "signing.pem"

    @property
    def root_key(self) -> Path:
        """The key of the own authority; needed for a rotation alone and best kept elsewhere until then."""
        return self.root / "private" / "root-key.pem"

    @property
    def root_certificate(self) -> Path:
        """The certificate that others may trust."""
        return self.root / "public" / "root.pem"

    def certificate(self, seal_id: str) -> Path:
        """The certificate of one signing key, the present one or an old one."""
        return self.root / "public" / "certificates" / f"{seal_id}.pem"

    def certificates(self) -> list[Path]:
        """Return the files of all signing certificates there ever were."""
        return sorted((self.root / "public" / "certificates").glob("*.pem"))


def make(folder: SealFolder, organisation: str, now: datetime, bits: int = KEY_BITS) -> SealFacts:
    """Make an own authority and the first signing key; everything appears at once or not at all.

    Raises SealKeysExist when there are some.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise SealKeysExist(f"{folder.root} holds keys already")
    folder.root.parent.mkdir(parents=True, exist_ok=True)
    aside = SealFolder(Path(tempfile.mkdtemp(prefix=".seal-", dir=folder.root.parent)))  # of mode 0700
    try:
        root_key = rsa.generate_private_key(65537, bits)
        root = _authority(root_key, organisation, now)
        _write(aside.root_key, _private(root_key))
        _write(aside.root_certificate, root.public_bytes(Encoding.PEM))
        made = _new_signing_key(aside, root_key, root, now, bits)
        aside.root.rename(folder.root)
    except OSError as error:
        shutil.rmtree(aside.root, ignore_errors=True)
        if folder.root.exists() and any(folder.root.iterdir()):
            raise SealKeysExist(f"{folder.root} holds keys already") from error
        raise
    _sync(folder.root.parent)
    return made


def make_if_missing(settings: Settings, now: datetime) -> bool:
    """Make the embedded seal's keys unless there are some or somebody else signs; tell whether any were made."""
    folder = SealFolder(settings.effective_seal_dir)
    if settings.seal_command or folder.root.exists():
        return False
    try:
        make(folder, settings.organisation_name, now if settings.env == "production" else now - REHEARSED)
    except SealKeysExist:
        return False
    return True


def rotate(folder: SealFolder, now: datetime, bits: int = KEY_BITS) -> SealFacts:
    """Make a new signing key and destroy the old private one; its certificate stays. Raises NoSealKeys."""
    try:
        root_key = load_pem_private_key(folder.root_key.read_bytes(), None)
        (root,) = x509.load_pem_x509_certificates(folder.root_certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise NoSealKeys(f"{folder.root_key} or {folder.root_certificate} cannot be read") from error
    if not isinstance(root_key, rsa.RSAPrivateKey):
        raise NoSealKeys(f"{folder.root_key} is no RSA key")
    with folder.signing.open("r+b") as old:
        made = _new_signing_key(folder, root_key, root, now, bits)
        # The new file stands in its place by now; this is the old one's last name.
        length = os.fstat(old.fileno()).st_size
        old.write(b"\0" * length)
        old.flush()
        os.fsync(old.fileno())
    return made


def read_chain(file: Path) -> list[x509.Certificate]:
    """Read certificates from a PEM file. Raises NoSealKeys."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise NoSealKeys(f"{file} cannot be read") from error


def _new_signing_key(
    folder: SealFolder, root_key: rsa.RSAPrivateKey, root: x509.Certificate, now: datetime, bits: int
) -> SealFacts:
    key = rsa.generate_private_key(65537, bits)
    certificate = _signing_certificate(key, root_key, root, now)
    facts = public_part([certificate, root])
    # The certificate first: a key whose certificate is lost could seal what nobody can check.
    _write(folder.certificate(facts.id), facts.chain.encode())
    _write(folder.signing, _private(key) + facts.chain.encode())
    return facts


def _authority(key: rsa.RSAPrivateKey, organisation: str, now: datetime) -> x509.Certificate:
    name = _name(organisation, "签章根证书")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return (
        _builder(name, name, key, key.public_key(), now)
        .not_valid_after(now + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _signing_certificate(
    key: rsa.RSAPrivateKey, root_key: rsa.RSAPrivateKey, root: x509.Certificate, now: datetime
) -> x509.Certificate:
    (organisation,) = root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    name = _name(str(organisation.value), f"电子签章 {now:%Y%m%d}")
    return (
        _builder(name, root.subject, key, root_key.public_key(), now)
        .not_valid_after(min(now + SIGNING_LIFE, root.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, authority: CertificateIssuerPublicKeyTypes,
    now: datetime,
) -> x509.CertificateBuilder:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
    )


def _usage(**uses: bool) -> x509.KeyUsage:
    kinds = (
        *(
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
        ),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{kind: uses.get(kind, False) for kind in kinds})


def _name(organisation: str, what: str) -> x509.Name:
    room = _LONGEST_NAME - len(what.encode()) - 1
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _cut(organisation, _LONGEST_NAME)),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{_cut(organisation, room)} {what}"),
        ]
    )


def _cut(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(file: Path, data: bytes) -> None:
    """Put a file of mode 0600 into place by one rename, and onto the disk."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")  # of mode 0600
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
