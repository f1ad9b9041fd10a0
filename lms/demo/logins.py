"""Who can sign in to the demo, as a table for a terminal."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lms.accounts.policy import ROLE_NAMES
from lms.demo.people import NAMED, STAFF, Member

DEMO_PASSWORD = "kaoping-2026"  # noqa: S105 - printed on purpose; the demo never loads in production
_GAP = 3


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One line of the list: what the login shows (a trainee's stage or a role), the login name, the name."""

    shows: str
    login_name: str
    name: str
    is_staff: bool = False


def logins() -> list[DemoLogin]:
    """Return every printed login: trainees in the order of the road, then staff by role."""
    return [
        *(DemoLogin(one.stage, one.mobile, one.name) for one in NAMED),
        *(DemoLogin(_role(one), one.login_name, one.name, is_staff=True) for one in STAFF),
    ]


def _role(member: Member) -> str:
    place = f"（{member.place}）" if member.place else ""
    return f"{ROLE_NAMES[member.role]}{place} / {member.role.value.replace('_', ' ')}"


def login_table(shown: Iterable[DemoLogin]) -> str:
    """Return the logins as aligned columns with the password once; full-width characters count as two."""
    wanted = list(shown)
    heads = (("考生 trainees", "登录 login", "姓名 name"), ("工作人员 staff", "登录 login", "姓名 name"))
    parts = [
        [head, *((one.shows, one.login_name, one.name) for one in wanted if one.is_staff is staff)]
        for head, staff in zip(heads, (False, True), strict=True)
    ]
    widths = [max(_width(row[column]) for part in parts for row in part) for column in range(2)]
    lines = [f"演示账号 demo logins，密码 password：{DEMO_PASSWORD}"]
    for part in parts:
        lines.append("")
        lines += ["  " + _padded(row, widths) for row in part]
    return "\n".join(lines)


def _padded(row: tuple[str, str, str], widths: list[int]) -> str:
    cells = [
        text + " " * (width - _width(text) + _GAP) for text, width in zip(row, [*widths, 0], strict=True)
    ]
    return "".join(cells).rstrip()


def _width(text: str) -> int:
    """How many columns a terminal gives to a text."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
