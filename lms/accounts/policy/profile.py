"""The data form, the agreements, and what an application needs of both."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason

MIN_WORKING_AGE = (
    14  # the law says 16, with exceptions and an earlier practice; below 14 it is a slip of the pen
)
CONSENT_TEXT_VERSION = (
    "2026-11-3"  # a new one with each change of the texts below, or of the notice they name
)


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

CONSENT_NAMES: dict[ConsentPurpose, str] = {
    ConsentPurpose.PURPOSE: N_("处理个人信息"),
    ConsentPurpose.SENSITIVE: N_("处理证件号码和照片"),
    ConsentPurpose.VERIFICATION: N_("公开查验"),
}
"""Each agreement in a few words, for records and lists."""

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
