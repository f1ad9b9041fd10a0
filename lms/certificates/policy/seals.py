"""The rules of the seal: how long keys live, what the signature says, and why a certificate cannot be sealed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lms.core.errors import N_, Reason

ROOT_LIFE = timedelta(days=30 * 366)
SIGNING_LIFE = timedelta(days=12 * 366)
"""A document is checked for ten years after its issue; the two above are for using the key before it is rotated."""
BACKDATED = timedelta(days=1)
"""A reader's clock that is behind ours does not find a certificate that is not valid yet."""
REHEARSED = timedelta(days=5 * 366)
"""A site that is not in production may load the demo, whose graduates of past years are sealed as of their day."""
ROTATE_WITHIN = timedelta(days=366 * 10)
"""A signing certificate with less than this left no longer carries a new document through its ten years."""
KEY_BITS = 3072
FIELD_NAME = "Seal"
REASON = "签发电子证书，签发后不得改动"
"""What the signature says of itself; it is a part of the document and never translated."""
SIGNER_SECONDS = 30
"""So long an external signer may take."""
LARGEST_SIGNATURE = 4096
"""Bytes of a raw signature; RSA with 4096 bits has 512."""


@dataclass(frozen=True, slots=True)
class SealFacts:
    """The public part of one seal: a signing certificate with the chain that leads to its root."""

    id: str
    """SHA-256 of the signing certificate in hexadecimal."""
    chain: str
    """PEM, the signing certificate first."""
    subject: str
    valid_from: datetime
    valid_until: datetime


def sealing_moment(numbered_at: datetime, valid_from: datetime) -> datetime:
    """Return the moment a signature names: that of the number, so that a job done twice gives the same bytes.

    A number may have waited for a new key; the signature then names the first moment of the key.
    """
    return max(numbered_at.replace(microsecond=0), valid_from)


def expiry_reasons(seal: SealFacts, now: datetime) -> list[Reason]:
    """Say why a signing certificate cannot seal at a moment: it is not valid yet, or no more."""
    if seal.valid_from <= now < seal.valid_until:
        return []
    return [
        Reason(
            "seal.expired", N_("签章证书在有效期内才能盖章"),
            now=N_("签章证书的有效期是 %(first)s 至 %(last)s"),
            way_out=N_("请系统管理员运行 lms seal rotate 更换签章密钥，证书会自动补做，编号已保留"),
            params={"first": _day(seal.valid_from), "last": _day(seal.valid_until)},
        )
    ]  # fmt: skip


def key_missing() -> Reason:
    """Say that there is no key to seal with."""
    return Reason(
        "seal.key", N_("每张证书都要盖电子签章才能签发"), now=N_("服务器上没有可用的签章密钥"),
        way_out=N_("请系统管理员运行 lms seal init 或恢复签章密钥的备份，证书会自动补做，编号已保留"),
    )  # fmt: skip


def signer_failed(what: str) -> Reason:
    """Say that the external signer gave no valid signature; `what` is for the operator."""
    return Reason(
        "seal.signer", N_("每张证书都要盖电子签章才能签发"), now=N_("外部签章程序没有给出有效的签名：%(what)s"),
        way_out=N_("请系统管理员检查 LMS_SEAL_COMMAND 和密码机，证书会自动补做，编号已保留"),
        params={"what": what},
    )  # fmt: skip


def _day(instant: datetime) -> date:
    return instant.date()
