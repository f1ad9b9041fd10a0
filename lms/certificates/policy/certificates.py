"""The rules of certificates: validity, what is printed, and the moves of a certificate."""

from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lms.core.errors import N_, NN_, Reason, Word
from lms.core.identifiers import ID_LENGTH
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import ExaminerLevel
from question_bank.phrases import Phrase, phrase

PLACE = ZoneInfo("Asia/Shanghai")  # the year of a number and the days of validity are local (fault P2)
MAX_NAME_LENGTH = 40  # fault F6
MAX_OCCUPATION_LENGTH = 60
MAX_ISSUER_LENGTH = 30
MIN_REASON_LENGTH = 4
MAX_REASON_LENGTH = 200
EXPIRING_WITHIN = timedelta(days=90)
OVERDUE_AFTER = timedelta(minutes=2)
"""So long numbering and printing take at the most while all is well (invariants C2, C2b)."""
CODE_GROUP = 4


class CertificateState(StrEnum):
    """Where a certificate stands; expired is read from its last day."""

    PENDING = "pending"
    ISSUED = "issued"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


class Origin(StrEnum):
    """Where a certificate comes from."""

    ISSUED = "issued"
    IMPORTED = "imported"
    """Issued before this system and taken over: its first version has a number and no file here."""


CERTIFICATE = StateMachine(
    name="certificate",
    initial=CertificateState.PENDING,
    moves={
        "issue": Move((CertificateState.PENDING,), CertificateState.ISSUED),
        "take_over": Move((CertificateState.PENDING,), CertificateState.ISSUED),
        "suspend": Move((CertificateState.PENDING, CertificateState.ISSUED), CertificateState.SUSPENDED),
        "resume": Move((CertificateState.SUSPENDED,), CertificateState.ISSUED),
        "resume_unprinted": Move((CertificateState.SUSPENDED,), CertificateState.PENDING),
        "revoke": Move((CertificateState.ISSUED, CertificateState.SUSPENDED), CertificateState.REVOKED),
        "supersede": Move((CertificateState.ISSUED,), CertificateState.SUPERSEDED),
        # A later version that was given up before it was printed; a first one is never given up.
        "drop": Move((CertificateState.PENDING,), CertificateState.DROPPED),
    },
)


class Standing(StrEnum):
    """What a page says of a certificate at a moment."""

    PENDING = "pending"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


GRADES: dict[ExaminerLevel, tuple[str, ...]] = {
    ExaminerLevel.EXAMINER: (N_("五级/初级工"), N_("四级/中级工"), N_("三级/高级工")),  # A14
    # 川人社职鉴〔2022〕21号, art. 3: a senior examiner assesses the two highest levels as well.
    ExaminerLevel.SENIOR: (
        N_("五级/初级工"), N_("四级/中级工"), N_("三级/高级工"), N_("二级/技师"), N_("一级/高级技师"),
    ),
}  # fmt: skip


def local_day(instant: datetime) -> date:
    """Return the calendar day of an instant in Asia/Shanghai."""
    return instant.astimezone(PLACE).date()


def valid_until(valid_from: date, years: int) -> date:
    """Return the last valid day: the day before the same date `years` later (C2).

    2026-12-08 gives 2029-12-07. From 29 February the same date does not exist in a common year; the
    first of March stands for it, so the last day is 28 February (fault P2).
    """
    try:
        anniversary = valid_from.replace(year=valid_from.year + years)
    except ValueError:
        anniversary = date(valid_from.year + years, 3, 1)
    return anniversary - timedelta(days=1)


def standing(state: CertificateState, until: date, now: datetime) -> Standing:
    """Say how a certificate stands on the day of `now`; the last valid day still counts."""
    if state is not CertificateState.ISSUED:
        return Standing(state.value)
    left = until - local_day(now)
    if left < timedelta(0):
        return Standing.EXPIRED
    return Standing.EXPIRING if left < EXPIRING_WITHIN else Standing.VALID


def ground_reasons(code: str, words: str, *, source: str = "C5", field_name: str = "reason") -> list[Reason]:
    """Say why the written ground of an act on a certificate or its entry in the registry is none (C5).

    `code` names the act. Blanks around the words do not count.
    """
    length = len(words.strip())
    if MIN_REASON_LENGTH <= length <= MAX_REASON_LENGTH:
        return []
    return [
        Reason(
            code, N_("须写明依据，%(low)s 至 %(high)s 个字"), now=NN_("您填写了 %(length)s 个字", "length"),
            way_out=N_("请写明事实和依据，不要写个人信息"), source=source, field_name=field_name,
            params={"low": MIN_REASON_LENGTH, "high": MAX_REASON_LENGTH, "length": length},
        )
    ]  # fmt: skip


def revoke_reasons(state: CertificateState, reason: str) -> list[Reason]:
    """Say why a certificate cannot be revoked: only an issued or suspended one, and only with a written reason (C5)."""
    reasons = []
    if not CERTIFICATE.allows("revoke", state):
        reasons.append(
            Reason(
                "certificate.not_issued", N_("只有已签发的证书可以撤销"), now=N_("这张证书现在不是已签发状态"),
                way_out=N_("请刷新页面查看当前状态"),
            )
        )  # fmt: skip
    return [*reasons, *ground_reasons("revoke.reason", reason)]


