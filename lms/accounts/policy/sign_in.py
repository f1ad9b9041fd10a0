"""Signing in: names, passwords, sessions, and the way back in."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from lms.accounts.policy.identity import is_mobile, plain_mobile
from lms.core.errors import N_, NN_, Reason

MIN_PASSWORD_LENGTH = 8  # ASVS 6.2.1
MAX_PASSWORD_LENGTH = 128
MIN_DIFFERENT = 3  # characters; `aaaaaaaa` and `abababab` are no passwords
IDLE_LIMIT = timedelta(
    minutes=30
)  # fault H3; a running exam or study session keeps it alive by its own calls
ABSOLUTE_LIMIT = timedelta(hours=12)
RECOVERY_LIFETIME = timedelta(minutes=30)
HANDED_RECOVERY_LIFETIME = timedelta(hours=24)
MAX_REASON_LENGTH = 200
NEW_ACCOUNT = N_("开通账号")
"""The reason on record when a link is handed over with a new account."""
COMMON_PASSWORDS = frozenset(
    {"password", "12345678", "123456789", "1234567890", "11111111", "88888888", "00000000", "qwertyui",
     "abc12345", "a1234567", "password1", "iloveyou", "admin123", "1qaz2wsx", "woaini1314", "asdfghjk"}
)  # fmt: skip


class Language(StrEnum):
    """The languages of the site."""

    CHINESE = "zh"
    ENGLISH = "en"


class PersonState(StrEnum):
    """Whether a person may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def plain_login_name(text: str) -> str:
    """Write a login name as it is kept: a mobile number plainly, any other name in lower case."""
    mobile = plain_mobile(text)
    return mobile if is_mobile(mobile) else text.strip().lower()


def masked_login_name(login_name: str) -> str:
    """Write a login name for other eyes: the middle of a number hidden, a given name as it is."""
    return f"{login_name[:3]}****{login_name[-4:]}" if login_name.isdigit() else login_name


def login_name_reasons(name: str) -> list[Reason]:
    """Say why a login name for staff cannot be used."""
    if _LOGIN_NAME.fullmatch(name):
        return []
    return [
        Reason(
            code="login_name.format", rule=N_("登录名为 3 至 40 个小写字母、数字或 . _ -"),
            way_out=N_("请换一个登录名"), field_name="login_name",
        )
    ]  # fmt: skip


def password_reasons(password: str, known: Sequence[str] = ()) -> list[Reason]:
    """Say why a password cannot be used: length and well-known words, no composition rules (ASVS 6.2)."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        return [
            Reason(
                code="password.length", rule=N_("密码为 %(low)s 至 %(high)s 个字符"),
                now=NN_("您填写了 %(length)s 个字符", "length"), way_out=N_("可以用一句容易记住的话"),
                params={"low": MIN_PASSWORD_LENGTH, "high": MAX_PASSWORD_LENGTH, "length": len(password)},
                source="ASVS 6.2.1", field_name="password",
            )
        ]  # fmt: skip
    folded = password.casefold()
    if (
        folded in COMMON_PASSWORDS
        or len(set(folded)) < MIN_DIFFERENT
        or folded in {word.casefold() for word in known if word}
    ):
        return [
            Reason(
                code="password.common", rule=N_("密码不能是常见密码，也不能和登录名或手机号相同"),
                way_out=N_("请换一个别人猜不到的密码"), source="ASVS 6.2.4", field_name="password",
            )
        ]  # fmt: skip
    return []


def handing_reasons(*, is_oneself: bool, is_active: bool) -> list[Reason]:
    """Say why a one-time link may not be handed over, whatever the scope."""
    if is_oneself:
        return [
            Reason(
                "recovery.self",
                N_("不能给自己生成链接"),
                way_out=N_("请到“登录与密码”修改自己的密码"),
                source="MLPS .2",
            )
        ]
    if not is_active:
        return [Reason("recovery.disabled", N_("停用的账号不能登录"), N_("账号已停用"), N_("请先恢复账号"))]
    return []


def reason_reasons(reason: str) -> list[Reason]:
    """Say why a written reason is none."""
    if 0 < len(reason.strip()) <= MAX_REASON_LENGTH:
        return []
    return [
        Reason(
            "reason.length", N_("原因写进审计记录，最多 %(most)s 个字"), way_out=N_("请写明怎样核对了身份"),
            params={"most": MAX_REASON_LENGTH}, field_name="reason",
        )
    ]  # fmt: skip


def purpose_reasons(purpose: str) -> list[Reason]:
    """Say why a written purpose is none."""
    if 0 < len(purpose.strip()) <= MAX_REASON_LENGTH:
        return []
    return [
        Reason(
            "purpose.length", N_("用途写进审计记录，最多 %(most)s 个字"), way_out=N_("请写明为什么要看"),
            params={"most": MAX_REASON_LENGTH}, field_name="purpose",
        )
    ]  # fmt: skip


def why_signed_out(
    created_at: datetime, seen_at: datetime, revoked_at: datetime | None, now: datetime
) -> str:
    """Say why a login session ended by itself; empty when it goes on, or when somebody ended it."""
    if revoked_at is not None:
        return ""
    if now - created_at >= ABSOLUTE_LIMIT:
        return N_("登录满 12 小时会自动退出，请重新登录")
    return N_("您已较长时间没有操作，请重新登录") if now - seen_at >= IDLE_LIMIT else ""


def session_is_live(
    created_at: datetime, seen_at: datetime, revoked_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a login session still counts: not revoked, not idle, not too old (fault H3)."""
    return revoked_at is None and now - seen_at < IDLE_LIMIT and now - created_at < ABSOLUTE_LIMIT
