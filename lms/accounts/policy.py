"""The rules of accounts: roles, passwords, ID numbers, profiles and consents."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

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
PHOTO_MAX_BYTES = 3 * 1024 * 1024  # A7, H3
PHOTO_MAX_PIXELS = 3_000_000  # A7, H3: scaled down above this
PHOTO_MIN_SIDE = 120
PHOTO_RULE = N_(
    "照片为 JPG 或 PNG 格式的近期免冠照片，竖幅，宽和高都不少于 %(side)s 像素，不超过 3 MB（超过 300 万像素会自动缩小）"
)
MIN_WORKING_AGE = (
    14  # the law says 16, with exceptions and an earlier practice; below 14 it is a slip of the pen
)
CONSENT_TEXT_VERSION = "2026-11-2"  # a new one with each change of the texts below
COMMON_PASSWORDS = frozenset(
    {"password", "12345678", "123456789", "1234567890", "11111111", "88888888", "00000000", "qwertyui",
     "abc12345", "a1234567", "password1", "iloveyou", "admin123", "1qaz2wsx", "woaini1314", "asdfghjk"}
)  # fmt: skip


class Role(StrEnum):
    """What a person may do; each is held within a scope."""

    TRAINEE = "trainee"
    INSTITUTION_OFFICER = "institution_officer"
    REVIEWER = "reviewer"
    QUESTION_ADMIN = "question_admin"
    EXAM_ADMIN = "exam_admin"
    REGISTRAR = "registrar"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


STAFF_ROLES = tuple(role for role in Role if role is not Role.TRAINEE)

ROLE_NAMES: dict[Role, str] = {
    Role.TRAINEE: N_("考生"),
    Role.INSTITUTION_OFFICER: N_("单位经办人"),
    Role.REVIEWER: N_("审核员"),
    Role.QUESTION_ADMIN: N_("题库管理员"),
    Role.EXAM_ADMIN: N_("考务管理员"),
    Role.REGISTRAR: N_("登记员"),
    Role.AUDITOR: N_("审计员"),
    Role.ADMINISTRATOR: N_("系统管理员"),
}


PROVINCE_ROLES = frozenset({Role.QUESTION_ADMIN, Role.AUDITOR})
"""One bank and one record serve the whole province, so these roles have no smaller scope."""


class Language(StrEnum):
    """The languages of the site."""

    CHINESE = "zh"
    ENGLISH = "en"


class PersonState(StrEnum):
    """Whether a person may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class OrganisationKind(StrEnum):
    """The three tiers (A18)."""

    PROVINCE = "province"
    CITY = "city"
    INSTITUTION = "institution"


class ConsentPurpose(StrEnum):
    """What a person agrees to, separately (H22, PIPL 25 and 29)."""

    PURPOSE = "purpose"
    SENSITIVE = "sensitive"
    VERIFICATION = "verification"


REQUIRED_CONSENTS = (ConsentPurpose.PURPOSE, ConsentPurpose.SENSITIVE, ConsentPurpose.VERIFICATION)
"""All three are needed before an application: the certificate is checked in public (H22)."""

CONSENT_TEXTS: dict[ConsentPurpose, str] = {
    ConsentPurpose.PURPOSE: N_("我已阅读个人信息保护说明，同意为报名、培训、考核和登记处理我的个人信息"),
    ConsentPurpose.SENSITIVE: N_("我单独同意处理我的证件号码和照片，用于核对身份和制发证书"),
    ConsentPurpose.VERIFICATION: N_("我单独同意在证书查验页公开隐去部分文字的姓名、证件号码和证书状态"),
}

# A5: the eight identity flags of the work data form.
IDENTITY_FLAGS = (
    N_("在校人员"), N_("服役军人"), N_("下岗人员"), N_("失业人员"), N_("残疾人员"), N_("农民工"), N_("两劳人员"),
    N_("其他"),
)  # fmt: skip
# D12: the eleven words of the forms, not the codes of GB/T 4658.
EDUCATIONS = (
    N_("研究生"), N_("大学本科"), N_("大学专科"), N_("中专"), N_("技校"), N_("高级技校"), N_("技师学院"), N_("高中"),
    N_("职高"), N_("初中"), N_("小学"),
)  # fmt: skip
EXAM_REGIONS = (N_("省直"),)  # A6: the only region; a wrong one cannot be chosen
CANDIDATE_CATEGORIES = (N_("企业职工"), N_("院校教师"), N_("协会会员单位职工"), N_("其他"))
MALE, FEMALE = N_("男"), N_("女")

# Only the ten digits of ASCII: `\d` would also take those of other scripts, and one person would have two numbers.
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
MOBILE_LENGTH = 11
_DIGITS = re.compile(r"[0-9]*")
_BETWEEN_DIGITS = re.compile(
    r"[\s\u002d\u2010-\u2015\u2212]"
)  # spaces, hyphens and what word processors make of them
MIN_NAME_LETTERS = 2
_MORE_LETTERS = frozenset("〇")  # a number to Unicode, a letter to whoever bears it
_NAME_JOINTS = frozenset("·•・‧．.'’- ")  # between the parts of names, as different keyboards write them
_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ID_NUMBER_LENGTH = 18
INSTITUTION_CODE = re.compile(r"[0-9]{8}")  # C6
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


def plain_login_name(text: str) -> str:
    """Write a login name as it is kept: a mobile number plainly, any other name in lower case."""
    mobile = plain_mobile(text)
    return mobile if _MOBILE.fullmatch(mobile) else text.strip().lower()