def not_completed(application_id: str) -> Reason:
    """Say that an application has nothing to certify yet."""
    return Reason(
        "certificate.not_completed", N_("最后一个阶段通过后才签发证书"), now=N_("报名 %(id)s 还有阶段没有通过"),
        way_out=N_("通过后自动签发，不需要申请"), source="H4", params={"id": application_id},
    )  # fmt: skip


def already_certified(number: str) -> Reason:
    """Say that a live certificate stands in the way."""
    return Reason(
        "certificate.live", N_("同一人、同一职业、同一级别只能有一张有效证书"), now=N_("证书 %(number)s 仍然有效"),
        way_out=N_("如需更换，请登记员先撤销或到期后换证"), source="C4", params={"number": number},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything one certificate prints, as ready text."""

    over: str
    """The line above the title, with the province: 江岚省技能人才评价."""
    title: str
    number: str
    number_parts: str
    name: str
    sex: str
    id_number_masked: str
    occupation: str
    """Name, code and edition (H16): 电工（6-31-01-03，2022年版）."""
    level: str
    grades: str
    validity: str
    issuer: str
    issued_on: str
    verification_url: str
    verification_code_parts: str
    statement_words: str = ""
    """The sentence that follows the holder's name, ready to be printed."""
    logo_key: str = ""
    stamp_key: str = ""
    """Keys of the layout's pictures in the store, "" without one."""
    mark: str = ""
    """What stands across a sheet that certifies nothing: 样张."""
    version_note: str = ""
    """Which version this is and why there is one: 第 2 版（2027年3月1日补发：原证书遗失）. Empty on the first."""

    @property
    def statement(self) -> str:
        """The sentence that follows the holder's name."""
        return self.statement_words or (
            f"同志，参加{self.level}培训并经考核合格，具备{self.level}资格，"
            "可从事下列职业（工种）和等级的技能人才评价考评工作。"
        )

    def text(self) -> str:
        """Return all text, for the check of glyphs."""
        return "".join(astuple(self))


def sheet_reasons(sheet: Sheet) -> list[Reason]:
    """Say what is too long to be printed (fault F6)."""
    limits = (
        (Word(N_("姓名")), sheet.name, MAX_NAME_LENGTH),
        (Word(N_("职业名称")), sheet.occupation, MAX_OCCUPATION_LENGTH),
        (Word(N_("发证机关")), sheet.issuer, MAX_ISSUER_LENGTH),
    )
    return [
        Reason(
            "sheet.length", N_("证书上的“%(what)s”最多 %(limit)s 个字"), now=NN_("现在有 %(length)s 个字", "length"),
            way_out=N_("请登记员更正后重新签发"), params={"what": what, "limit": limit, "length": len(text)},
        )
        for what, text, limit in limits
        if len(text) > limit
    ]  # fmt: skip


def missing_glyphs(signs: str) -> Reason:
    """Say which characters no certificate font can show. Code points, not the name, go into logs (fault G1)."""
    return Reason(
        "sheet.glyphs", N_("证书上的每个字都要能打印"), now=N_("字库里没有这些字：%(points)s"),
        way_out=N_("请系统管理员补充字库后重试，编号已为本证书保留"),
        params={"points": " ".join(f"U+{ord(sign):04X}" for sign in signs)},
    )  # fmt: skip


def fonts_missing() -> Reason:
    """Say that the certificate's fonts are not there, so that nothing can be printed at all."""
    return Reason(
        "sheet.fonts", N_("打印证书要有证书字库"), now=N_("服务器上没有找到字库文件"),
        way_out=N_("请系统管理员运行 script/setup 后重试，编号已为本证书保留"),
    )  # fmt: skip


def date_text(day: date) -> str:
    """Write a day as the certificate prints it: 2026年12月8日."""
    return f"{day.year}年{day.month}月{day.day}日"


def validity_text(first: date, last: date) -> str:
    """Write a validity as the certificate prints it: 2026年12月8日至2029年12月7日."""
    return f"{date_text(first)}至{date_text(last)}"


def occupation_words(name: str, code: str, edition: str) -> Phrase:
    """Say an occupation with its code and the edition of the code (H16)."""
    return phrase(N_("%(name)s（%(code)s，%(edition)s年版）"), name=name, code=code, edition=edition)


def occupation_text(name: str, code: str, edition: str) -> str:
    """Write an occupation as the certificate prints it: 电工（6-31-01-03，2022年版）."""
    return occupation_words(name, code, edition).say()


def code_parts(code: str) -> str:
    """Write a verification code in groups of four, for people who type it."""
    return "-".join(code[start : start + CODE_GROUP] for start in range(0, len(code), CODE_GROUP))


def normalise_code(text: str) -> str:
    """Fold what people type or scan into the stored form of a verification code; "" when it cannot be one."""
    code = bare_code(text)
    return code if len(code) == ID_LENGTH and code.isascii() and code.isalnum() else ""


def bare_code(text: str) -> str:
    """Return what was typed as a verification code without its case, hyphens and spaces."""
    return "".join(sign for sign in text.lower() if sign not in "- \u3000")


def grades_words(level: ExaminerLevel) -> Phrase:
    """Say the grades an examiner of a level may assess (A14)."""
    return phrase("%(grades)s", grades=tuple(Phrase(grade) for grade in GRADES[level]))


def grades_text(level: ExaminerLevel) -> str:
    """Write the grades as the certificate prints them."""
    return grades_words(level).say()
