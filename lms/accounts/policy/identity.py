"""Who somebody is: name, ID number, mobile number and portrait."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason

PHOTO_MAX_BYTES = 3 * 1024 * 1024  # A7, H3
PHOTO_MAX_PIXELS = 3_000_000  # A7, H3: scaled down above this
PHOTO_MIN_SIDE = 120
PHOTO_RULE = N_(
    "照片为 JPG 或 PNG 格式的近期免冠照片，竖幅，宽和高都不少于 %(side)s 像素，不超过 3 MB（超过 300 万像素会自动缩小）"
)
MALE, FEMALE = N_("男"), N_("女")

# Only the ten digits of ASCII: `\d` would also take those of other scripts, and one person would have two numbers.
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
MOBILE_LENGTH = 11
_DIGITS = re.compile(r"[0-9]*")
_BETWEEN_DIGITS = re.compile(
    r"[\s\u002d\u2010-\u2015\u2212]"
)  # spaces, hyphens and what word processors make of them
MIN_NAME_LETTERS = 2
_LETTERS = frozenset(
    {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"}
)  # Nl: the zero that some families bear in their names
# Planes 2 and 3 of Unicode hold nothing but ideographs; the interpreter's tables are older than the newest of them.
_IDEOGRAPHIC_PLANES = range(0x20000, 0x3FFFE)
_NAME_JOINTS = frozenset(
    "\u00b7\u2022\u30fb\u2027.'\u2019- "
)  # the dots and dashes that keyboards write between parts
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ID_NUMBER_LENGTH = 18
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
# Province prefixes of GB/T 2260, 81-83 for residence permits of Hong Kong, Macao and Taiwan. The
# district behind it is not checked: abolished codes stay valid (domain.md 2).
_ID_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)


@dataclass(frozen=True, slots=True)
class ResidentId:
    """What a valid ID number says: birth date and sex (GB 11643)."""

    number: str
    birth_date: date
    sex: str


def normalise_id_number(text: str) -> str:
    """Fold full-width characters and spaces away and write the check character in upper case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def read_resident_id(text: str, today: date) -> ResidentId | Reason:
    """Read an 18-character resident ID number (GB 11643), or say which part is wrong.

    Own code, as the well-known library refuses residence permits and numbers given after a
    boundary change, and fails on two district codes (docs/decisions/0006).
    """
    number = normalise_id_number(text)
    if len(number) != ID_NUMBER_LENGTH:
        return _id_fault("length", NN_("您填写了 %(length)s 位", "length"), length=len(number))
    if not _ID_NUMBER.fullmatch(number):
        return _id_fault("characters", N_("前 17 位应为数字，最后一位为数字或 X"))
    if number[:2] not in _ID_PROVINCES:
        return _id_fault("region", N_("前两位 %(prefix)s 不是省级代码"), prefix=number[:2])
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return _id_fault("birth", N_("第 7 至 14 位 %(digits)s 不是真实的日期"), digits=number[6:14])
    if birth > today:
        return _id_fault("birth", N_("出生日期 %(digits)s 晚于今天"), digits=number[6:14])
    if number[17] != id_check_character(number[:17]):
        return _id_fault("checksum", N_("最后一位校验码对不上，可能有一位输错"))
    return ResidentId(number, birth, MALE if int(number[16]) % 2 else FEMALE)


