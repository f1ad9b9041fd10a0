"""The rules of duplicates: when one entry may be merged into another, and when that is undone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.certificates.policy.certificates import ground_reasons
from lms.certificates.policy.decisions import second_person_reasons
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import ExaminerLevel
from lms.registry.policy.entries import EntryState


class MergeKind(StrEnum):
    """What two registrars decide about two entries."""

    MERGE = "merge"
    SPLIT = "split"


class MergeState(StrEnum):
    """The life of a proposal."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


MERGE: StateMachine[MergeState] = StateMachine(
    "registry_merge",
    MergeState.PROPOSED,
    {
        "accept": Move((MergeState.PROPOSED,), MergeState.ACCEPTED),
        # Also when the one who proposed it takes it back.
        "refuse": Move((MergeState.PROPOSED,), MergeState.REFUSED),
    },
)
KIND_NAMES: Mapping[MergeKind, str] = {
    MergeKind.MERGE: N_("并入另一条登记"),
    MergeKind.SPLIT: N_("撤回并入"),
}
STATE_NAMES: Mapping[MergeState, str] = {
    MergeState.PROPOSED: N_("等待第二人决定"),
    MergeState.ACCEPTED: N_("已照办"),
    MergeState.REFUSED: N_("没有采用"),
}
TAKEN_WORDS: Mapping[MergeKind, str] = {
    MergeKind.MERGE: N_("并入了重复的登记 %(number)s"),
    MergeKind.SPLIT: N_("撤回了登记 %(number)s 的并入"),
}
"""How the history of the entry that stays tells it."""
SPLIT_VERBS: Mapping[EntryState, str] = {
    EntryState.EXPIRED: "split_expired",
    EntryState.REVOKED: "split_revoked",
}
"""How an entry comes back to where it stood before it was merged."""
SETTLED = tuple(SPLIT_VERBS)
"""How an entry must stand to be merged: out of force for good, or until it is renewed."""


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """One proposal as pages and rules see it."""

    id: str
    kind: MergeKind
    state: MergeState
    entry_id: str
    into_id: str
    words: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Side:
    """What the rules look at of one of two entries."""

    entry_id: str
    state: EntryState
    occupation_edition: str
    occupation_code: str
    level: ExaminerLevel
    live_number: str = ""
    """The certificate of its place that is in force, suspended or on its way, or ""."""
    has_decision: bool = False
    """Two persons are deciding about its certificate."""
    holds_merged: bool = False
    """Other entries were merged into it."""


def merge_reasons(ends: Side, stays: Side) -> list[Reason]:
    """Say why one entry cannot end as a duplicate of another.

    What is in force is never lost in a merge: only an entry that carries nobody any more may end (C4, H16).
    """
    if ends.entry_id == stays.entry_id:
        return [
            Reason(
                "merge.self", N_("并入的和保留的须是两条登记"), N_("您选的是同一条登记"),
                N_("请选择另一条登记"), source="H16", field_name="number",
            )
        ]  # fmt: skip
    reasons = []
    if _trade(ends) != _trade(stays):
        reasons.append(
            Reason(
                "merge.standing", N_("只有同一职业（同一大典版本）、同一级别的登记才可能重复"),
                N_("这两条登记的职业、版本或级别不同"),
                N_("同一人的不同职业或级别各有一条登记，不需要合并"), source="H16", field_name="number",
            )
        )  # fmt: skip
    if EntryState.MERGED in (ends.state, stays.state):
        reasons.append(
            Reason(
                "merge.merged", N_("已并入的登记不再参加合并"), N_("其中一条已并入别的登记"),
                N_("请打开它所并入的那一条再办理，或先撤回那次并入"), source="H16", field_name="number",
            )
        )  # fmt: skip
    if ends.holds_merged:
        reasons.append(
            Reason(
                "merge.holds", N_("已有登记并入的那一条应当保留"), N_("要并入的这一条里已并入了别的登记"),
                N_("请反过来合并，或先撤回那次并入"), source="H16",
            )
        )  # fmt: skip
    if ends.live_number:
        way_out = (
            N_("两条都有有效的证书：请先由两名登记员撤销其中一张，或等一张到期后再合并")
            if stays.live_number
            else N_("请反过来合并；要保留的是另一条时，先撤销这张证书，或等它到期")
        )
        reasons.append(
            Reason(
                "merge.in_force", N_("证书还有效、暂停或正在制作的登记不能并入别的登记"),
                N_("证书 %(number)s 还没有失效"), way_out, source="C4", params={"number": ends.live_number},
            )
        )  # fmt: skip
    elif ends.state not in (*SETTLED, EntryState.MERGED):
        reasons.append(
            Reason(
                "merge.state", N_("到期或撤销的登记才能并入别的登记"), N_("要并入的这一条还没有到期或撤销"),
                N_("请等状态写入后再办理，一般一小时内"), source="E7",
            )
        )  # fmt: skip
    if ends.has_decision:
        reasons.append(
            Reason(
                "merge.decision", N_("证书等待两人决定时不能合并"), N_("要并入的登记有一个处理意见等待第二人决定"),
                N_("请先由另一名登记员同意或不采用"), source="C5",
            )
        )  # fmt: skip
    return reasons


def split_reasons(state: EntryState, taken_by: str) -> list[Reason]:
    """Say why a merge cannot be undone. `taken_by`: the number of another entry that holds the place now, or ""."""
    if state is not EntryState.MERGED:
        return [
            Reason(
                "split.state", N_("只有已并入的登记可以撤回并入"), N_("这条登记没有并入别的登记"),
                N_("请刷新页面查看当前状态"), source="E7",
            )
        ]  # fmt: skip
    if not taken_by:
        return []
    return [
        Reason(
            "split.taken", N_("同一证件号码、同一职业、同一级别只有一条登记"),
            N_("这个证件号码后来有了另一条登记 %(number)s"),
            N_("请核对两条登记是不是同一人；是同一人的，请把到期的一条并入"), source="H16", params={"number": taken_by},
        )
    ]  # fmt: skip


def words_reasons(words: str) -> list[Reason]:
    """Say why a ground is not written as it must be."""
    return ground_reasons("merge.words", words)


def ended_by_merge(number: str) -> str:
    """Write the answer to a request about an entry that ends behind the one with this number."""
    return "这条登记已并入编号 {} 的登记；仍要变更的，请在那条登记上重新申请".format(number)  # noqa: UP032 - one text


def decider_reasons(facts: MergeFacts, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide: what he proposed himself another one decides."""
    return second_person_reasons(facts.proposed_by, person_id)


def waits_already() -> Reason:
    """Say that something about these entries waits for its second person already."""
    return Reason(
        "merge.waits", N_("同一条登记一次只办一个合并事项"), N_("已有一个合并意见等待第二人决定"),
        N_("请先由另一名登记员同意或不采用"), source="C5",
    )  # fmt: skip


def unknown_number() -> Reason:
    """Say that no entry that somebody may merge with has a number."""
    return Reason(
        "merge.number", N_("请填写另一条登记现在的证书编号"), N_("您管理范围内没有这个编号的登记"),
        N_("请核对编号；由别的地区签发的，请上一级登记员办理"), source="H16", field_name="number",
    )  # fmt: skip


def _trade(side: Side) -> tuple[str, str, ExaminerLevel]:
    return side.occupation_edition, side.occupation_code, side.level
