"""Addresses of videos: signed for one sign-in and a while, so that a copied one opens nothing for anybody else."""

from datetime import datetime

from lms.core.clock import to_ms
from lms.core.errors import N_, Reason, Refusal
from lms.core.vault import Vault

PURPOSE = "media"
PERIOD_SECONDS = 6 * 3600
PERIODS_AHEAD = 3
"""An address holds for 12 to 18 hours: the longest lesson with all pauses, and the same one all morning."""

KINDS = ("video", "low", "poster", "captions")


class AddressExpired(Refusal):
    """The address of a video is too old, was made for another sign-in, or was made up."""

    code = "media_address"
    status = 400
    title = N_("视频地址已失效")

    def __init__(self) -> None:
        super().__init__(
            Reason(
                "media.address", N_("视频地址只在本次登录中有效，一段时间后失效"),
                way_out=N_("请刷新学习页面，从上次的地方继续"),
            )
        )  # fmt: skip


def sign_address(
    vault: Vault, lesson_id: str, what: str, login_session_id: str, now: datetime
) -> tuple[int, str]:
    """Return what an address carries beside the lesson and the kind: until when it holds, and the mark over all."""
    until = (to_ms(now) // 1000 // PERIOD_SECONDS + PERIODS_AHEAD) * PERIOD_SECONDS
    return until, vault.sign(PURPOSE, lesson_id, what, login_session_id, until)


def check_address(
    vault: Vault, lesson_id: str, what: str, login_session_id: str, until: str, key: str, now: datetime
) -> None:
    """Raise AddressExpired unless the mark belongs to this lesson, kind, sign-in and time."""
    if not (until.isascii() and until.isdecimal() and len(until) <= 12):  # noqa: PLR2004 - longer is no second of any year
        raise AddressExpired
    if not vault.is_signed(key, PURPOSE, lesson_id, what, login_session_id, int(until)):
        raise AddressExpired
    if to_ms(now) >= int(until) * 1000:
        raise AddressExpired