def id_check_character(body: str) -> str:
    """Return the check character of GB 11643 for the first 17 digits of an ID number."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11]


def _id_fault(part: str, now: str, **params: str | int) -> Reason:
    return Reason(
        code=f"id_number.{part}", rule=N_("身份证号码为 18 位，须符合国家标准 GB 11643"), now=now,
        way_out=N_("请对照身份证逐位核对后重新填写"), source="A4", params=params, field_name="id_number",
    )  # fmt: skip


def plain_mobile(text: str) -> str:
    """Write a mobile number as it is kept: digits of other widths folded, spaces, hyphens and +86 dropped."""
    return _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")


def is_mobile(text: str) -> bool:
    """Tell whether a text is a mainland mobile number as it is kept."""
    return _MOBILE.fullmatch(text) is not None


def mobile_reasons(mobile: str) -> list[Reason]:
    """Say why a mobile number cannot be used (mainland numbers, 11 digits)."""
    if is_mobile(mobile):
        return []
    now: str = NN_("您填写了 %(length)s 位", "length")
    if not _DIGITS.fullmatch(mobile):
        now = N_("里面有数字以外的字符")
    elif len(mobile) == MOBILE_LENGTH:
        now = N_("您填写的号码以 %(start)s 开头")
    return [
        Reason(
            code="mobile.format", rule=N_("手机号码为 11 位数字，以 13 至 19 开头"), now=now,
            way_out=N_("请填写能接收通知的手机号码"),
            params={"length": len(mobile), "start": mobile[:2]}, field_name="mobile",
        )
    ]  # fmt: skip


def name_reasons(name: str) -> list[Reason]:
    """Say why a text cannot be a person's name: letters of any script, at least two, and what joins them."""
    plain = name.strip()
    letters = [
        one for one in plain if unicodedata.category(one) in _LETTERS or ord(one) in _IDEOGRAPHIC_PLANES
    ]
    if len(letters) >= MIN_NAME_LETTERS and all(one in _NAME_JOINTS or one in letters for one in plain):
        return []
    return [
        Reason(
            code="name.format", rule=N_("姓名为两个字以上，只含文字和间隔号"), now=N_("您填写了“%(name)s”"),
            way_out=N_("请按身份证上的姓名填写"), params={"name": plain}, source="A4", field_name="name",
        )
    ]  # fmt: skip


def rare_name_notice(signs: str) -> Reason:
    """Say that a name is kept as it is, and that printing waits for a font that draws these characters (F6)."""
    return Reason(
        "name.glyphs", N_("证书按身份证上的字打印，生僻字也不用别的字代替"),
        now=N_("证书字库现在还没有“%(signs)s”（%(points)s），姓名照常保存"),
        way_out=N_("系统管理员补充字库后自动打印，编号照常保留，您不需要办理"), source="F6",
        params={"signs": signs, "points": " ".join(f"U+{ord(sign):04X}" for sign in signs)}, field_name="name",
    )  # fmt: skip


class IdentityLock(StrEnum):
    """Whether name, ID number and portrait may be changed by their owner."""

    OPEN = "open"
    LOCKED = "locked"
    """An application under review or in force rests on them: what was reviewed is what gets certified (A12, C1)."""
    CORRECTING = "correcting"
    """An administrator has allowed one correction; saving it locks again."""


def correction_reasons(lock: IdentityLock | None, *, is_oneself: bool = False) -> list[Reason]:
    """Say why no correction of an identity can be allowed now; `lock` is None when no profile was filled in."""
    if is_oneself:
        return [
            Reason(
                "identity.own", N_("自己的身份信息由别人核对"), now=N_("这是您自己的账号"),
                way_out=N_("请另一位系统管理员办理"), source="A12",
            )
        ]  # fmt: skip
    if lock is IdentityLock.LOCKED:
        return []
    if lock is IdentityLock.CORRECTING:
        now, way_out = N_("已经允许更正一次，本人还没有保存"), N_("请本人到“个人信息”修改并保存")
    else:
        now, way_out = N_("这个人现在可以自行修改"), N_("请本人到“个人信息”修改")
    return [
        Reason(
            "identity.not_locked",
            N_("只有已锁定的身份信息需要允许更正"),
            now=now,
            way_out=way_out,
            source="A12",
        )
    ]


def identity_reasons(lock: IdentityLock, changed: Collection[str]) -> list[Reason]:
    """Say why parts of an identity (`name`, `id_number`, `photo`: names of fields) cannot be changed now."""
    if lock is not IdentityLock.LOCKED:
        return []
    return [
        Reason(
            code="identity.locked",
            rule=N_("报名提交后，姓名、证件号码和照片以审核时的为准，不能自行更改"),
            now=N_("您有已提交或已通过的报名"),
            way_out=N_("还没有审核的可以先撤回报名；确实有误的，请联系省中心核实后更正"),
            source="A12",
            field_name=name,
        )
        for name in changed
    ]