def mobile_reasons(mobile: str) -> list[Reason]:
    """Say why a mobile number cannot be used (mainland numbers, 11 digits)."""
    if _MOBILE.fullmatch(mobile):
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
    letters = [one for one in plain if unicodedata.category(one)[0] == "L" or one in _MORE_LETTERS]
    if len(letters) >= MIN_NAME_LETTERS and all(one in _NAME_JOINTS or one in letters for one in plain):
        return []
    return [
        Reason(
            code="name.format", rule=N_("姓名为两个字以上，只含文字和间隔号"), now=N_("您填写了“%(name)s”"),
            way_out=N_("请按身份证上的姓名填写"), params={"name": plain}, source="A4", field_name="name",
        )
    ]  # fmt: skip


def employed_since_reasons(since: date | None, born: date | None, today: date) -> list[Reason]:
    """Say why somebody cannot have begun to work on a day; `born` may be unknown."""
    if since is None:
        return []
    if since > today:
        return [_employed_fault("future", N_("参加工作时间不晚于今天"), since)]
    if born is not None:
        age = since.year - born.year - ((since.month, since.day) < (born.month, born.day))
        if age < MIN_WORKING_AGE:
            return [_employed_fault("too_young", N_("参加工作时间不早于 %(age)s 周岁"), since)]
    return []


def _employed_fault(part: str, rule: str, since: date) -> Reason:
    return Reason(
        code=f"employed_since.{part}", rule=rule, now=N_("您填写了 %(since)s"), way_out=N_("请核对年份"),
        params={"since": since.isoformat(), "age": MIN_WORKING_AGE}, source="A5", field_name="employed_since",
    )  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What the profile-first gate looks at."""

    has_profile: bool
    has_photo: bool
    has_employer: bool
    employer_is_filed: bool
    consents: frozenset[ConsentPurpose]


def profile_reasons(facts: ProfileFacts) -> list[Reason]:
    """Say what of the profile is missing before an application (A3, A5, A7, A10, H22)."""
    reasons = []
    if not facts.has_profile:
        reasons.append(_profile_gap("profile.missing", N_("还没有填写个人信息"), "A3"))
    if not facts.has_photo:
        reasons.append(_profile_gap("profile.photo_missing", N_("还没有上传近期免冠照片"), "A7"))
    if not facts.has_employer:
        reasons.append(_profile_gap("profile.employer_missing", N_("还没有选择工作单位"), "A5"))
    elif not facts.employer_is_filed:
        reasons.append(
            Reason(
                code="profile.employer_not_filed", rule=N_("只有已备案或正在备案的评价机构的人员可以报名"),
                now=N_("您的工作单位还没有备案"), way_out=N_("请联系单位经办人办理备案"), source="A10",
            )
        )  # fmt: skip
    missing = [purpose for purpose in REQUIRED_CONSENTS if purpose not in facts.consents]
    if missing:
        reasons.append(
            Reason(
                code="consent.missing", rule=N_("报名前须同意个人信息保护说明的各项内容"),
                now=NN_("还有 %(count)s 项没有同意"), way_out=N_("请到“同意事项”页逐项确认"), source="H22",
                params={"count": len(missing)},
            )
        )  # fmt: skip
    return reasons


def _profile_gap(code: str, now: str, source: str) -> Reason:
    return Reason(
        code=code,
        rule=N_("先维护个人信息，后报名考试"),
        now=now,
        way_out=N_("请到个人信息页补全"),
        source=source,
    )


class IdentityLock(StrEnum):
    """Whether name, ID number and portrait may be changed by their owner."""

    OPEN = "open"
    LOCKED = "locked"
    """An application under review or in force rests on them: what was reviewed is what gets certified (A12, C1)."""
    CORRECTING = "correcting"
    """An administrator has allowed one correction; saving it locks again."""


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


def grant_reasons(role: Role, kind: OrganisationKind) -> list[Reason]:
    """Say why a role cannot be held within an organisation of this kind."""
    if role in PROVINCE_ROLES and kind is not OrganisationKind.PROVINCE:
        return [
            Reason(
                code="grant.province_only", rule=N_("题库和审计记录是全省一份，题库管理员和审计员只能由省中心授权"),
                now=N_("您选择的范围不是省中心"), way_out=N_("请把范围改为省中心，或换一个角色"), source="I1",
                field_name="organisation_id",
            )
        ]  # fmt: skip
    if role is Role.INSTITUTION_OFFICER and kind is not OrganisationKind.INSTITUTION:
        return [
            Reason(
                code="grant.institution_only", rule=N_("单位经办人属于一个评价机构，只办理本单位人员的事"),
                now=N_("您选择的范围是省中心或市中心"), way_out=N_("请把范围改为一个评价机构，或换一个角色"),
                source="A18", field_name="organisation_id",
            )
        ]  # fmt: skip
    return []


def session_is_live(
    created_at: datetime, seen_at: datetime, revoked_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a login session still counts: not revoked, not idle, not too old (fault H3)."""
    return revoked_at is None and now - seen_at < IDLE_LIMIT and now - created_at < ABSOLUTE_LIMIT


def organisation_path(kind: OrganisationKind, own_id: str, parent_path: str) -> str:
    """Return the scope path of a new organisation (A18: a provincial institution skips the city)."""
    if kind is OrganisationKind.PROVINCE:
        return "/"
    if kind is OrganisationKind.INSTITUTION and parent_path == "/":
        return f"/-/{own_id}/"
    return f"{parent_path}{own_id}/"
