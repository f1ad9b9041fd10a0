"""How often somebody may try in a while: signing in, changing the password, asking for a way back in (fault H1).

An account is closed early, whoever tries it. An address is closed far later, because a whole
classroom stands behind one; it stops whoever tries one password with many names. Asking for a
link has its own counts, so that it neither uses up the tries of the sign-in nor stands behind them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lms.core.errors import N_, Reason

_LOCAL = ZoneInfo("Asia/Shanghai")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` within `window`; `purpose` keeps the keys of one count apart from those of another."""

    purpose: str
    tries: int
    window: timedelta
    code: str
    rule: str
    way_out: str


SIGN_IN_OF_ACCOUNT = Limit(
    "failure.name", 10, timedelta(minutes=5), "sign_in.too_many",
    N_("一个账号 5 分钟内登录失败 %(tries)s 次后暂停登录"), N_("请在 %(opens)s 以后再试；忘记密码可以现在找回"),
)  # fmt: skip
SIGN_IN_OF_ADDRESS = Limit(
    "failure.address", 100, timedelta(minutes=5), "sign_in.too_many_here",
    N_("同一网络地址 5 分钟内登录失败 %(tries)s 次后暂停登录"), N_("请在 %(opens)s 以后再试，或换一个网络"),
)  # fmt: skip
PASSWORD_OF_SESSION = Limit(
    "change.person", 10, timedelta(minutes=5), "password.too_many",
    N_("现在的密码 5 分钟内填错 %(tries)s 次后暂停修改"), N_("请在 %(opens)s 以后再试；忘记了可以退出登录后找回"),
)  # fmt: skip
RECOVERY_OF_ACCOUNT = Limit(
    "recovery.name", 5, timedelta(minutes=30), "recovery.too_many",
    N_("一个账号 30 分钟内最多申请 %(tries)s 次重设链接"),
    N_("已经发出的链接 30 分钟内有效，请先查看邮箱；没有收到，请在 %(opens)s 以后再申请"),
)  # fmt: skip
RECOVERY_OF_ADDRESS = Limit(
    "recovery.address", 50, timedelta(minutes=30), "recovery.too_many_here",
    N_("同一网络地址 30 分钟内最多申请 %(tries)s 次重设链接"), N_("请在 %(opens)s 以后再申请，或换一个网络"),
)  # fmt: skip


def too_many(limit: Limit, tries: Sequence[datetime]) -> list[Reason]:
    """Say why the next try has to wait, and until when; `tries` are those of the window, newest first."""
    if len(tries) < limit.tries:
        return []
    opens = tries[limit.tries - 1] + limit.window
    return [
        Reason(
            code=limit.code, rule=limit.rule, way_out=limit.way_out, source="H1",
            params={"tries": limit.tries, "opens": _clock(opens)},
        )
    ]  # fmt: skip


def _clock(moment: datetime) -> str:
    """Write the minute by which a moment has passed, so that nobody comes seconds too early."""
    whole = moment.replace(second=0, microsecond=0)
    if whole < moment:
        whole += _MINUTE
    return whole.astimezone(_LOCAL).strftime("%H:%M")
