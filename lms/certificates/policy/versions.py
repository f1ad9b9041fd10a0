"""The rules of versions: when a number is printed anew, what the new sheet says of it, and when that is given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.certificates.numbers import CertificateNumber
from lms.certificates.policy.certificates import CertificateState
from lms.core.errors import N_, Reason

LAST_VERSION = 99


class VersionCause(StrEnum):
    """Why there is a later version of a certificate."""

    NAME_CORRECTED = "name_corrected"
    ID_CORRECTED = "id_corrected"
    LOST = "lost"
    LEAKED = "leaked"
    RESTORED = "restored"
    RENEWED = "renewed"
    """Certified again after its end, under the same number (H7)."""


REISSUE_CAUSES = (
    VersionCause.NAME_CORRECTED, VersionCause.ID_CORRECTED, VersionCause.LOST, VersionCause.LEAKED,
)  # fmt: skip
"""What one registrar may have printed anew; a restoration is decided by two, a renewal by nobody: it is passed."""

STATE_BEFORE: Mapping[VersionCause, CertificateState] = {
    VersionCause.RESTORED: CertificateState.REVOKED,
    # Nobody may be certified beside an expired one that is not superseded, so it is from the moment of numbering (C4).
    VersionCause.RENEWED: CertificateState.SUPERSEDED,
}
"""Where the version before stands when one for such a cause is issued; for any other cause it is in force."""

CAUSE_NAMES: Mapping[VersionCause, str] = {
    VersionCause.NAME_CORRECTED: N_("更正姓名"),
    VersionCause.ID_CORRECTED: N_("更正证件号码"),
    VersionCause.LOST: N_("原证书遗失"),
    VersionCause.LEAKED: N_("原查验码泄露"),
    VersionCause.RESTORED: N_("撤销有误，恢复"),
    VersionCause.RENEWED: N_("到期换证"),
}

# What the sheet itself says: its words are those of the document and are never translated.
_PRINTED: Mapping[VersionCause, str] = {
    VersionCause.NAME_CORRECTED: "更正姓名",
    VersionCause.ID_CORRECTED: "更正证件号码",
    VersionCause.LOST: "原证书遗失",
    VersionCause.LEAKED: "原查验码泄露",
    VersionCause.RESTORED: "撤销有误，予以恢复",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as a certificate bears it and as his profile says it now."""

    name: str
    id_number_index: str
    id_number_masked: str
    sex: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What the rules of a new version look at."""

    is_in_force: bool
    """The version that stands is issued, neither suspended, revoked nor superseded by another number."""
    is_revoked: bool
    valid_until: date
    newest: int
    """The highest version there is, printed or not."""
    has_unprinted: bool
    has_decision: bool
    """A decision of two persons about it stands."""


def version_note(version: int, cause: VersionCause | str | None, made_on: str) -> str:
    """Write what a later version prints about itself; nothing for the first.

    `made_on` is the day it was made, as the certificate writes days.
    """
    if version == 1 or cause is None:
        return ""
    if cause == VersionCause.RENEWED:
        return f"第 {version} 版（{made_on}换证）"
    return f"第 {version} 版（{made_on}补发：{_PRINTED[VersionCause(cause)]}）"


def may_be_kept(number: str, newest: int, number_rule: str, institution_code: str) -> bool:
    """Tell whether a renewal can bear the number of the expired certificate, whose last version is `newest` (H7).

    A number says by which rule it was made and who issued it (C6), so it is kept only where both are still so: one
    of an older rule, or of another institution, is followed by a new number.
    """
    parsed = CertificateNumber.parse(number)
    if parsed is None or newest >= LAST_VERSION:
        return False
    return (parsed.rule.code, parsed.institution) == (number_rule, institution_code)


def _waiting_reasons(chain: Chain, today: date) -> list[Reason]:
    """Say what stands in the way of any later version."""
    reasons = []
    if chain.has_unprinted:
        reasons.append(
            Reason(
                "version.unprinted", N_("同一编号一次只制作一个新版本"), now=N_("已有一个新版本正在制作"),
                way_out=N_("请等它制好；制作不了的，可以先取消"),
            )
        )  # fmt: skip
    if chain.has_decision:
        reasons.append(
            Reason(
                "version.decision", N_("两人决定期间不能补发"), now=N_("这张证书有等待第二人决定的事项"),
                way_out=N_("请先办完该事项"), source="C5",
            )
        )  # fmt: skip
    if chain.valid_until < today:
        reasons.append(
            Reason(
                "version.expired", N_("到期的证书不补发"), now=N_("这张证书已到期"),
                way_out=N_("请持证人按换证的安排办理"), source="C2",
            )
        )  # fmt: skip
    if chain.newest >= LAST_VERSION:
        reasons.append(
            Reason(
                "version.many", N_("同一编号最多 %(limit)s 个版本"), now=N_("这个编号已经用完"),
                way_out=N_("请联系系统管理员"), params={"limit": LAST_VERSION},
            )
        )  # fmt: skip
    return reasons


def reissue_reasons(
    chain: Chain,
    cause: VersionCause,
    printed: Identity,
    present: Identity,
    today: date,
    rival_number: str = "",
) -> list[Reason]:
    """Say why a certificate cannot be printed anew for a cause that one registrar may name.

    `printed` stands on the version in force, `present` in the holder's profile; `rival_number` is registered for the
    same occupation and level under the ID number which the profile has now.
    """
    reasons = _waiting_reasons(chain, today)
    if cause not in REISSUE_CAUSES:
        reasons.append(
            Reason(
                "version.cause", N_("恢复已撤销的证书由两人决定"), now=N_("补发不能用于恢复"),
                way_out=N_("请在登记页提出恢复"), source="C5", field_name="cause",
            )
        )  # fmt: skip
    if not chain.is_in_force:
        reasons.append(
            Reason(
                "version.not_in_force", N_("只有已签发、没有暂停或撤销的证书可以补发"), now=N_("这张证书现在不是这样"),
                way_out=N_("请刷新页面查看当前状态"),
            )
        )  # fmt: skip
    reasons += _id_number_reasons(cause, printed, present, rival_number)
    if printed.id_number_index != present.id_number_index:
        return reasons
    if cause is VersionCause.NAME_CORRECTED and printed.name == present.name:
        reasons.append(
            Reason(
                "version.same_name", N_("更正姓名的，个人信息里的姓名须已更正"), now=N_("现在的姓名与证书上的相同"),
                way_out=N_("请先在账号管理里允许持证人更正姓名，再来补发"), field_name="cause",
            )
        )  # fmt: skip
    if cause in (VersionCause.LOST, VersionCause.LEAKED) and printed.name != present.name:
        reasons.append(
            Reason(
                "version.other_name", N_("遗失或泄露的，照原样补发"), now=N_("持证人的姓名已经更正，与证书上的不同"),
                way_out=N_("请选择“更正姓名”"), field_name="cause",
            )
        )  # fmt: skip
    return reasons


def _id_number_reasons(
    cause: VersionCause, printed: Identity, present: Identity, rival_number: str
) -> list[Reason]:
    """Say what the ID number has against a cause: it is corrected by its own, and before anything else is printed."""
    differs = printed.id_number_index != present.id_number_index
    if cause is VersionCause.ID_CORRECTED and not differs:
        return [
            Reason(
                "version.same_id_number", N_("更正证件号码的，个人信息里的证件号码须已更正"),
                now=N_("现在的证件号码与证书上的相同"),
                way_out=N_("请先在账号管理里允许持证人更正证件号码，再来补发"), source="A12", field_name="cause",
            )
        ]  # fmt: skip
    if cause is VersionCause.ID_CORRECTED and rival_number:
        return [
            Reason(
                "version.id_number_taken", N_("同一证件号码、同一职业、同一级别只能有一条登记"),
                now=N_("更正后的证件号码已有证书 %(number)s"),
                way_out=N_("请先核实两张证书是否属于同一人，再决定保留哪一张"), source="C4", field_name="cause",
                params={"number": rival_number},
            )
        ]  # fmt: skip
    if cause is not VersionCause.ID_CORRECTED and differs:
        return [
            Reason(
                "version.other_id_number", N_("证件号码已更正的，先更正证书上的证件号码"),
                now=N_("持证人的证件号码已经更正，与证书上的不同"),
                way_out=N_("请选择“更正证件号码”，姓名同时按个人信息印制"), field_name="cause",
            )
        ]  # fmt: skip
    return []


def restore_reasons(chain: Chain, today: date, *, is_passed: bool, rival_number: str) -> list[Reason]:
    """Say why a revoked certificate cannot be restored.

    `is_passed`: every stage of its application is done and nobody has applied anew; `rival_number` names another
    certificate of the same person, occupation and level that is in force or on its way.
    """
    reasons = _waiting_reasons(chain, today)
    if not chain.is_revoked:
        reasons.append(
            Reason(
                "version.not_revoked", N_("只有已撤销的证书可以恢复"), now=N_("这张证书没有撤销"),
                way_out=N_("请刷新页面查看当前状态"),
            )
        )  # fmt: skip
    if not is_passed:
        reasons.append(
            Reason(
                "version.not_passed", N_("恢复的证书须仍有合格的学习和考试作依据"),
                now=N_("原报名现在不是全部合格，或者本人已重新报名"),
                way_out=N_("请先核实原报名，或让本人走完新的报名"), source="H4",
            )
        )  # fmt: skip
    if rival_number:
        reasons.append(
            Reason(
                "version.rival", N_("同一人、同一职业、同一级别只能有一张有效证书"),
                now=N_("证书 %(number)s 仍然有效"), way_out=N_("不需要恢复旧证书"), source="C4",
                params={"number": rival_number},
            )
        )  # fmt: skip
    return reasons


def renewal_stays() -> Reason:
    """Say that a renewal is not given up: somebody has passed for it, as for a first certificate."""
    return Reason(
        "version.renewal", N_("换证的版本和首次签发的证书一样，不能取消"), now=N_("这是换证的版本，持证人已重新合格"),
        way_out=N_("制作不了的，请按“未完成的证书”里的原因处理后再试一次"), source="H7",
    )  # fmt: skip


def cannot_give_way() -> Reason:
    """Say that a printed version cannot take the place of the one before it."""
    return Reason(
        "version.cannot_give_way", N_("新版本签发时，原版本须仍然有效"), now=N_("原版本的状态已经变化"),
        way_out=N_("请登记员核实原版本，或取消这次补发"),
    )  # fmt: skip
