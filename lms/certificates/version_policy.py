"""The rules of versions: when a number is printed anew, what the new sheet says of it, and when that is given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.core.errors import N_, Reason

LAST_VERSION = 99


class VersionCause(StrEnum):
    """Why there is a later version of a certificate."""

    NAME_CORRECTED = "name_corrected"
    LOST = "lost"
    LEAKED = "leaked"
    RESTORED = "restored"


REISSUE_CAUSES = (VersionCause.NAME_CORRECTED, VersionCause.LOST, VersionCause.LEAKED)
"""What one registrar may have printed anew; a restoration is decided by two."""

CAUSE_NAMES: Mapping[VersionCause, str] = {
    VersionCause.NAME_CORRECTED: N_("更正姓名"),
    VersionCause.LOST: N_("原证书遗失"),
    VersionCause.LEAKED: N_("原查验码泄露"),
    VersionCause.RESTORED: N_("撤销有误，恢复"),
}

# What the sheet itself says: its words are those of the document and are never translated.
_PRINTED: Mapping[VersionCause, str] = {
    VersionCause.NAME_CORRECTED: "更正姓名",
    VersionCause.LOST: "原证书遗失",
    VersionCause.LEAKED: "原查验码泄露",
    VersionCause.RESTORED: "撤销有误，予以恢复",
}


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
    return f"第 {version} 版（{made_on}补发：{_PRINTED[VersionCause(cause)]}）"


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
    chain: Chain, cause: VersionCause, printed_name: str, present_name: str, today: date
) -> list[Reason]:
    """Say why a certificate cannot be printed anew for a cause that one registrar may name.

    `printed_name` stands on the version in force, `present_name` in the holder's profile.
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
    if cause is VersionCause.NAME_CORRECTED and printed_name == present_name:
        reasons.append(
            Reason(
                "version.same_name", N_("更正姓名的，个人信息里的姓名须已更正"), now=N_("现在的姓名与证书上的相同"),
                way_out=N_("请先在账号管理里允许持证人更正姓名，再来补发"), field_name="cause",
            )
        )  # fmt: skip
    if cause in (VersionCause.LOST, VersionCause.LEAKED) and printed_name != present_name:
        reasons.append(
            Reason(
                "version.other_name", N_("遗失或泄露的，照原样补发"), now=N_("持证人的姓名已经更正，与证书上的不同"),
                way_out=N_("请选择“更正姓名”"), field_name="cause",
            )
        )  # fmt: skip
    return reasons


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


def cannot_give_way() -> Reason:
    """Say that a printed version cannot take the place of the one before it."""
    return Reason(
        "version.cannot_give_way", N_("新版本签发时，原版本须仍然有效"), now=N_("原版本的状态已经变化"),
        way_out=N_("请登记员核实原版本，或取消这次补发"),
    )  # fmt: skip
